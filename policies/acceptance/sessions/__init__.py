"""Sessions of people who are no users of this site: how they begin, and who is there."""
