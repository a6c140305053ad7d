"""People bound by policies: found, imported, let off an answer, and their requests to be deleted."""
