"""Which domains belong together: the tree walk of RFC 9989, 4.10."""

import pytest

from policies.deliverability import dmarc
from policies.deliverability.dns_answers import Answers
from tests.dns_server import serving

PLAIN, HERE, SUFFIX = "v=DMARC1; p=none", "v=DMARC1; p=none; psd=n", "v=DMARC1; p=none; psd=y"
LONG = "a.b.c.d.e.f.g.h.i.example.org"


@pytest.mark.parametrize(
    ("records", "domain", "organization"),
    [
        ({}, "a.example.org", "a.example.org"),
        ({"example.org": PLAIN}, "a.b.example.org", "example.org"),
        ({"example.org": PLAIN, "b.example.org": PLAIN}, "a.b.example.org", "example.org"),
        ({"example.org": PLAIN, "b.example.org": HERE}, "a.b.example.org", "b.example.org"),
        ({"bank": SUFFIX, "example.bank": PLAIN}, "a.example.bank", "example.bank"),
        ({"bank": SUFFIX}, "a.example.bank", "example.bank"),
        ({"bank": SUFFIX}, "bank", "bank"),
        ({"example.org": PLAIN, "i.example.org": PLAIN}, LONG, "example.org"),
        ({"c.d.e.f.g.h.i.example.org": HERE}, LONG, LONG),
        ({"example.org": "v=DMARC1; nonsense"}, "a.example.org", "a.example.org"),
    ],
)
def test_it_is_found_by_walking_up(records: dict[str, str], domain: str, organization: str) -> None:
    with serving({(f"_dmarc.{name}", "TXT"): [text] for name, text in records.items()}) as server:
        assert dmarc.organization_of(domain, Answers(server.servers, seconds=60)) == organization
        assert len(server.asked) <= 8
