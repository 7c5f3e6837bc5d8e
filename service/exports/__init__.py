"""Exports of tables: one way to write them, so that each says what it holds and whether it is whole."""
