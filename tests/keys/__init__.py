"""Keys in use: the register of sealed columns, rotation, the check at each start."""
