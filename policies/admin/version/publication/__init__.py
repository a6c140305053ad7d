"""A version on its way out and after it: promise, rehearsal, publication, postponement."""
