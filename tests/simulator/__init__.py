"""The simulated WHOOP, held against what is known of the real one."""
