"""The API for the organization's own programs: OpenAPI 3.1 at /api/v1/openapi.json, problems by RFC 9457."""

from ninja import NinjaAPI

from policies.views.api import acts, people, problems, reading, use

api = NinjaAPI(
    title="policysite",
    version="1",
    urls_namespace="api",
    docs_url=None,  # its page needs scripts from elsewhere
    description="Works on people, versions and answers. It can change no user's address and no right.",
)
api.add_router("/people", people.router)
api.add_router("", acts.router)
api.add_router("", use.router)
api.add_router("/policies", reading.router)
problems.register(api)
