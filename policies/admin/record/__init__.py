"""Rows that nobody edits: audit events, reviews, revisions, promises."""
