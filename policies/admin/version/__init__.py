"""Versions: a draft's editor, the page of what stands, and every verb about either."""
