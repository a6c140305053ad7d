"""What follows from other rows, made anew and compared: where people stand, and whom a notice was for."""

from collections.abc import Iterator

from django.db import connection

from policies.models import Notice
from policies.notices.plan import audience

Found = tuple[str, str, str]

# The acts that stand, by person and policy, beside what the standing says: the highest number of each kind, and whether
# the latest act about the number that the standing names is of the instant that it names. Nothing has to be sorted.
STANDINGS = """
    WITH newest AS (
        SELECT s.person_id, v.policy_id,
            max(CASE WHEN a.kind = 'agreed' THEN v.number END) AS agreed_number,
            max(CASE WHEN a.kind = 'agreed' AND v.number = t.agreed_number THEN a.id END) AS agreed,
            max(CASE WHEN a.kind = 'agreed' AND v.number = t.agreed_number AND a.at = t.agreed_at THEN a.id END)
                AS agreed_then,
            max(CASE WHEN a.kind = 'declined' THEN v.number END) AS declined_number,
            max(CASE WHEN a.kind = 'declined' AND v.number = t.declined_number THEN a.id END) AS declined,
            max(CASE WHEN a.kind = 'declined' AND v.number = t.declined_number AND a.at = t.declined_at THEN a.id END)
                AS declined_then,
            max(CASE WHEN a.kind = 'waived' THEN v.number END) AS waived_number
        FROM policies_act a
        JOIN policies_actsubject s ON s.subject_ref = a.subject_ref
        JOIN policies_version v ON v.id = a.version_id
        LEFT JOIN policies_standing t ON t.person_id = s.person_id AND t.policy_id = v.policy_id
        WHERE a.kind IN ('agreed', 'declined', 'waived')
            AND NOT EXISTS (SELECT 1 FROM policies_act u WHERE u.undoes_id = a.id)
        GROUP BY s.person_id, v.policy_id
    )
    SELECT t.person_id, t.policy_id FROM policies_standing t
    LEFT JOIN newest n ON n.person_id = t.person_id AND n.policy_id = t.policy_id
    WHERE t.agreed_number <> COALESCE(n.agreed_number, 0) OR n.agreed {differs} n.agreed_then
        OR (n.agreed IS NULL AND t.agreed_at IS NOT NULL)
        OR t.declined_number <> COALESCE(n.declined_number, 0) OR n.declined {differs} n.declined_then
        OR (n.declined IS NULL AND t.declined_at IS NOT NULL)
        OR t.waived_number <> COALESCE(n.waived_number, 0)
    UNION
    SELECT n.person_id, n.policy_id FROM newest n
    WHERE NOT EXISTS (
        SELECT 1 FROM policies_standing t WHERE t.person_id = n.person_id AND t.policy_id = n.policy_id
    )
    ORDER BY 1, 2
"""


def standings_differ() -> Iterator[Found]:
    """Name everybody whose standing is not what their acts say: the product waits, or not, by it."""
    differs = "IS DISTINCT FROM" if connection.vendor == "postgresql" else "IS NOT"
    with connection.cursor() as cursor:
        cursor.execute(STANDINGS.format(differs=differs))
        found = cursor.fetchall()
    for person, policy in found:
        yield (
            "standing-changed",
            f"person {person}",
            f"Where they stand with policy {policy} is not what their acts say.",
        )


def audiences_differ() -> Iterator[Found]:
    """Name every notice whose deliveries are not those of the audience that was frozen."""
    for notice in Notice.objects.exclude(audience_sha256="").order_by("pk"):
        if audience.digest(notice) != (notice.audience_count, notice.audience_sha256):
            where = f"notice {notice.pk}"
            yield "audience-changed", where, "Its deliveries are not those of the audience that was frozen."
