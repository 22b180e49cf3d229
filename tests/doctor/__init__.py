"""What `coach doctor` finds, on real parts."""
