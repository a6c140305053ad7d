"""A version before it is handed in: its forms, its revisions, what may be tidied, and saves that met."""
