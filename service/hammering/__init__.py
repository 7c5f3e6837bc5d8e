"""Hammering: load for a running register that believes no answer.

In reading order: tally (what was counted, and what was wrong), line (a connection), view (the log as one reader has
verified it), writing, reading, hammer (all together, for a while).
"""
