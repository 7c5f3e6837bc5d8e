"""The battery passport as rows: data points, who may see them, what one may hold, and when a passport is complete."""
