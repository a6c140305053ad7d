"""What operators and editors ask for outside the admin: monitoring, the live preview."""
