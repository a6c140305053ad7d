"""A person or a version goes in; a ZIP that verifies itself comes out."""
