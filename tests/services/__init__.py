"""The real parts that tests talk to: PostgreSQL, Redis, an SMTP server, Celery workers, a web server."""
