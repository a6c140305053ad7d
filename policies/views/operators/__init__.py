"""What operators and editors ask for outside the admin: monitoring, the live preview, a mail before it is sent."""
