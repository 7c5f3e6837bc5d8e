"""Sightings of labels, and what they say about copies of a label."""
