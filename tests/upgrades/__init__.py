"""Demo databases as earlier releases left them (`python -m scripts.kept_release`)."""
