"""What an answer is checked against, asked in one statement: while it holds a row, it asks as little as it can."""

from dataclasses import dataclass
from datetime import datetime

from django.db import connection

from policies.models import Version

# By hand, because building it anew from querysets costs more than running it.
FOUND = """
    SELECT
        (SELECT t.sha256 FROM policies_versiontext t
            WHERE t.version_id = %(version)s AND (t.language = %(language)s OR t.authoritative)
            ORDER BY t.language = %(language)s DESC LIMIT 1),
        EXISTS (SELECT 1 FROM policies_version v
            WHERE v.policy_id = %(policy)s AND (v.number, v.correction) > (%(number)s, %(correction)s)
                AND v.published_at <= %(at)s
                AND v.withdrawn_at IS NULL),
        (SELECT a.id FROM policies_act a
            WHERE a.render_id = %(render_id)s AND a.kind = %(kind)s AND NOT a.render_id = ''),
        EXISTS (SELECT 1 FROM policies_webhookendpoint e WHERE e.disabled_at IS NULL)
"""


@dataclass(frozen=True)
class Found:
    """
    What stands when somebody answers about a version.

    `text_sha256` is its text's in the language shown, or the authoritative one where there is none. `is_overtaken`:
    a newer version is published. `act_id` is the act that this very screen led to already. `is_heard`: some webhook
    is on; which of them hear of answers is asked only then.
    """

    text_sha256: str
    is_overtaken: bool
    act_id: int | None
    is_heard: bool


def look(*, version: Version, language: str, kind: str, render_id: str, at: datetime) -> Found:
    """
    Look at all of it at once. Of two answers that come together the second has to look once it holds the standing.

    Webhooks are asked here, in the transaction of the answer, and not remembered by the process: whatever was turned
    on before this statement began hears of the answer.
    """
    values = {
        "version": version.pk,
        "policy": version.policy_id,
        "number": version.number,
        "correction": version.correction,
        "language": language,
        "kind": kind,
        "render_id": render_id,
        "at": connection.ops.adapt_datetimefield_value(at),
    }
    with connection.cursor() as cursor:
        cursor.execute(FOUND, values)
        text_sha256, is_overtaken, act_id, is_heard = cursor.fetchone()
    return Found(text_sha256, bool(is_overtaken), act_id, bool(is_heard))
