"""The API for the organization's own programs: OpenAPI 3.1 at /api/v1/openapi.json, problems by RFC 9457."""

from policies.views.programs.api import acts, answers, given, log, people, problems, use, versions
from policies.views.programs.api.describing import Api

api = Api(
    title="policysite",
    version="1",
    urls_namespace="api",
    docs_url=None,  # its page needs scripts from elsewhere; ours is policies.views.programs.api_page
    description="Works on people, versions and answers. It can change no user's address and no right.",
)
# Answers first: ids of people may hold slashes, so that /people/{id} would take /people/{id}/acts for itself.
api.add_router("", acts.router)
api.add_router("", answers.router)
api.add_router("", use.router)
api.add_router("/people", people.router)
api.add_router("/policies", versions.router)
api.add_router("/log", log.router)
problems.register(api)
api.add_decorator(given.refusing_unknown_parameters, mode="view")
