"""Signed notes: checkpoints, cosignatures, witnesses and the policies that ask for them (C2SP)."""
