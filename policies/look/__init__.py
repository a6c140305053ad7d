"""How the organization's pages and mails look, and its own words on them: data, chosen at the desk."""
