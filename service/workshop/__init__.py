"""The workshop: somebody with a battery in hand and a phone. What it is, what may be done with it now, and the form."""
