"""Pages: parse, one domain call, respond."""
