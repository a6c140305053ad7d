"""
DMARC (RFC 9989): what receivers do with mails that fail, and which domains belong together.

The organizational domain is found by walking up the tree of the DNS, without a list of public suffixes.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from policies.deliverability import faults, tags
from policies.deliverability.dns_answers import Answers
from policies.deliverability.faults import Finding

POLICIES = ("none", "quarantine", "reject")
# RFC 9989, 4.10: no walk takes more than eight questions.
LONGEST_WALK = 8
KNOWN = {
    "p": POLICIES,
    "sp": POLICIES,
    "np": POLICIES,
    "adkim": ("r", "s"),
    "aspf": ("r", "s"),
    "t": ("y", "n"),
    "psd": ("y", "n", "u"),
}
REMOVED = ("pct", "rf", "ri")


@dataclass(frozen=True)
class Record:
    """The record that counts for mails from a domain, and where it stands."""

    domain: str
    tags: Mapping[str, str]

    def wants_the_same(self, tag: str) -> bool:
        return self.tags.get(tag, "r").lower() == "s"


def record_at(domain: str, answers: Answers) -> Record | None:
    """The one valid record of exactly this domain. :raises NotKnown: if the DNS does not say"""
    found = _texts(domain, answers)
    if len(found) != 1:
        return None
    try:
        return Record(domain, tags.read(found[0]))
    except tags.NotTags:
        return None


def record_for(domain: str, answers: Answers) -> Record | None:
    """The record that receivers go by: its own, or that of its organization. :raises NotKnown:"""
    return record_at(domain, answers) or record_at(organization_of(domain, answers), answers)


def organization_of(domain: str, answers: Answers) -> str:
    """The organizational domain (RFC 9989, 4.10). :raises NotKnown: if the DNS does not say"""
    highest = domain
    below = domain
    for name in _walk(domain):
        record = record_at(name, answers)
        says = record.tags.get("psd", "u").lower() if record else "u"
        if says == "n":
            return name
        if says == "y" and name != domain:
            return below
        if record:
            highest = name
        below = name
    return highest


def are_aligned(first: str, second: str, answers: Answers, *, exactly: bool) -> bool:
    """Whether two domains are one for DMARC: the very same, or of one organization. :raises NotKnown:"""
    if first == second or exactly:
        return first == second
    return organization_of(first, answers) == organization_of(second, answers)


def findings(domain: str, answers: Answers) -> Iterator[Finding]:
    """
    What is wrong with what DMARC says about mails from a domain.

    :raises NotKnown: if the DNS does not say
    """
    organization = organization_of(domain, answers)
    for each in dict.fromkeys((domain, organization)):
        texts = _texts(each, answers)
        if len(texts) > 1:
            yield faults.found("dmarc-two", each, n=len(texts))
            return
        if texts:
            yield from _of_text(each, texts[0], domain, answers)
            return
        if meant := next(iter(answers.texts(f"_dmarc.{each}")), None):
            yield faults.found("dmarc-misspelled", each, record=meant)
            return
    yield faults.found("dmarc-missing", organization)


def _of_text(domain: str, text: str, sender: str, answers: Answers) -> Iterator[Finding]:
    try:
        given = tags.read(text)
    except tags.NotTags as error:
        yield faults.found("dmarc-syntax", domain, why=error)
        return
    if given.get("p", "").lower() not in POLICIES and not given.get("rua"):
        yield faults.found("dmarc-policy", domain, value=given.get("p", ""))
        return
    yield from _of_tags(domain, given)
    yield from _of_policy(domain, given, sender)
    yield from _of_reports(domain, given.get("rua", ""), answers)


def _of_tags(domain: str, given: Mapping[str, str]) -> Iterator[Finding]:
    for tag, taken in KNOWN.items():
        if tag in given and given[tag].lower() not in taken:
            yield faults.found("dmarc-tag", domain, tag=tag, value=given[tag])
    for tag in REMOVED:
        if tag in given:
            yield faults.found("dmarc-removed", domain, tag=tag)
    if given.get("psd", "").lower() == "y":
        yield faults.found("dmarc-public-suffix", domain)
    if given.get("t", "").lower() == "y":
        yield faults.found("dmarc-testing", domain)


def _of_policy(domain: str, given: Mapping[str, str], sender: str) -> Iterator[Finding]:
    # A missing or odd policy counts as none where somebody wants reports (RFC 9989, 4.7).
    if given.get("p", "").lower() not in {"quarantine", "reject"}:
        yield faults.found("dmarc-none", domain)
    elif given.get("sp", "").lower() == "none" and sender != domain:
        yield faults.found("dmarc-subdomains-none", sender)


def _of_reports(domain: str, value: str, answers: Answers) -> Iterator[Finding]:
    if not value:
        yield faults.found("dmarc-no-reports", domain)
        return
    for each in value.split(","):
        address = re.fullmatch(r"mailto:[^\s@!]+@([a-z0-9.-]+)(![0-9]+[kmgt]?)?", each.strip(), re.IGNORECASE)
        if address is None:
            yield faults.found("dmarc-reports-unreadable", domain, value=each.strip())
            continue
        other = address[1].lower()
        if organization_of(other, answers) != organization_of(domain, answers):
            record = f"{domain}._report._dmarc.{other}"
            if not any(text.lstrip().startswith("v=DMARC1") for text in answers.texts(record)):
                yield faults.found("dmarc-reports-unpermitted", domain, other=other, record=record)


def _texts(domain: str, answers: Answers) -> list[str]:
    return [text for text in answers.texts(f"_dmarc.{domain}") if re.match(r"v\s*=\s*DMARC1\s*(;|$)", text)]


def _walk(domain: str) -> list[str]:
    labels = domain.split(".")
    above = labels[1:][-(LONGEST_WALK - 1) :]
    return [domain, *(".".join(above[first:]) for first in range(len(above)))]
