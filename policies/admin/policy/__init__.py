"""Policies: their settings, and the verbs about one."""
