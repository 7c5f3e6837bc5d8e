"""Keys: the log's own, the organisations' that the service holds, and the master key over both."""
