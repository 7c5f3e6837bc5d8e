"""The steps, in order. They never import live tables: a step means the same for ever."""
