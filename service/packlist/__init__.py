"""The batteries of an organisation as a list: found by facets, counted, exported; folded behind the entries."""
