"""Small runs of what measures: that it counts right, never how long anything took."""
