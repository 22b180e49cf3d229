"""What the logs and the metrics say, and what they never say."""
