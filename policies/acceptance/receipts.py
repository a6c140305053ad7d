"""
Receipts: what somebody answered, signed, with the proof that it is in the log; mailed once the log has it.

The receipt holds the salt of its leaf: with it, its holder can open the leaf for whomever they choose.
"""

import json
import logging
from dataclasses import asdict
from datetime import datetime, timedelta

from django.conf import settings
from django.core.mail import EmailMessage
from django.template.loader import render_to_string
from django.utils.translation import gettext as _

from policies import account_mail, anchoring, date_formats, language_names, ledger, rendering
from policies.ledger import notes, proofs
from policies.look import in_use
from policies.mail import plain_mail
from policies.models import Act, ActSubject, LedgerLeaf

log = logging.getLogger(__name__)

FORMAT = "policysite-receipt/1"
# Whoever answers gets their receipt with the proof; should sealing be late, without it.
WAIT_FOR_SEAL = timedelta(minutes=10)
RETRIES = tuple(timedelta(minutes=minutes) for minutes in (1, 5, 15, 60, 180, 360, 1440))
AT_ONCE = 100


def document(act: Act) -> dict[str, object]:
    """The receipt as JSON: what the leaf binds, the salt that opens it, the signature, and the proof once sealed."""
    subject = ActSubject.objects.filter(subject_ref=act.subject_ref).first()
    leaf = LedgerLeaf.objects.filter(kind="act", reference=act.subject_ref.hex).first()
    version = act.version
    moved_at = account_mail.moved_before(subject.person_id, act.at) if subject else None
    receipt: dict[str, object] = {
        "format": FORMAT,
        "organization": in_use.organization(),
        "policy": version.policy.slug,
        "title": version.text_in(act.language).title,
        "number": version.number,
        "correction": version.correction,
        "address": f"{settings.SITE_URL}/p/{version.policy.slug}/v/{version.label}/",
        "told": asdict(act.told),
        "record": ledger.act_record(act, subject),
        "salt": bytes(subject.salt).hex() if subject else None,
    }
    if moved_at:
        receipt["address_changed_at"] = ledger.instant(moved_at)
    proof = proofs.inclusion(leaf) if leaf else None
    return {
        "receipt": receipt,
        "signature": notes.sign_text(ledger.canonical_json(receipt)),
        "verifier": notes.verifier(),
        "proof": proof.as_json() if proof else None,
    }


def tlog_proof(act: Act) -> str | None:
    """The proof as tools of others take it (c2sp.org/tlog-proof), with what opens the leaf; None before it."""
    subject = ActSubject.objects.filter(subject_ref=act.subject_ref).first()
    leaf = LedgerLeaf.objects.filter(kind="act", reference=act.subject_ref.hex).first()
    if subject is None or leaf is None:
        return None
    text = ledger.canonical_json(ledger.act_record(act, subject))
    return anchoring.proof_of(leaf, entry=ledger.entry_of(text, salt=bytes(subject.salt)))


def mail_due(*, at: datetime) -> int:
    """Mail the receipts that are due and in the log, each at least once; return how many went out."""
    due = (
        ActSubject.objects.filter(receipt_due_at__lte=at).select_related("person").order_by("receipt_due_at")[:AT_ONCE]
    )
    return sum(_mail(subject, at=at) for subject in due)


def _mail(subject: ActSubject, *, at: datetime) -> bool:
    act = Act.objects.select_related("version__policy", "screen", "undoes").get(subject_ref=subject.subject_ref)
    receipt = document(act)
    if receipt["proof"] is None and at < act.at + WAIT_FOR_SEAL:
        return False
    if not _claim(subject, at=at):
        return False
    try:
        with language_names.speaking(subject.person.language, act.version.policy.language):
            _message(act, subject, receipt).send()
    except (OSError, rendering.NotAsPublished) as error:
        # Only the kind of error: what a mail server says may repeat the address.
        log.warning(
            "The receipt %s could not be mailed; it is tried again and stays in the account. (%s)",
            act.pk,
            type(error).__name__,
        )
        return False
    ActSubject.objects.filter(pk=subject.pk).update(receipt_due_at=None)
    return True


def _claim(subject: ActSubject, *, at: datetime) -> bool:
    """Put the next attempt off before this one is made: of two that come together, one sends."""
    attempt = subject.receipt_attempts
    if attempt >= len(RETRIES):
        ActSubject.objects.filter(pk=subject.pk).update(receipt_due_at=None)
        return False
    claimed = ActSubject.objects.filter(pk=subject.pk, receipt_attempts=attempt, receipt_due_at__isnull=False)
    return bool(claimed.update(receipt_attempts=attempt + 1, receipt_due_at=at + RETRIES[attempt]))


def _message(act: Act, subject: ActSubject, receipt: dict[str, object]) -> EmailMessage:
    text = act.version.text_in(act.language)
    values = {"title": text.title, "number": act.version.label}
    subjects = {
        Act.Kind.AGREED: _("Receipt: you accepted the %(title)s, version %(number)s"),
        Act.Kind.DECLINED: _("Receipt: you declined the %(title)s, version %(number)s"),
        Act.Kind.WAIVED: _("You need not answer about the %(title)s, version %(number)s"),
        Act.Kind.WITHDRAWN: _("Receipt: you took back your answer to the %(title)s, version %(number)s"),
    }
    if act.kind == Act.Kind.WITHDRAWN and act.method == Act.Method.DESK:
        subjects[Act.Kind.WITHDRAWN] = _("You are asked again about the %(title)s, version %(number)s")
    if act.is_claimed:
        subjects[Act.Kind.AGREED] = _("On record: you accepted the %(title)s, version %(number)s, not on this site")
        subjects[Act.Kind.DECLINED] = _("On record: you declined the %(title)s, version %(number)s, not on this site")
    subject_line = subjects.get(Act.Kind(act.kind), _("Receipt: %(title)s, version %(number)s")) % values
    body = render_to_string(
        "mail/receipt.txt",
        {
            "subject": subject_line,
            "act": act,
            "remark": subject.remark,
            "can_undo": act.kind in {Act.Kind.AGREED, Act.Kind.DECLINED},
            "at": date_formats.instant_of(act.at, act.version.zone),
            "undo_until": date_formats.instant_of(act.at + timedelta(hours=24), act.version.zone),
            "receipt_url": f"{settings.SITE_URL}/account/receipts/{act.subject_ref}/",
            "version_url": f"{settings.SITE_URL}/p/{act.version.policy.slug}/v/{act.version.label}/",
            "organization": in_use.organization(),
            "contact": act.version.policy.contact,
            "proof": receipt["proof"],
            "account": subject.person.account,
            "address_changed": account_mail.noted(account_mail.moved_before(subject.person_id, act.at)),
        },
    )
    mail = plain_mail.compose(
        subject=subject_line,
        body=body,
        sender=in_use.legal_sender(),
        to=[subject.person.address],
        reply_to=act.version.policy.contact,
    )
    mail.attach("receipt.json", json.dumps(receipt, indent=2, ensure_ascii=False), "application/json")
    proof = tlog_proof(act)
    if proof:
        mail.attach("receipt.tlog-proof", proof, "text/plain")
    page = rendering.alone(text, rendering.rendering_of(text))
    mail.attach(f"{act.version.policy.slug}-version-{act.version.label}-{text.language}.html", page, "text/html")
    return mail
