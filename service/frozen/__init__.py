"""Figures as they were: reports that never change."""
