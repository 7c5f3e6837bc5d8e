"""Following a register from outside: whether it still holds to what it signed, and whether what it signs is right.

A monitor trusts nothing but verifier keys. It keeps the tree of all leaf hashes, each battery's newest entry, the keys
and the map in a file of its own (`state`), so that it fetches everything once and computes everything itself.
"""
