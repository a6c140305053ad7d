"""
Every setting there is: its name, what it takes, its default and its sentence.

docs/configuration.md is made from this (`python -m scripts.settings_document`), and policysite/settings.py reads by it.
"""

from policysite.environment import recording, sending, serving

SECTIONS = (
    serving.NEEDED,
    sending.MAIL,
    recording.PEOPLE,
    recording.LEDGER,
    sending.WEBHOOKS,
    serving.LARGE_TEXTS,
    serving.PUBLIC_PAGES,
    serving.HOSTS,
    serving.DEMO,
)
SETTINGS = tuple(setting for section in SECTIONS for setting in section.settings)
# What whoever means a setting of ours may have written; other names belong to others.
PREFIXES = (
    *("POLICYSITE_", "NOTICE_", "LEDGER_", "WEBHOOK_", "TEXT_", "PEOPLE_", "ACCEPTANCE_", "HAND_OVER_", "RETENTION_"),
    *("MAIL_", "EMAIL_", "LEGAL_", "ALERTS_", "HIGH_WATER_", "SECRET_KEY", "BEHIND_", "TRUSTED_", "DELIVERY_"),
    "CACHE_PURGE_",
)
# Read by the tests and measurements.
OF_TESTS = {"POLICYSITE_SHARED", "POLICYSITE_TEST_FOLDER"}
