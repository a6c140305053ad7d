"""Signing in: accounts, their second factor, and what the desk asks before it opens."""
