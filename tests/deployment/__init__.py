"""The deployment: settings, logs, and how processes start."""
