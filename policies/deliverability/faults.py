"""Every way in which mail from here could be refused, by name: how grave it is, what is so, and what to do about it."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

# Characters of what others wrote.
LONGEST = 200


class Gravity(StrEnum):
    """`WRONG`: mail is refused or doubted for it. `ADVICE`: it could be better. `UNKNOWN`: it was not said."""

    WRONG = "wrong"
    ADVICE = "advice"
    UNKNOWN = "unknown"


@dataclass(frozen=True)
class Fault:
    """`says` and `do` have places that a finding fills in."""

    gravity: Gravity
    says: str
    do: str


@dataclass(frozen=True)
class Finding:
    """A fault that was found: with whom, and in words."""

    name: str
    about: str
    gravity: Gravity
    said: str


def found(name: str, about: str, **details: object) -> Finding:
    """Name a fault of FAULTS; `details` fill in its places."""
    fault = FAULTS[name]
    values = {name: _shown(value) for name, value in {"about": about, **details}.items()}
    return Finding(name, about, fault.gravity, f"{fault.says.format(**values)} {fault.do.format(**values)}")


def _shown(value: object) -> str:
    """What others wrote into the DNS, for a page and a terminal: short, and without anything that steers one."""
    text = str(value)
    cut = f"{text[:LONGEST]}…" if len(text) > LONGEST else text
    return "".join(character if character.isprintable() else "�" for character in cut)


_WRONG, _ADVICE, _UNKNOWN = Gravity.WRONG, Gravity.ADVICE, Gravity.UNKNOWN
FAULTS: Mapping[str, Fault] = {
    "dns-silent": Fault(
        _UNKNOWN, "{why}", "Look again; if it stays so, look at the DNS server, or name one by DNS_SERVERS."
    ),
    # SPF, RFC 7208.
    "spf-missing": Fault(
        _WRONG, "{about} has no SPF record.", 'Publish one (TXT) that names your mail server, such as "v=spf1 mx -all".'
    ),
    "spf-misspelled": Fault(
        _WRONG, "{about} has a TXT record that looks like SPF and is none: {record}.", 'It has to begin with "v=spf1 ".'
    ),
    "spf-two": Fault(_WRONG, "{about} has {n} SPF records, so none counts.", "Put them together into one."),
    "spf-syntax": Fault(_WRONG, "The SPF record of {about} has a term that is none: {term}.", "Correct or remove it."),
    "spf-macro": Fault(
        _WRONG, "The SPF record of {about} has a macro that is none: {term}.", "Correct it (RFC 7208, 7)."
    ),
    "spf-lookups": Fault(
        _WRONG,
        "The SPF record of {about} needs more than 10 questions to the DNS, so none of it counts.",
        "Remove includes that nobody uses, or name networks by ip4 and ip6.",
    ),
    "spf-void": Fault(
        _WRONG,
        "The SPF record of {about} asks more than twice for what is not there, so none of it counts; last for {term}.",
        "Remove the names that are gone.",
    ),
    "spf-loop": Fault(_WRONG, "The SPF record of {about} comes back to itself by {term}.", "Break the circle."),
    "spf-include-none": Fault(
        _WRONG, "The SPF record of {about} leans on {term}, which has no SPF record.", "Remove it, or correct the name."
    ),
    "spf-many-exchanges": Fault(
        _WRONG, "The SPF record of {about} has {term}, which stands for more than 10 mail servers.", "Use ip4 and ip6."
    ),
    "spf-passes-anybody": Fault(
        _WRONG, "The SPF record of {about} lets anybody send in its name.", 'End it with "-all" or "~all".'
    ),
    "spf-neutral-end": Fault(
        _ADVICE, "The SPF record of {about} says nothing about strangers.", 'End it with "-all" or "~all", not "?all".'
    ),
    "spf-ptr": Fault(
        _ADVICE,
        "The SPF record of {about} uses ptr, which many receivers pass over (RFC 7208, 5.5).",
        "Use ip4 and ip6.",
    ),
    "spf-server-refused": Fault(
        _WRONG,
        "The SPF record of {about} does not name your mail server {address} ({result}).",
        "Add its address by ip4 or ip6.",
    ),
    "spf-server-neutral": Fault(
        _WRONG, "The SPF record of {about} says neither yes nor no to {address}.", "Add its address by ip4 or ip6."
    ),
    "spf-not-aligned": Fault(
        _ADVICE,
        "Mails from {about} have a return path at {other}, another organization's: SPF does not count for DMARC.",
        "Put both into one domain (MAIL_DOMAIN, LEGAL_FROM, ALERTS_FROM), or see that DKIM counts.",
    ),
    "spf-strict": Fault(
        _ADVICE,
        "The DMARC record of {about} wants the very same domain (aspf=s), and the return path is at {other}.",
        "Take aspf=s out, or send from that domain.",
    ),
    # DKIM, RFC 6376, 8301 and 8463.
    "dkim-not-named": Fault(
        _UNKNOWN,
        "Whether mails from {about} are signed (DKIM) cannot be seen from here: your mail server or provider does it.",
        "Send yourself a test mail, look for dkim=pass in its Authentication-Results, and set MAIL_DKIM_KEYS.",
    ),
    "dkim-missing": Fault(
        _WRONG, "There is no DKIM key at {about}.", "Publish what your mail server or provider shows."
    ),
    "dkim-two": Fault(_WRONG, "There are {n} records at {about}; receivers take any of them.", "Leave the one in use."),
    "dkim-syntax": Fault(
        _WRONG, "The record at {about} is no DKIM key: {why}.", "Publish it again, as it was given to you."
    ),
    "dkim-version": Fault(_WRONG, "The DKIM key at {about} says v={value}.", "It has to be v=DKIM1, at the beginning."),
    "dkim-revoked": Fault(
        _WRONG, "The DKIM key at {about} is revoked (p is empty).", "Sign with a key that is in use."
    ),
    "dkim-type": Fault(_WRONG, "The DKIM key at {about} is of a kind nobody knows: k={value}.", "Use k=rsa."),
    "dkim-unreadable": Fault(
        _WRONG, "The DKIM key at {about} cannot be read.", "Publish it again, whole, in pieces of 255."
    ),
    "dkim-other-key": Fault(
        _WRONG, "The DKIM key at {about} is not what k={value} says.", "Correct k, or publish the other key."
    ),
    "dkim-short": Fault(
        _WRONG, "The DKIM key at {about} has {bits} bits; below 1024 none counts.", "Sign with 2048 bits."
    ),
    "dkim-1024": Fault(_ADVICE, "The DKIM key at {about} has {bits} bits.", "Change to 2048 bits."),
    "dkim-ed25519-alone": Fault(
        _ADVICE, "All named DKIM keys are of Ed25519, which many receivers cannot check.", "Sign with RSA as well."
    ),
    "dkim-hash": Fault(_WRONG, "The DKIM key at {about} takes no sha256 (h={value}).", "Take h out."),
    "dkim-service": Fault(_WRONG, "The DKIM key at {about} is not for mail (s={value}).", "Take s out."),
    "dkim-testing": Fault(_ADVICE, "The DKIM key at {about} is marked as a test (t=y).", "Take y out of t."),
    "dkim-not-aligned": Fault(
        _ADVICE,
        "No named DKIM key is of the domain of {about}: DKIM does not count for DMARC.",
        "Let your mail server or provider sign with a key of that domain.",
    ),
    "dkim-strict": Fault(
        _ADVICE,
        "The DMARC record of {about} wants the very same domain (adkim=s), and no named DKIM key is of it.",
        "Take adkim=s out, or sign with a key of that domain.",
    ),
    # DMARC, RFC 9989 and 9990.
    "dmarc-missing": Fault(
        _WRONG,
        "{about} has no DMARC record.",
        'Publish one at _dmarc (TXT), to begin with "v=DMARC1; p=none; rua=mailto:...".',
    ),
    "dmarc-misspelled": Fault(
        _WRONG, "The record at _dmarc.{about} is none of DMARC: {record}.", 'It has to begin with "v=DMARC1".'
    ),
    "dmarc-two": Fault(_WRONG, "There are {n} DMARC records at _dmarc.{about}, so none counts.", "Leave one."),
    "dmarc-syntax": Fault(_WRONG, "The DMARC record of {about} is broken: {why}.", "Correct it."),
    "dmarc-policy": Fault(
        _WRONG, "The DMARC record of {about} has no policy: p={value}.", "p is none, quarantine or reject."
    ),
    "dmarc-tag": Fault(
        _ADVICE, "The DMARC record of {about} has {tag}={value}, which is passed over.", "Correct or remove it."
    ),
    "dmarc-removed": Fault(
        _ADVICE, "The DMARC record of {about} has {tag}, which is no more (RFC 9989).", "Take it out."
    ),
    "dmarc-none": Fault(
        _ADVICE,
        "The DMARC policy of {about} is p=none: forged mails in your name are delivered.",
        "Read the reports, then change to quarantine and reject.",
    ),
    "dmarc-subdomains-none": Fault(
        _ADVICE,
        "For subdomains such as {about} the DMARC policy is sp=none: forged mails in their name are delivered.",
        "Take sp out, or give the subdomain a record of its own.",
    ),
    "dmarc-testing": Fault(
        _ADVICE, "The DMARC record of {about} is marked as a test (t=y).", "Take t out once reports are good."
    ),
    "dmarc-public-suffix": Fault(
        _WRONG, "The DMARC record of {about} says that others register names below it (psd=y).", "Take psd out."
    ),
    "dmarc-no-reports": Fault(
        _ADVICE, "The DMARC record of {about} asks for no reports.", "Add rua=mailto:... and read them."
    ),
    "dmarc-reports-unreadable": Fault(
        _ADVICE,
        "The DMARC record of {about} sends reports to {value}, which is no address.",
        "Write rua=mailto:NAME@DOMAIN.",
    ),
    "dmarc-reports-unpermitted": Fault(
        _ADVICE,
        "Reports about {about} go to {other}, which has not agreed: none are sent (RFC 9990).",
        'Let {other} publish "v=DMARC1" at {record}.',
    ),
    "dmarc-cannot-pass": Fault(
        _WRONG,
        "Neither SPF nor DKIM counts for mails from {about}: DMARC fails for every one of them.",
        "Sign with a key of its domain, or give the return path the same domain.",
    ),
    # The servers, and where mail comes back to.
    "server-unknown": Fault(
        _UNKNOWN,
        "From which addresses your mail goes out into the world cannot be seen from here.",
        "Name them by MAIL_SENT_FROM; then SPF and their names are looked at.",
    ),
    "server-in-the-clear": Fault(
        _ADVICE,
        "Mails go to {about} in the clear.",
        "Use smtp+tls:// or smtp+ssl:// in EMAIL_URL where the server has TLS.",
    ),
    "server-no-starttls": Fault(_WRONG, "The mail server {about} offers no STARTTLS.", "Give it a certificate."),
    "server-certificate": Fault(
        _WRONG, "The certificate of the mail server {about} is not good: {why}.", "Renew or correct it."
    ),
    "server-away": Fault(
        _UNKNOWN, "The mail server {about} could not be asked for its TLS ({why}).", "See that it is there."
    ),
    "ptr-missing": Fault(
        _WRONG, "The address {about} has no name (PTR).", "Have whoever runs the network give it one."
    ),
    "ptr-not-confirmed": Fault(
        _WRONG,
        "The address {about} is called {other}, which has not that address.",
        "Let PTR and A/AAAA name each other.",
    ),
    "ptr-generic": Fault(
        _ADVICE,
        "The address {about} has a name made from its number: {other}.",
        "Have it called after your mail server.",
    ),
    "return-path-nowhere": Fault(
        _WRONG,
        "Nothing can come back to {about}: it has no MX and no address.",
        "Publish an MX record for MAIL_DOMAIN.",
    ),
    "return-path-null": Fault(
        _WRONG, "{about} says that it takes no mail (null MX), and our return paths are there.", "Publish an MX record."
    ),
    "return-path-exchange": Fault(_WRONG, "The MX of {about}, {other}, has no address.", "Correct the MX record."),
    "from-nowhere": Fault(
        _WRONG, "{about}, from which mails are sent, has no MX and no address.", "Send from a domain that takes mail."
    ),
    "from-null": Fault(
        _WRONG, "{about}, from which mails are sent, says that it takes no mail (null MX).", "Send from one that does."
    ),
    "senders-alike": Fault(
        _ADVICE, "Legal notices and alerts have the same sender, {about}.", "Give ALERTS_FROM an address of its own."
    ),
    # What the mails themselves have to have, RFC 8058.
    "one-click-missing": Fault(
        _WRONG,
        "Mails to followers have no List-Unsubscribe-Post header for one click.",
        "This is a fault of the product.",
    ),
    "one-click-insecure": Fault(
        _WRONG, "The way out in mails to followers is not https: {about}.", "Give SITE_URL its https address."
    ),
}
