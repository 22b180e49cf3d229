"""What a stranger gets: install, locks, image and services. No test here installs anything."""
