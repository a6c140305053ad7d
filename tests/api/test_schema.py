"""The API against its own description: whatever can be sent, it answers as described and never with a 500."""

from typing import Any

import pytest
import schemathesis
from django.core.wsgi import get_wsgi_application
from hypothesis import HealthCheck, given, settings
from schemathesis.checks import not_a_server_error
from schemathesis.core.result import Ok
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from policies import clock, ledger
from policies.models import ApiKey, Scope
from policies.models.access import fingerprint
from tests.acceptance.asking import asking_policy, asking_version, uma
from tests.factories import days_ago

SECRET = "psk_for-this-test-only"
CHECKS = [
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
]


@pytest.fixture
def operations(fresh_database: Any) -> Any:
    uma()
    asking_version(asking_policy(slug="terms"), effective_at=days_ago(1), published_at=days_ago(9))
    ledger.append(kind="test", reference="1", body={}, at=clock.now())
    ledger.seal(at=clock.now())
    ApiKey.objects.create(
        name="Fuzzer", prefix="", secret_sha256=fingerprint(SECRET), scopes=Scope.values, created_at=clock.now()
    )
    described = schemathesis.openapi.from_wsgi("/api/v1/openapi.json", get_wsgi_application())
    # Whatever cannot be read out of the description fails here, with its reason.
    return [
        found.ok() if isinstance(found, Ok) else pytest.fail(str(found.err()))
        for found in described.get_all_operations()
    ]


def test_every_call_answers_as_described(operations: Any) -> None:
    assert len(operations) == 24
    for operation in operations:
        run(operation)


def run(operation: Any) -> None:
    @settings(max_examples=30, deadline=None, suppress_health_check=list(HealthCheck), database=None)
    @given(case=operation.as_strategy())
    def call(case: Any) -> None:
        case.call_and_validate(headers={"Authorization": f"Bearer {SECRET}"}, checks=CHECKS)

    call()
