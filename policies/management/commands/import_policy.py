"""Import a policy text from a file: as a draft, or as a past version that was published elsewhere."""

from argparse import ArgumentParser
from datetime import date, datetime, time
from pathlib import Path
from typing import Any

from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError

from policies import authoring, clock, publishing
from policies.middleware import limits_of_texts
from policies.models import Policy, User, Version
from policies.text import bounded, reading
from policies.text.reading import Reading
from policies.text.rejected import TextRejected
from policies.text.source import recognizing
from policies.text.words import language_tags

REFUSALS = (TextRejected, ValidationError, authoring.Retired, publishing.Refused)


class Command(BaseCommand):
    help = (
        "Import a policy text (Markdown with or without front matter, HTML, plain text; a file of at most 1 MB, a "
        "text of at most 256 KB) as a draft or, with --published-at, as a past version marked “imported, not "
        "witnessed”. What is left out of the file is said before anything is imported; a past version, which stays as "
        "it is, is then not recorded without --despite-losses."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("file", type=Path)
        parser.add_argument("--slug", required=True, help="the policy's address, the part after /p/")
        parser.add_argument("--language", help="the language of the text; the policy's own, if not given")
        parser.add_argument("--title", default="", help="wins over the title read in the text")
        parser.add_argument("--published-at", help="when it was published: 2024-05-01 or 2024-05-01T09:30+02:00")
        parser.add_argument("--effective-at", help="when it took effect; if not given, when it was published")
        parser.add_argument("--check", action="store_true", help="say what would be read, and import nothing")
        parser.add_argument(
            "--despite-losses", action="store_true", help="record a past version although something is left out"
        )
        parser.add_argument("--by", default="", help="the e-mail address of the user who answers for the import")

    def handle(self, *args: Any, **options: Any) -> None:  # noqa: ARG002 - Django's signature
        # A file is what somebody brings from elsewhere, whoever is at the keyboard: no parser meets it without limits.
        with bounded.within(limits_of_texts()):
            self._import(options)

    def _import(self, options: dict[str, Any]) -> None:
        policy = _policy(options["slug"])
        source, file = _source(options["file"]), options["file"].name
        by, title, at = _user(options["by"]), options["title"], clock.now()
        language = _language(options["language"], policy)
        dates = _dates(options, policy, language)
        try:
            found = reading.read(source, filename=file)
            if options["check"]:
                self.stdout.write("\n".join([f"{file} can be read; nothing was imported.", *_read(found, found.title)]))
                return
            self._say_losses(found, file, is_refused=bool(dates) and not options["despite_losses"])
            if dates:
                version = publishing.record_past(
                    policy=policy,
                    source=source,
                    filename=file,
                    title=title,
                    published_at=dates[0],
                    effective_at=dates[1],
                    by=by,
                    at=at,
                )
            else:
                version = authoring.import_draft(
                    policy=policy, source=source, filename=file, language=language, title=title, by=by, at=at
                ).version
        except authoring.Retired as error:
            raise CommandError(f"“{policy}” is retired: it gets no further version.") from error
        except REFUSALS as error:
            raise CommandError(f"{file}: {_one_line(error)}") from error
        self._report(version, found, file, language)

    def _say_losses(self, found: Reading, file: str, *, is_refused: bool) -> None:
        """What only the file can settle, before anything of it is stored. A draft can still be mended."""
        losses = [f"Line {warning.line}: {warning.message}" for warning in found.losses]
        if losses and is_refused:
            remedy = "Mend the file, or record it as it was read with --despite-losses."
            raise CommandError(
                " ".join([f"{file} was not imported: the text would not say all of it.", *losses, remedy])
            )
        if losses:
            self.stdout.write("\n".join([f"Left out of {file}, or open in it:", *losses, ""]))

    def _report(self, version: Version, found: Reading, file: str, language: str) -> None:
        text = version.text_in(language)
        kind = f"{version.name}, imported, not witnessed" if version.imported else "a draft"
        self.stdout.write("\n".join([f"{file} is now {kind} of “{version.policy}”.", *_read(found, text.title)]))


def _read(found: Reading, title: str) -> list[str]:
    """What was read, a line each."""
    updated = [d for d in found.dates if d.role == "updated"]
    return [
        f"Title: {title or 'the text has none'}{'' if title == found.title else ' (not in the text)'}",
        *(f"Last updated: {d.value} (to the {d.precision}), line {d.line}" for d in updated),
        *([] if updated else ["Last updated: the text does not say"]),
        f"Words: {found.words}",
        *(f"Line {warning.line}: {warning.message}" for warning in found.warnings),
    ]


def _policy(slug: str) -> Policy:
    policy = Policy.objects.at_address(slug)
    if policy is None:
        known = ", ".join(Policy.objects.order_by("slug").values_list("slug", flat=True)) or "none yet"
        raise CommandError(
            f"There is no policy at “{slug}”. Known addresses: {known}. Make a policy at the desk first."
        )
    return policy


def _source(file: Path) -> bytes:
    try:
        with file.open("rb") as opened:
            # One byte more than allowed is enough to be refused; a disk image need not be read to its end.
            return opened.read(recognizing.MAX_FILE_BYTES + 1)
    except OSError as error:
        raise CommandError(f"{file} cannot be read: {error.strerror}.") from error


def _user(address: str) -> User:
    if address:
        user = User.objects.filter(email__iexact=address, is_active=True).first()
        if user is None or not user.has_perm("policies.add_version"):
            raise CommandError(f"“{address}” is no active user who may write versions. Give --by an author's address.")
        return user
    authors = [user for user in User.objects.filter(is_active=True) if user.has_perm("policies.add_version")]
    if len(authors) != 1:
        raise CommandError("Say who answers for the import: give --by the e-mail address of an author.")
    return authors[0]


def _language(given: str | None, policy: Policy) -> str:
    try:
        return language_tags.canonical(given) if given else policy.language
    except ValueError as error:
        raise CommandError(f"--language “{given}” is no tag of a language. Write one such as de or pt-BR.") from error


def _dates(options: dict[str, Any], policy: Policy, language: str) -> tuple[datetime, datetime] | None:
    published, effective = options["published_at"], options["effective_at"]
    if not published and not effective:
        return None
    if not published:
        raise CommandError("--effective-at needs --published-at too: both belong to a version of the past.")
    if language != policy.language:
        raise CommandError(f"A past version is recorded in the policy's authoritative language, {policy.language}.")
    published_at = _instant("--published-at", published, policy)
    effective_at = _instant("--effective-at", effective, policy) if effective else published_at
    if effective_at < published_at:
        raise CommandError("--effective-at lies before --published-at. Check the two dates.")
    return published_at, effective_at


def _instant(option: str, given: str, policy: Policy) -> datetime:
    """A day begins at midnight in the policy's legal zone, and so does an instant without an offset count there."""
    try:
        if len(given) == 10:
            return datetime.combine(date.fromisoformat(given), time.min, tzinfo=policy.zone)
        instant = datetime.fromisoformat(given)
    except ValueError as error:
        raise CommandError(f"{option} “{given}” is not a date. Write 2024-05-01 or 2024-05-01T09:30+02:00.") from error
    return instant if instant.tzinfo else instant.replace(tzinfo=policy.zone)


def _one_line(error: Exception) -> str:
    messages = error.messages if isinstance(error, ValidationError) else [str(error)]
    return " ".join(" ".join(messages).split())
