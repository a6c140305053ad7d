"""How pages and mails look, and the organization's own words on them: prepared, looked at, put into use."""
