"""The processes of a site on one machine, and the command that starts them: `policysite`."""
