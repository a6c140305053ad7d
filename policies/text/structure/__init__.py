"""Canonical Markdown in; safe HTML with anchors, blocks and words out."""
