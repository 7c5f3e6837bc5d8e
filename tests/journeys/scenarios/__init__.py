"""The 25 acceptance scenarios, told by who acts in them: docs/scenarios.md lists them."""
