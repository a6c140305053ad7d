"""Who and what may come in: users of the desk, keys for programs."""
