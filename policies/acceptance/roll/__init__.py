"""A published version goes in; who accepted it, who did not, who declined and who was not reached comes out."""
