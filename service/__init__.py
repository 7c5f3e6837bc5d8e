"""What the product does: use-cases on top of the log, and the rules of the battery domain."""
