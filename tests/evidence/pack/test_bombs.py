"""Packs that want to take much: `verify.py` refuses them in a sentence, within bounds of memory and time."""

import base64
import hashlib
import json
import resource
import struct
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from policies.evidence.pack import standalone

MEGABYTES, SECONDS = 500, 20
KEY = Ed25519PrivateKey.from_private_bytes(b"k" * 32)
BYTES = b"\x01" + KEY.public_key().public_bytes_raw()
ID = hashlib.sha256(b"somebody.example\n" + BYTES).digest()[:4]


def verify(path: Path) -> str:
    """What a program of its own says to a pack, which may take only so much."""
    room = MEGABYTES * 1_000_000
    done = subprocess.run(
        [sys.executable, "-I", str(standalone.__file__), str(path)],
        capture_output=True,
        text=True,
        timeout=SECONDS,
        preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_AS, (room, room)),
        check=False,
    )
    assert (done.returncode, done.stderr) == (1, "")
    return done.stdout


def entry(name: bytes, *, size: int, compressed: int, offset: int = 0) -> bytes:
    """An entry of the list at the end of a ZIP."""
    head = struct.pack("<4s6H3L", b"PK\x01\x02", 20, 20, 0, 8, 0, 0, 0, compressed, size)
    return head + struct.pack("<5H2L", len(name), 0, 0, 0, 0, 0, offset) + name


def ending(entries: bytes, *, count: int, at: int) -> bytes:
    return struct.pack("<4s4H2LH", b"PK\x05\x06", 0, 0, count & 0xFFFF, count & 0xFFFF, len(entries), at, 0)


def test_a_million_entries(tmp_path: Path) -> None:
    entries = entry(b"x", size=0, compressed=0) * 1_000_000
    (tmp_path / "pack.zip").write_bytes(entries + ending(entries, count=1_000_000, at=0))
    assert "it is larger than" in verify(tmp_path / "pack.zip")


@pytest.mark.parametrize(
    ("size", "compressed", "sentence"),
    [
        (2**32 - 2, 10, "it is larger than"),
        (1_900_000_000, 10, "unfold to far more"),
        (1_900_000_000, 2**30, "lie over one another"),
    ],
)
def test_absurd_sizes(tmp_path: Path, size: int, compressed: int, sentence: str) -> None:
    held = entry(b"x", size=size, compressed=compressed)
    (tmp_path / "pack.zip").write_bytes(b"-" * 100 + held + ending(held, count=1, at=100))
    assert sentence in verify(tmp_path / "pack.zip")


def test_members_that_lie_over_one_another(tmp_path: Path) -> None:
    path = tmp_path / "pack.zip"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("x", bytes(range(256)) * 400_000)
        (first,) = archive.filelist
        archive.filelist += [first] * 15
    assert "lie over one another" in verify(path)


def test_a_member_that_unfolds_hugely(tmp_path: Path) -> None:
    path = tmp_path / "pack.zip"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive, archive.open("x", "w", force_zip64=True) as file:
        for _ in range(200):
            file.write(b"0" * 1_000_000)
    assert "unfold to far more" in verify(path)


def signed(path: Path, files: dict[str, bytes]) -> Path:
    """A pack that agrees with somebody's own key."""
    head = b"somebody.example\n1\n" + base64.b64encode(b"r" * 32) + b"\n"
    files = {
        "key.txt": f"somebody.example+{ID.hex()}+{base64.b64encode(BYTES).decode()}\n".encode(),
        "checkpoint.txt": head + b"\n" + signature(head),
        "01-publications.json": b"[]",
        "05-events.json": b"[]",
        **files,
    }
    stated = {name: hashlib.sha256(content).hexdigest() for name, content in files.items()}
    manifest = json.dumps({"files": stated}).encode()
    files |= {"manifest.json": manifest, "manifest.sig": base64.b64encode(KEY.sign(manifest))}
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    return path


def signature(head: bytes) -> bytes:
    return f"\u2014 somebody.example {base64.b64encode(ID + KEY.sign(head)).decode()}\n".encode()


def test_one_large_file_that_many_records_name(tmp_path: Path) -> None:
    body = {"reference": "r", "text_sha256": "0", "screen": "", "person": None, "acted_by": None}
    event = {"body": body, "text_file": "t", "proof": None, "person": None, "acted_by": None}
    publication = {
        "body": {"reference": "r", "manifest_sha256": "0"},
        "manifest_file": "m",
        "text_files": {},
        "proof": None,
    }
    sealed = json.dumps({"texts": [], "summary": {}, "filler": list(range(500_000))}).encode()
    files = {"t": hashlib.shake_256(b"").digest(10_000_000), "m": sealed}
    files["05-events.json"] = json.dumps([event] * 6000).encode()
    files["01-publications.json"] = json.dumps([publication] * 200).encode()
    assert "t: it is not the text" in verify(signed(tmp_path / "pack.zip", files))


def test_signatures_without_end(tmp_path: Path) -> None:
    head = b"somebody.example\n1\n" + base64.b64encode(b"r" * 32) + b"\n"
    wrong = signature(b"something else")
    files = {"checkpoint.txt": head + b"\n" + wrong * 20_000 + signature(head)}
    assert "no signature by the log's key" in verify(signed(tmp_path / "pack.zip", files))


def test_witnesses_without_end(tmp_path: Path) -> None:
    head = b"somebody.example\n1\n" + base64.b64encode(b"r" * 32) + b"\n"
    verifier = f"w+00000000+{base64.b64encode(BYTES).decode()}"
    line = f"\u2014 w {base64.b64encode(b'x' * 12 + KEY.sign(b'')).decode()}"
    described = {"consistency": [], "witnesses": [verifier] * 300, "cosignatures": [line] * 300, "time_stamps": []}
    files = {
        "checkpoint-anchored.json": json.dumps(described).encode(),
        "checkpoint-anchored.txt": head + b"\n" + signature(head),
    }
    assert "more witnesses than anybody asks" in verify(signed(tmp_path / "pack.zip", files))
