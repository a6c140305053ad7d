"""Who calls: a key in the Authorization header, and what it may do."""

from django.http import HttpRequest
from ninja.security import HttpBearer

from policies import clock
from policies.models import ApiKey, Scope
from policies.views.programs.api.problems import Problem
from policies.views.shared import limits

CALLS_PER_MINUTE = 6000


class Key(HttpBearer):
    """Lets a key through that has a scope."""

    def __init__(self, scope: Scope) -> None:
        super().__init__()
        self.scope = scope

    def authenticate(self, request: HttpRequest, token: str) -> ApiKey | None:  # noqa: ARG002 - ninja's signature
        at = clock.now()
        key = ApiKey.objects.usable(token, at).first()
        if key is None:
            return None
        if self.scope not in key.scopes:
            raise Problem(403, "scope-missing", f"This key may not {self.scope.label}.", scope=self.scope.value)
        if limits.is_over("api", key.pk, per_minute=CALLS_PER_MINUTE, minute=int(at.timestamp() // 60)):
            raise Problem(429, "too-many", "Too many calls in this minute.")
        ApiKey.objects.note_use(key, at)
        return key


def key_of(request: HttpRequest) -> ApiKey:
    """The key that `Key` let through."""
    key: ApiKey = request.auth  # type: ignore[attr-defined]
    return key
