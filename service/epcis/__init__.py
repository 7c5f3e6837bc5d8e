"""EPCIS 2.0: what is recorded, told and asked for in the words of GS1's standard for visibility events."""
