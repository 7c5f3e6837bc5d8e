"""Imports: files of models, packs, units and events become entries, each row with its outcome."""
