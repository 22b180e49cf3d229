"""Real processes, started as docker-compose starts them, and killed as fate kills them."""
