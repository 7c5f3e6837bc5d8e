"""The register's side of witnesses: who they are, asking them for cosignatures, keeping and serving what they give.

In reading order: roll (who is asked), asking (one request), rounds (what is offered to whom, and when), submission (the
chore), head (the newest witnessed checkpoint), waiting, guard (a register that is behind its witnesses).
"""
