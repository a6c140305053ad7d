"""Webhooks: added, tested, watched, turned off."""
