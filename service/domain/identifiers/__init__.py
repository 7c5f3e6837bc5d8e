"""What batteries, places and organisations are called: the schemes beside the battery code, and how a text is read.

`gs1_keys` and `identification_link` hold the schemes, `digital_link` and `element_string` the two ways in which GS1
keys are written, `recognition` finds out which of all these somebody typed or scanned, and `naming` says which names
an event gives a battery. The battery code, VIN, credit code and event id have modules of their own one level up.
"""
