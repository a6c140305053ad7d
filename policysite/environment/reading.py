"""Reading the environment: every value by its kind, what has to fit together, and names that nobody reads."""

from collections.abc import Iterator, Mapping
from difflib import get_close_matches
from typing import Any
from urllib.parse import urlsplit

from django.core.exceptions import ImproperlyConfigured

from policysite import provider_reports
from policysite.environment.setting import Setting
from policysite.environment.table import OF_TESTS, PREFIXES, SETTINGS

LONGEST_QUOTED = 100
# A short name is close to many that others use.
SHORT = 8


class Wrong(ImproperlyConfigured):
    """Settings that nothing starts with; each line names one and says what to set."""


def read(environment: Mapping[str, str]) -> dict[str, Any]:
    """
    Return the value of every setting; what is not set, or empty, has its default.

    :raises Wrong: if any is missing or wrong: all of them are named
    """
    given: dict[str, Any] = {}
    problems = []
    is_demo = environment.get("POLICYSITE_DEMO", "").lower() in {"1", "on", "true", "yes"}
    for setting in SETTINGS:
        try:
            given[setting.name] = _value(setting, environment.get(setting.name, ""), is_demo=is_demo)
        except ValueError as error:
            problems.append(str(error))
    if not problems:
        problems = list(_apart(given))
    if problems:
        raise Wrong("\n".join(problems))
    return given


def _value(setting: Setting, text: str, *, is_demo: bool) -> Any:
    default = setting.demo if is_demo and setting.demo is not None else setting.default
    if not (text or default):
        if setting.is_needed and not is_demo:
            raise ValueError(f"{setting.name} is not set. Set it to {setting.kind.words}.")
        return setting.kind.nothing
    try:
        return setting.kind.read(text.strip() or text) if text else setting.kind.read(default)
    except ValueError as error:
        quoted = "is no such value" if setting.is_secret else f"is {_quoted(text)}"
        # Words of Python's own would be about how it was read, or quote a secret.
        why = str(error) if str(error).endswith(".") else ""
        raise ValueError(
            " ".join(filter(None, [f"{setting.name} {quoted}.", why, f"Set it to {setting.kind.words}."]))
        ) from error


def _quoted(text: str) -> str:
    return repr(text if len(text) <= LONGEST_QUOTED else f"{text[:LONGEST_QUOTED]}...")


def _apart(given: Mapping[str, Any]) -> Iterator[str]:
    """What is right by itself and cannot be together with another."""
    if given["DELIVERY_LEASE_SECONDS"] < 2 * given["EMAIL_TIMEOUT"]:
        yield "DELIVERY_LEASE_SECONDS is below twice EMAIL_TIMEOUT. Set it to that or more."
    if given["LEDGER_TSA_URL"] and not given["LEDGER_TSA_ROOTS"]:
        yield "LEDGER_TSA_ROOTS is not set. Set it to a file with the root certificates of LEDGER_TSA_URL (PEM)."
    hosts, host = given["ALLOWED_HOSTS"], urlsplit(given["SITE_URL"]).hostname or ""
    if hosts and not any(_covers(pattern, host) for pattern in hosts):
        yield f"ALLOWED_HOSTS has no {host}. Add it: links in mails lead there, by SITE_URL."
    try:
        provider_reports.reporter(named=given["MAIL_REPORTS"], sender=given["MAIL_PROVIDER"], anymail=given["ANYMAIL"])
    except ImproperlyConfigured as error:
        yield str(error)


def _covers(pattern: str, host: str) -> bool:
    """As Django takes ALLOWED_HOSTS."""
    pattern = pattern.lower().strip("[]")
    return pattern in {"*", host} or (pattern.startswith(".") and f".{host}".endswith(pattern))


def unknown(environment: Mapping[str, str]) -> list[str]:
    """A line for each name that nobody reads, and that somebody may have meant for one of ours."""
    names = sorted(setting.name for setting in SETTINGS)
    found = []
    for name in sorted(set(environment) - set(names) - OF_TESTS):
        near = [ours for ours in names if _is_close(name, ours)]
        prefix = next((each for each in PREFIXES if name.startswith(each)), "")
        if not near and prefix:
            alike = [ours for ours in names if ours.startswith(prefix)]
            near = get_close_matches(name, alike, n=1, cutoff=0)
        if near:
            found.append(f"{name} is set, and there is no such setting. Did you mean {near[0]}?")
    return found


def _is_close(name: str, ours: str) -> bool:
    return _letters_apart(name.upper(), ours) <= (2 if len(ours) >= SHORT else 1)


def _letters_apart(one: str, other: str) -> int:
    """How many letters have to be added, taken away or changed (Levenshtein); more than 2 is not counted out."""
    if abs(len(one) - len(other)) > 2:
        return 3
    row = list(range(len(other) + 1))
    for number, letter in enumerate(one, start=1):
        before, row[0] = row[0], number
        for place, its in enumerate(other, start=1):
            before, row[place] = row[place], min(row[place] + 1, row[place - 1] + 1, before + (letter != its))
    return row[-1]
