"""What a pack says about itself: how to check it, what is in it, and how records come to be."""

import platform
from datetime import datetime

import django
from django.conf import settings

from policies import ledger, rendering
from policies.evidence.pack.scopes import Scope
from policies.look import in_use
from policies.models import Checkpoint


def readme(scope: Scope, head: Checkpoint, *, at: datetime) -> str:
    return f"""Evidence: {scope.name}
Made {ledger.instant(at)} by {in_use.organization()}, {settings.SITE_URL}.
All instants are UTC unless they say otherwise.

How to check it, with nothing but Python 3.9 or later and without a network:

    python3 verify.py --key KEY            (in the unpacked folder; or: python3 verify.py PACK.zip --key KEY)

KEY is what stands at {settings.SITE_URL}/.well-known/policy-log/key, or in a receipt that somebody else kept. The first
line it prints is PASS, or FAIL with every file and record that is not what was signed. Without --key it says NOT
PROVEN: a pack alone cannot say whose key it was signed with.

manifest.json, .sig     the sha256 of every file, and the signature over that list
checkpoint.txt          the signed head of the public log ({head.size} entries) that all proofs lead to
checkpoint-anchored.*   where somebody outside vouched for the log: the head they saw, the proof that the one above
                        extends it, and their time-stamp or signature
00-cover.html, .pdf     all of it told on a few pages
01-...                  the exact texts (.md is what was hashed; .html, .txt and .pdf show it), what was sealed
                        with them (-manifest.json; of a translation that came later -sealed.json), what readers of each
                        language were told of the change, who wrote and who approved, and the entries in the log. Each
                        page (.html, .txt) has an entry of its own; those of earlier renderers have -page- in their name
02-redline-...          the comparisons that were shown, and each version against the one before; 02-redlines.json has
                        their entries in the log, or says that a comparison was made for this pack
03-...                  the mails, byte by byte, and what the mail server said to each try. "accepted" means that the
                        mail server took the mail; it does not mean that it arrived or was read
04-screen-...           the screens the answers were given on: templates, styles and wording, by hash
05-events.json          each act, with the salt that opens its entry in the log, and the proof that it is there
                        (each entry binds whose the act was, who acted for them, and the page of the text that was on
                        the screen. Acts of older bindings lack the page; the oldest have a second entry, "belonging",
                        that was made later and says since when it is on record whose they were)
05-story.txt            the same and what was told and shown, in order; at its end what applied, and on what basis
06-use-after-effective  days on which somebody was seen using the product after a version took effect, as reported
06-deemed.json          what a text makes of such use, with its grounds: derived, and never counted as agreed
07-promise.json         the promise that governed each change, in its own words, and how the change stood against it
07-terms.json           the terms of each policy on record, such as whom it asks and how long it waits, with their
                        entries in the log: those in force at an instant are the last ones before it, for all versions
08-process.md           how all this is recorded; the basis for a custodian's declaration
proofs/                 that the entries are in the log, for other tools (c2sp.org/tlog-proof; what the entry is the
                        hash of is the extra line)
09-consent-27560.jsonld the acts in the terms of ISO/IEC TS 27560:2023

{len(scope.people)} people, {len(scope.acts)} acts, {len(scope.versions)} versions.
"""


def process() -> str:
    return f"""# How these records come to be

This describes the system as it was configured when this pack was made; it is made by the system itself.

- Software: policysite on Django {django.get_version()}, Python {platform.python_version()}; text renderer
  {rendering.RENDERER}; database {settings.DATABASES["default"]["ENGINE"].rpartition(".")[2]}.
- A version is written by one person and approved by another, save where the history says "without second person".
  Approval seals a manifest: the sha256 over the text in every language, class, reasons, summary and dates. Only what
  was sealed can be published, and the database refuses to change or delete it afterwards.
- Each notice mail is built once a language; the bytes sent to each person follow from it and from the recorded address
  and time. Every try is recorded with the mail server's own reply.
- An answer is recorded only from a form that the person sent while signed in; looking at a page records no answer. The
  form carries a signed token that says which version, in which language, on which screen, was shown when. A form that
  was overtaken by a newer version records nothing.
- Each publication, notice and act appends an entry to a log in the same transaction. The entries are sealed into a
  Merkle tree (RFC 9162) whose head is signed (Ed25519) and published at {settings.SITE_URL}/.well-known/policy-log/,
  in every notice mail and in every receipt.
- How somebody was signed in is recorded with each act. Network addresses are
  {"kept, shortened to their network" if settings.RECORD_NETWORK_ADDRESS else "not kept"}.
- Times come from the server's clock.

Declaration (to be completed by the custodian of records): I am familiar with the system described above. The records
in this pack were made at or near the time of the events by a process that produces an accurate result, and were kept
in the course of a regularly conducted activity. Name, position, date, signature: ______________________________
"""
