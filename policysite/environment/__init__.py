"""The settings that come from the environment: one table, what each takes, and reading all of them at once."""
