"""The workshop's pages: a phone, a battery in hand, gloves, a bad network. All of them work without script."""
