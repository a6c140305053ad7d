"""NOTIFY: plan a notice, write its mail, send it to everybody once, and keep what the mail server answered."""
