"""People and a version to tell them of."""

from datetime import UTC, datetime

from django.db import connection

from policies.models import Version
from tests import factories

JOINED = datetime(2024, 1, 1, tzinfo=UTC)


def make_people(count: int) -> None:
    series = (
        "generate_series(1, %s) AS n"
        if connection.vendor == "postgresql"
        else "(WITH RECURSIVE s(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM s WHERE n < %s) SELECT n FROM s)"
    )
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO policies_person (external_id, name, address, language, audiences, joined_at, legal_hold)"
            f" SELECT 'p' || n, '', 'p' || n || '@example.org', 'en', '', %s, false FROM {series}",
            [JOINED, count],
        )


def make_version() -> Version:
    first = factories.make_version(published_at=factories.days_ago(60))
    fields = {**factories.MATERIAL, "published_at": factories.days_ago(0.01), "effective_at": factories.in_days(30)}
    return factories.make_version(first.policy, body=factories.NEXT_BODY, tells_people=True, **fields)
