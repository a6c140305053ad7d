"""The texts of a pack: what was hashed, and the same as a page, as plain text and in print, in every language."""

import io
import re
import zipfile
import zlib

import pytest

from policies import clock, ledger, rendering
from policies.evidence.pack import packing
from policies.models import Rendering, Version, VersionText
from tests.factories import BODY, make_policy, make_version

pytestmark = pytest.mark.django_db

GERMAN = BODY.replace("We keep this page short so that it is read.", "Wir halten uns kurz.")


@pytest.fixture
def version() -> Version:
    return make_version(make_policy(slug="privacy", title="Privacy Policy"), translations={"de": GERMAN})


def packed(version: Version) -> dict[str, bytes]:
    ledger.append(kind="publication", reference=str(version.pk), body={"number": version.number}, at=clock.now())
    ledger.seal(at=clock.now())
    with zipfile.ZipFile(io.BytesIO(packing.build(packing.of_version(version), at=clock.now()))) as pack:
        return {name: pack.read(name) for name in pack.namelist()}


def catalog_of(pdf: bytes) -> bytes:
    """Whatever of a PDF's objects can be unpacked: its catalog and its title are among them."""
    streams = re.findall(rb"stream\r?\n(.*?)\r?\nendstream", pdf, re.DOTALL)
    return b"".join(zlib.decompress(stream) for stream in streams)


def test_each_text_is_there_as_it_was_hashed_and_as_people_read_it(version: Version) -> None:
    files = packed(version)
    for text in version.texts.all():
        name = f"01-privacy-v1.{text.language}"
        assert ledger.sha256_hex(files[f"{name}.md"]) == text.sha256
        assert b"<h2" in files[f"{name}.html"]
        assert b"<" not in files[f"{name}.txt"]
    assert b"Wir halten uns kurz." in files["01-privacy-v1.de.txt"]


def test_each_text_is_printed_in_its_language_where_that_is_installed(version: Version) -> None:
    pytest.importorskip("weasyprint", reason="the extra “pdf” is not installed")
    files = packed(version)
    printed = {name: pdf for name, pdf in files.items() if name.startswith("01-") and name.endswith(".pdf")}
    assert sorted(printed) == ["01-privacy-v1.de.pdf", "01-privacy-v1.en.pdf"]
    for name, pdf in printed.items():
        assert pdf.startswith(b"%PDF-")
        assert f"/Lang ({name.split('.')[1]})".encode() in catalog_of(pdf)
        assert b"/Title (Privacy Policy)" in catalog_of(pdf)
    assert printed["01-privacy-v1.de.pdf"] != printed["01-privacy-v1.en.pdf"]


def test_a_printed_text_says_its_title_and_fingerprint_and_nothing_of_it_is_markup() -> None:
    text = VersionText(title="Terms & <more>", language="de", sha256="ab12")
    page = rendering.alone(text, Rendering(html="<p>We log.</p>"))
    assert page.startswith('<!doctype html><html lang="de" dir="ltr">')
    assert "<h1>Terms &amp; &lt;more&gt;</h1><p>We log.</p>" in page
    assert "sha256 ab12" in page
