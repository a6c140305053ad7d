"""Check a notice against its own record, and say whom it reached."""

import json
from argparse import ArgumentParser
from dataclasses import asdict
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from policies.models import Notice
from policies.notices.report import notice_audit
from policies.notices.send import restore_guard


class Command(BaseCommand):
    help = (
        "Check the invariants I1 to I6 of a notice and print its reach certificate. Fails where one does not hold, or "
        "where the record may lack what was sent."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("notice", type=int)
        parser.add_argument("--json", action="store_true", help="Print the certificate as JSON.")

    def handle(self, *args: Any, notice: int, **options: Any) -> None:  # noqa: ARG002 - Django's signature
        found = Notice.objects.select_related("version__policy").filter(pk=notice).first()
        if found is None:
            raise CommandError(f"There is no notice {notice}. The desk lists them under “Notices”.")
        certificate = notice_audit.certify(found)
        self.stdout.write(_as_json(certificate) if options["json"] else _in_words(certificate))
        broken = [str(finding) for finding in notice_audit.check(found)]
        if why := restore_guard.hold():
            # The record may agree with itself and yet lack what was sent.
            broken.append(why.sentence)
        if broken:
            raise CommandError("\n".join(broken))
        self.stdout.write("I1 to I6 hold.")


def _as_json(certificate: notice_audit.Certificate) -> str:
    return json.dumps(asdict(certificate), default=str, indent=2)


def _in_words(certificate: notice_audit.Certificate) -> str:
    states = ", ".join(f"{count} {state}" for state, count in sorted(certificate.by_state.items()))
    reach = certificate.coverage
    return "\n".join(
        (
            certificate.notice,
            f"Audience: {certificate.audience_count} people, sha256 {certificate.audience_sha256}",
            f"Ended: {states or 'nobody yet'}",
            f"Reached ({reach.share:.1f} %): {reach.by_mail} by mail, {reach.on_site_only} on the site alone",
            f"Not reached yet: {reach.by_none}",
            "“Accepted” says that a mail server took responsibility: not delivered, and never read.",
        )
    )
