"""
What has to happen beside sending, again and again: sweeping, telling the desk, keeping tries no longer than they
are needed.
"""
