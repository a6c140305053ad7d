"""Celery tasks: load the id, read the clock, one domain call. The only module that knows Celery."""
