"""The WSGI entry point: `granian --interface wsgi policysite.wsgi:application`."""

from django.core.wsgi import get_wsgi_application

from policysite import starting

starting.read_settings()
application = starting.behind_the_front(get_wsgi_application())
starting.look_at_the_database()
