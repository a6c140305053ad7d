"""Numbers in a text, and what became of them in a change."""
