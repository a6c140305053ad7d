"""Claimed deliveries in; finished mails out."""
