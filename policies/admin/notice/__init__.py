"""Notices: watched and steered."""
