"""Packs that somebody crafted: none passes, nothing breaks, and nothing but plain text is printed."""

import io
import struct
import warnings
import zipfile
from pathlib import Path

import pytest

from policies.evidence.pack import packing, standalone
from policies.ledger import notes
from tests.acceptance.asking import NOW
from tests.evidence import world

pytestmark = pytest.mark.django_db

NAMES = ("manifest.json", "manifest.sig", "checkpoint.txt", "key.txt", "01-publications.json", "05-events.json")
ODD = ("../x", "/x", "a/../x", "\x1b[2J", "x\u202ey", "a b", "C:\\x", "\u00fc", "a//b", "./x", ".x", "-x", "KEY.TXT")
KEYS = ("\x1b[2K{}", "{}\n{}", "{}\x08", " {}", "", "{}\r", "x+y", "{}=", "\u202e{}")


def zipped(pairs: list[tuple[str, bytes]]) -> bytes:
    held = io.BytesIO()
    with zipfile.ZipFile(held, "w", zipfile.ZIP_DEFLATED) as archive, warnings.catch_warnings():
        warnings.simplefilter("ignore")
        for name, content in pairs:
            archive.writestr(name, content)
    return held.getvalue()


def changed(whole: bytes, place: int) -> bytes:
    """What programs read that begin at the beginning: the head of the first file. The list at the end stays."""
    return whole[:place] + bytes([whole[place] ^ 1]) + whole[place + 1 :]


def with_comment(whole: bytes, comment: bytes) -> bytes:
    return whole[:-2] + struct.pack("<H", len(comment)) + comment


def crafted(files: dict[str, bytes]) -> dict[str, bytes]:
    whole, pairs = zipped(list(files.items())), list(files.items())
    found = {f"truncated {part}": whole[: len(whole) * part // 10] for part in (1, 5, 9)}
    for name in NAMES:
        found[f"forged first {name}"] = zipped([(name, b"forged"), *pairs])
        found[f"forged last {name}"] = zipped([*pairs, (name, b"forged")])
        found[f"missing {name}"] = zipped([pair for pair in pairs if pair[0] != name])
        found[f"changed {name}"] = zipped([(each, b"{}" if each == name else data) for each, data in pairs])
    found |= {f"odd name {name!r}": zipped([*pairs, (name, b"x")]) for name in ODD}
    link = zipfile.ZipInfo("link")
    link.external_attr = 0o120777 << 16
    found["link"] = zipped([*pairs, (link, b"key.txt")])  # type: ignore[list-item]
    forged = zipped([(name, b"forged" if name == "01-publications.json" else data) for name, data in pairs])
    found |= {"another in front": forged + whole, "another as a comment": with_comment(whole, forged[:60_000])}
    found |= {f"first entry, byte {place}": changed(whole, place) for place in (6, 8, 14, 18, 22)}
    found["bomb"] = zipped([*pairs, ("bomb.txt", b"0" * 30_000_000)])
    found |= {
        f"key {key!r}": zipped(
            [*pairs[:0], *{**files, "key.txt": key.format(*[files["key.txt"].decode().strip()] * 2).encode()}.items()]
        )
        for key in KEYS
    }
    return found


def test_no_crafted_pack_passes(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    whole = packing.build(packing.of_person(world.build()[0]), at=NOW)
    with zipfile.ZipFile(io.BytesIO(whole)) as archive:
        files = {name: archive.read(name) for name in archive.namelist()}
    packs, path = crafted(files), tmp_path / "pack.zip"
    passed = []
    for what, pack in packs.items():
        path.write_bytes(pack)
        if standalone.main([str(path)]) != standalone.FAILED:
            passed.append(what)
    assert len(packs) >= 40
    assert passed == []
    assert capsys.readouterr().out.replace("\n", "").isprintable()


def test_a_pack_is_held_against_the_key_that_is_named(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "pack.zip"
    path.write_bytes(packing.build(packing.of_person(world.build()[0]), at=NOW))
    assert standalone.main([str(path), "--key", notes.verifier()]) == 0
    assert "CAUTION" not in capsys.readouterr().out
    assert standalone.main([str(path)]) == standalone.NOT_PROVEN
    assert capsys.readouterr().out.startswith("NOT PROVEN: ")
    assert standalone.main([str(path), "--key"]) == 1
