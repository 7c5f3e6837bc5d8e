"""Journeys: whole stories, told and checked from the user's side."""
