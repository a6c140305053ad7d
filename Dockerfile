# The product as one image, for web, workers, beat and commands alike: compose.yaml says which is which.
# Any base with Python 3.11 or newer, venv and useradd will do: scripts/image.py builds on one of Debian's own packages.
ARG BASE=python:3.12.11-slim-bookworm
FROM $BASE AS build
RUN python3 -m venv /opt/policysite
COPY requirements/production.txt /tmp/production.txt
RUN /opt/policysite/bin/pip install --no-cache-dir --require-hashes --only-binary :all: -r /tmp/production.txt

FROM $BASE
# A number, so that orchestrators can see that it is not root.
RUN useradd --uid 10001 --no-create-home --shell /usr/sbin/nologin policysite \
    && install --directory --owner 10001 /srv/policysite-var /srv/policysite-static
COPY --from=build /opt/policysite /opt/policysite
WORKDIR /srv/policysite
COPY manage.py ./
COPY policysite policysite
COPY policies policies
COPY templates templates
COPY static static
COPY locale locale
ENV PATH=/opt/policysite/bin:$PATH PYTHONDONTWRITEBYTECODE=1 PYTHONUNBUFFERED=1 \
    POLICYSITE_VAR=/srv/policysite-var STATIC_ROOT=/srv/policysite-static
# The hashed copies of static files belong to the image; the values are for this one step.
RUN SECRET_KEY="$(python -c 'import secrets; print(secrets.token_urlsafe(50))')" \
    LEDGER_KEY="$(python -c 'import base64, os; print(base64.b64encode(os.urandom(32)).decode())')" \
    SITE_URL=http://localhost DATABASE_URL=postgres://nobody@localhost/none python manage.py collectstatic --no-input
USER 10001
EXPOSE 8000
CMD ["granian", "--interface", "wsgi", "--host", "0.0.0.0", "--port", "8000", "--blocking-threads", "4", "--no-ws", \
     "--workers-kill-timeout", "10", "policysite.wsgi:application"]
