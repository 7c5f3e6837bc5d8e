"""The resources of the JSON API, one module each."""
