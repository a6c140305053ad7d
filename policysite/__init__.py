"""
The deployment: settings, URLs, WSGI and Celery. It knows the app `policies`; never the reverse.

Nothing is imported here: what only looks after other processes (`policysite.running`) is to stay small.
"""

__version__ = "0.1.0"
