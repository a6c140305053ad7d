"""The head of a mail: whatever an organization and a text are called, it says exactly that, and programs read it."""

import email
import random
from email import policy
from email.message import EmailMessage
from email.utils import parseaddr

import pytest

from policies.notices.write import mime
from policysite import settings

# As they stand in names and titles; the last ones are what folding used to lose blanks around.
WORDS = (
    *(
        "Update",
        "mise",
        "à",
        "jour",
        "–",
        "Datenschutzerklärung",
        "(UK)",
        "Acme,",
        "Über",
        "“neu”",
        "ß",
        "的",
        "隐私政策",
    ),
    *("🎧", "Ελληνικά", "a" * 30, "é" * 30, "=?utf-8?q?x?=", ":", "1.", '"'),
)


def head_of(*, subject: str = "Subject", sender: str = "Acme <legal@example.org>", **fields: str) -> EmailMessage:
    source = mime.build(mime.Mail(sender=sender, subject=subject, text="x", html="<p>x</p>", **fields))  # type: ignore[arg-type]
    head, _, _body = source.partition("\r\n\r\n")
    assert head.isascii()
    assert max(map(len, head.split("\r\n"))) <= 998
    return email.message_from_string(source, policy=policy.default)


def test_ten_thousand_subjects_are_read_as_they_were_written() -> None:
    chance = random.Random(20261127)  # noqa: S311 - words, not secrets
    wrong = []
    for _ in range(10_000):
        subject = " ".join(chance.choices(WORDS, k=chance.randrange(1, 14)))
        if _subject_of(mime._encoded("Subject", subject)) != subject:
            wrong.append(subject)
    assert wrong == []


def _subject_of(encoded: str) -> str:
    return str(email.message_from_string(f"Subject: {encoded}\r\n\r\n", policy=policy.default)["Subject"])


@pytest.mark.parametrize(
    "subject",
    [
        "Conditions d’utilisation – à partir du 1er janvier 2027",
        "Mise à jour de la politique de confidentialité – prend effet le 24 décembre 2026",
        "Privacy Policy",
        "x" * 300,
        "é" * 300,
    ],
)
def test_a_whole_mail_keeps_its_subject(subject: str) -> None:
    assert str(head_of(subject=subject)["Subject"]) == subject


@pytest.mark.parametrize(
    "name", ["Acme, Inc.", "Acme (UK) Ltd.", 'The "Best" Co', "Müller & Söhne, GmbH", "Acme", "株式会社"]
)
def test_a_name_is_one_name(name: str) -> None:
    sender = settings.own_sender(name, "legal")
    read = head_of(sender=sender)["From"].addresses
    assert [(each.display_name, each.addr_spec) for each in read] == [(name, f"legal@{settings.MAIL_DOMAIN}")]
    assert parseaddr(sender) == (name, f"legal@{settings.MAIL_DOMAIN}")


def test_questions_go_to_the_contact() -> None:
    assert str(head_of(reply_to="privacy@example.org")["Reply-To"]) == "privacy@example.org"


@pytest.mark.parametrize("line_break", ["\n", "\r", "\r\n Bcc: x@example.org"])
def test_no_header_is_smuggled_in(line_break: str) -> None:
    everywhere = [
        {"subject": f"a{line_break}b"},
        {"sender": f"a{line_break}b <legal@example.org>"},
        {"reply_to": f"a{line_break}b@example.org"},
    ]
    for given in everywhere:
        with pytest.raises(mime.BadHeader):
            head_of(**given)
