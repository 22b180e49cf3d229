"""A file per subject: its shapes and its operations. What a call means is decided elsewhere."""
