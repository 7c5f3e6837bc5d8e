"""The log: canonical entries, a Merkle tree over them, signed checkpoints and proofs. Knows no battery, SQL or HTTP.

Read `ledger/README.md` for every format, and the modules in this order: canonical, entry, jws, keyring, tree, proof,
tile, note, checkpoint, receipt, log, audit.
"""
