"""
Check an evidence pack with nothing but Python's standard library: python3 verify.py [PACK.zip | FOLDER] --key KEY

The first line is the verdict: PASS (exit code 0), FAIL (1) with every file and record that is not what was signed, or
NOT PROVEN (2) where nobody said whose key it has to be. KEY is what stands at /.well-known/policy-log/key; where that
has more than one line, all of them.
"""

import base64
import hashlib
import json
import re
import struct
import sys
import zipfile
import zlib
from collections.abc import Iterable, Iterator, Mapping
from functools import cache
from pathlib import Path
from typing import IO, Any

# Ed25519 (RFC 8032, 5.1): the curve -x^2 + y^2 = 1 + d x^2 y^2 over the integers modulo P, and the order of its base.
P = 2**255 - 19
ORDER = 2**252 + 27742317777372353535851937790883648493
D = -121665 * pow(121666, P - 2, P) % P
ROOT_OF_MINUS_ONE = pow(2, (P - 1) // 4, P)
Point = tuple[int, int, int, int]


# What a pack can hold at most, and how its files are named; whatever else is in a ZIP was not put there by us.
MOST_FILES, MOST_BYTES, LARGEST_RATIO = 100_000, 2_000_000_000, 200
# Each signature takes milliseconds, and anybody can write more of them.
MOST_SIGNATURES = 100
NAME = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_.+@=-]*(/[A-Za-z0-9_][A-Za-z0-9_.+@=-]*)*")
KEY_LINE = re.compile(r"[!-*,-~]{1,255}\+[0-9a-f]{8}\+[A-Za-z0-9+/]{44}")
PASSED, FAILED, NOT_PROVEN = 0, 1, 2
NO_KEY = (
    "CAUTION: nobody said whose key it has to be. Anybody can make a pack that agrees with a key of their own."
    " Get the key from /.well-known/policy-log/key and run again: verify.py PACK.zip --key KEY"
)


class Unreadable(ValueError):
    """Not a pack: the message says why."""


UNREADABLE = (
    *(OSError, ValueError, LookupError, TypeError, AttributeError, ArithmeticError, RecursionError, EOFError),
    *(NotImplementedError, RuntimeError, zipfile.BadZipFile, zlib.error),
)


def verify_ed25519(public: bytes, message: bytes, signature: bytes) -> bool:
    """Whether `signature` over `message` was made with the private half of `public`."""
    if len(public) != 32 or len(signature) != 64:
        return False
    key, commitment = decompress(public), decompress(signature[:32])
    scalar = int.from_bytes(signature[32:], "little")
    if key is None or commitment is None or scalar >= ORDER:
        return False
    challenge = int.from_bytes(hashlib.sha512(signature[:32] + public + message).digest(), "little") % ORDER
    return same(times(scalar, BASE), plus(commitment, times(challenge, key)))


def decompress(encoded: bytes) -> "Point | None":
    number = int.from_bytes(encoded, "little")
    y, sign = number & ((1 << 255) - 1), number >> 255
    if y >= P:
        return None
    square = (y * y - 1) * pow(D * y * y + 1, P - 2, P) % P
    x = pow(square, (P + 3) // 8, P)
    if (x * x - square) % P:
        x = x * ROOT_OF_MINUS_ONE % P
    if (x * x - square) % P or (x == 0 and sign):
        return None
    x = P - x if x & 1 != sign else x
    return x, y, 1, x * y % P


def plus(one: Point, two: Point) -> Point:
    a = (one[1] - one[0]) * (two[1] - two[0]) % P
    b = (one[1] + one[0]) * (two[1] + two[0]) % P
    c = 2 * one[3] * two[3] * D % P
    d = 2 * one[2] * two[2] % P
    e, f, g, h = b - a, d - c, d + c, b + a
    return e * f % P, g * h % P, f * g % P, e * h % P


def times(scalar: int, point: Point) -> Point:
    result: Point = (0, 1, 1, 0)
    while scalar:
        if scalar & 1:
            result = plus(result, point)
        point = plus(point, point)
        scalar >>= 1
    return result


def same(one: Point, two: Point) -> bool:
    return (one[0] * two[2] - two[0] * one[2]) % P == 0 and (one[1] * two[2] - two[1] * one[2]) % P == 0


BASE = decompress((4 * pow(5, P - 2, P) % P).to_bytes(32, "little")) or (0, 1, 1, 0)


def canonical(value: object) -> bytes:
    return json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()


@cache  # many records may name one large file
def sha256(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


@cache
def parsed(data: bytes) -> Any:
    return json.loads(data)


def key_of(verifier: str) -> bytes:
    """The public key in a line such as `example.org/policy-log+0a1b2c3d+AbCd...`."""
    return base64.b64decode(verifier.strip().split("+", 2)[2])[1:]


def signed_head(note: str, verifier: str) -> "tuple[int, bytes]":
    """The size and the root that a checkpoint states, where `verifier` signed it (c2sp.org/tlog-checkpoint)."""
    text, _blank, signatures = note.partition("\n\n")
    for line in signatures.split("\n")[:MOST_SIGNATURES]:
        signature = signature_in(line, verifier)
        if signature and verify_ed25519(key_of(verifier), f"{text}\n".encode(), signature):
            _origin, size, root = text.split("\n")[:3]
            if not re.fullmatch("0|[1-9][0-9]{0,18}", size):
                raise ValueError("the number of its entries is none")
            return int(size), base64.b64decode(root)
    raise ValueError("no signature by the log's key")


def signature_in(line: str, verifier: str) -> bytes:
    """The signature in a line of a signed note that has the name and the id of this key; nothing in others."""
    name, key_id, _key = verifier.split("+", 2)
    dash, signer, given = [*line.split(" "), "", ""][:3]
    raw = base64.b64decode(given) if (dash, signer) == ("\u2014", name) else b""
    return raw[4:] if raw[:4].hex() == key_id else b""


def root_from(leaf: bytes, index: int, size: int, path: "list[bytes]") -> bytes:
    """The root that an inclusion path leads to (RFC 9162, 2.1.3.2)."""
    position, last, result = index, size - 1, leaf
    for step in path:
        if position % 2 or position == last:
            result = hashlib.sha256(b"\x01" + step + result).digest()
            while position and position % 2 == 0:
                position, last = position >> 1, last >> 1
        else:
            result = hashlib.sha256(b"\x01" + result + step).digest()
        position, last = position >> 1, last >> 1
    if last:
        raise ValueError("the path is too short")
    return result


def extends(first: int, first_root: bytes, second: int, second_root: bytes, path: "list[bytes]") -> bool:
    """Whether the tree over `second` leaves begins with the one over `first` (RFC 9162, 2.1.4.2)."""
    if first == second:
        return first_root == second_root and not path
    if not 0 < first < second or not path:
        return False
    steps = list(path) if first & (first - 1) else [first_root, *path]
    position, last = first - 1, second - 1
    while position % 2:
        position, last = position >> 1, last >> 1
    one = two = steps[0]
    for step in steps[1:]:
        if position % 2 or position == last:
            one = hashlib.sha256(b"\x01" + step + one).digest()
            two = hashlib.sha256(b"\x01" + step + two).digest()
            while position and position % 2 == 0:
                position, last = position >> 1, last >> 1
        else:
            two = hashlib.sha256(b"\x01" + two + step).digest()
        position, last = position >> 1, last >> 1
    return last == 0 and one == first_root and two == second_root


def cosigned_at(note: str, line: str, verifier: str) -> "int | None":
    """When a witness signed a head, in seconds since 1970 (c2sp.org/tlog-cosignature); None where it did not."""
    signature = signature_in(line, verifier)
    at, text = int.from_bytes(signature[:8], "big"), note.partition("\n\n")[0]
    message = f"cosignature/v1\ntime {at}\n{text}\n".encode()
    return at if at and verify_ed25519(key_of(verifier), message, signature[8:]) else None


def is_ml_dsa(line: str, verifier: str) -> bool:
    """Whether the line is a witness's of the kind that nothing in Python's standard library can check."""
    return bool(signature_in(line, verifier)) and base64.b64decode(verifier.split("+", 2)[2])[:1] == b"\x06"


def read_proof(text: str) -> "tuple[bytes, int, list[bytes], str]":
    """What a proof file says (c2sp.org/tlog-proof): the entry, its index, the path, and the text of the head."""
    said, _blank, note = text.partition("\n\n")
    first, extra, index, *path = said.split("\n")
    words = [*extra.split(" "), *index.split(" ")]
    if [first, *words[::2]] != ["c2sp.org/tlog-proof@v1", "extra", "index"] or not words[-1].isdigit():
        raise ValueError("it is no such proof")
    entry, steps = base64.b64decode(words[1]), [base64.b64decode(step) for step in path]
    return entry, int(words[3]), steps, note.partition("\n\n")[0]


class Pack:
    """The files of a pack, by name, and what is wrong with them."""

    def __init__(self, files: Mapping[str, bytes], key: "str | None") -> None:
        self.files = files
        self.is_named = key is not None
        # A log whose key was changed publishes the former ones too: the pack was made under one of them.
        own, named = files.get("key.txt", b"").decode("ascii", "replace").removesuffix("\n"), (key or "").split("\n")
        self.verifier = own if key is None or own in named else named[0]
        self.checked = 0
        self.heads: dict[str, tuple[int, bytes]] = {}
        self.remarks: list[str] = []
        self.pages: set[tuple[str, str]] = set()
        self.without_page = 0

    def problems(self) -> Iterator[str]:
        listed = [] if KEY_LINE.fullmatch(self.verifier) else ["key.txt or --key is not one line with a key"]
        listed += self._files()
        yield from listed
        if not listed:  # what was changed is named above; a second complaint about the same bytes helps nobody
            yield from self._records()

    def _files(self) -> Iterator[str]:
        manifest, signature = self.files.get("manifest.json"), self.files.get("manifest.sig")
        if manifest is None or signature is None:
            yield "manifest.json or manifest.sig is missing"
            return
        if not _decodes(self.verifier, manifest, signature):
            yield "manifest.json, manifest.sig or key.txt was changed: the signature over the list of files is wrong"
        try:
            stated = json.loads(manifest)["files"]
        except (ValueError, KeyError, TypeError):
            yield "manifest.json cannot be read"
            return
        for name in sorted({*stated, *self.files} - {"manifest.json", "manifest.sig"}):
            if name not in self.files:
                yield f"{name} is missing"
            elif name not in stated:
                yield f"{name} was added"
            elif sha256(self.files[name]) != stated[name]:
                yield f"{name} was changed"

    def _records(self) -> Iterator[str]:
        try:
            note = self.files["checkpoint.txt"].decode()
            size, root = signed_head(note, self.verifier)
        except (ValueError, KeyError, IndexError) as error:
            yield f"checkpoint.txt: {error}"
            return
        self.heads = {note.partition("\n\n")[0]: (size, root)}
        yield from self._anchors(size, root)
        for name in sorted(self.files):
            if name.endswith(".tlog-proof"):
                yield from self._proof_file(name)
        for entry in json.loads(self.files["01-publications.json"]):
            yield from self._in_log(f"01-publications.json, {entry['body']['reference']}", entry, size, root)
            for late in entry.get("translations", []):
                yield from self._in_log(f"01-publications.json, {late['body']['reference']}", late, size, root)
            yield from self._publication(entry)
            yield from self._dates(entry, size, root)
            yield from self._pages(entry, size, root)
        for entry in json.loads(self.files.get("02-redlines.json", b"[]")):
            yield from self._redline(entry, size, root)
        yield from self._terms(size, root)
        for entry in json.loads(self.files["05-events.json"]):
            yield from self._in_log(f"05-events.json, {entry['body']['reference']}", entry, size, root)
            yield from self._event(entry)
            yield from self._whose(entry, size, root)
        if self.without_page:
            older = "are of an older binding: their log entries do not say which page of the text was shown"
            self.remarks.append(f"05-events.json: {self.without_page} events {older}")

    def _anchors(self, size: int, root: bytes) -> Iterator[str]:
        """What others vouched for: an earlier head, which the pack's own has to extend."""
        if "checkpoint-anchored.json" not in self.files:
            return
        described, note = (
            json.loads(self.files["checkpoint-anchored.json"]),
            self.files["checkpoint-anchored.txt"].decode(),
        )
        try:
            signer = described.get("signed_by", self.verifier)
            first, first_root = signed_head(note, signer)
        except ValueError as error:
            yield f"checkpoint-anchored.txt: {error}"
            return
        self.heads[note.partition("\n\n")[0]] = (first, first_root)
        if signer != self.verifier:
            self.remarks.append(f"an earlier key of the log signed checkpoint-anchored.txt: {signer}")
        if not extends(first, first_root, size, root, [base64.b64decode(step) for step in described["consistency"]]):
            yield "checkpoint-anchored.json: the log does not begin with the head that was vouched for"
        yield from self._cosignatures(described, note, first)
        for name in described["time_stamps"]:
            self.remarks.append(
                f"{name} is a time-stamp (RFC 3161) over checkpoint-anchored.txt. Check it with the authority's root:"
                f" openssl ts -verify -data checkpoint-anchored.txt -in {name} -CAfile ROOT.pem"
            )

    def _cosignatures(self, described: "dict[str, Any]", note: str, first: int) -> Iterator[str]:
        if len(described["cosignatures"]) * len(described["witnesses"]) > MOST_SIGNATURES:
            yield "checkpoint-anchored.json: it names more witnesses than anybody asks"
            return
        for line in described["cosignatures"]:
            signed = [
                (key_, at) for key_ in described["witnesses"] if (at := cosigned_at(note, line, key_)) is not None
            ]
            unknown = [key_ for key_ in described["witnesses"] if is_ml_dsa(line, key_)]
            for witness in unknown:
                self.remarks.append(f"{witness[:80]}... signed by ML-DSA-44, which is not checked here")
            if not signed and not unknown:
                yield f"checkpoint-anchored.json: no witness made the signature {line[:40]}..."
            for witness, at in signed:
                self.remarks.append(
                    f"the witness {witness} signed the head over {first} entries at {at} (seconds since 1970)"
                )

    def _proof_file(self, name: str) -> Iterator[str]:
        self.checked += 1
        try:
            entry, index, path, head = read_proof(self.files[name].decode())
        except ValueError as error:
            yield f"{name}: {error}"
            return
        size, root = self.heads.get(head, (0, b""))
        if not size:
            yield f"{name}: it leads to another head"
        elif index >= size or root_from(hashlib.sha256(b"\x00" + entry).digest(), index, size, path) != root:
            yield f"{name}: the log does not have it"

    def _in_log(self, where: str, entry: "dict[str, Any]", size: int, root: bytes) -> Iterator[str]:
        self.checked += 1
        salt = bytes.fromhex(str(entry.get("salt") or ""))
        leaf = hashlib.sha256(b"\x00" + salt + canonical(entry["body"])).digest()
        proof = entry.get("proof")
        if not isinstance(proof, dict):
            yield f"{where}: it was not in the log yet when this pack was made"
        elif proof["tree_size"] != size:
            yield f"{where}: its proof is for another head"
        elif root_from(leaf, proof["leaf_index"], size, [base64.b64decode(s) for s in proof["path"]]) != root:
            yield f"{where}: the log does not have it"

    def _publication(self, entry: "dict[str, Any]") -> Iterator[str]:
        content = self.files[str(entry["manifest_file"])]
        if sha256(content) != entry["body"]["manifest_sha256"]:
            yield f"{entry['manifest_file']}: it is not what was published"
        sealed = parsed(content)
        texts = {text["language"]: text for text in sealed["texts"]}
        for late in entry.get("translations", []):
            yield from self._late(late, entry["body"]["reference"])
            texts[late["language"]] = (
                json.loads(self.files[late["sealed_file"]]) if late["sealed_file"] else late["body"]
            )
        for language, name in entry["text_files"].items():
            if language not in texts:
                # Packs made before late translations were listed say nothing of them.
                if "translations" in entry:
                    yield f"{name}: it was neither published with the version nor added later"
            elif sha256(self.files[name]) != texts[language]["sha256"]:
                yield f"{name}: it is not the text that was published"
        authors = next((text["language"] for text in sealed["texts"] if text["authoritative"]), "")
        for language, told in entry.get("told", {}).items():
            own = texts.get(language, {}).get("summary")
            if told != ({"language": language, **own} if own else {"language": authors, **sealed["summary"]}):
                where = f"01-publications.json, {entry['body']['reference']}"
                yield f"{where}: readers of {language} were told something else than what was sealed"

    def _dates(self, entry: "dict[str, Any]", size: int, root: bytes) -> Iterator[str]:
        """The date it was published with, and each change of it: each with its log entry, and none left out."""
        if "dates" not in entry:  # packs made before they were listed
            return
        published = f"01-publications.json, {entry['body']['reference']}"
        now = entry["body"]["effective_at"]
        for moved in entry["dates"]:
            body = moved["body"]
            where = f"01-publications.json, the change of date {body['reference']}"
            yield from self._in_log(where, moved, size, root)
            is_earlier = moved["to"] < moved["from"]
            about = (str(body["version"]), body["effective_at"], body["kind"])
            kind = "brought-forward" if is_earlier else "postponement"
            if about != (entry["body"]["reference"], moved["to"], kind) or moved["from"] != now:
                yield f"{where}: it is not about this date"
            if is_earlier and (
                body["was_effective_at"] != now
                or body["promise"]["lines_sha256"] != sha256(canonical({"lines": moved["lines"]}))
            ):
                yield f"{where}: how it stood against the promise is not what was recorded"
            now = moved["to"]
        if now != entry["effective_at"]:
            yield f"{published}: it does not take effect when its last change of date says"

    def _pages(self, entry: "dict[str, Any]", size: int, root: bytes) -> Iterator[str]:
        """The pages that readers saw: each is what its own log entry says, and of a text in this pack."""
        published = f"01-publications.json, {entry['body']['reference']}"
        if "renderings" not in entry:  # packs made before pages were bound
            self.remarks.append(f"{published}: nothing in the pack says which page readers saw (older binding)")
            return
        missing = set(entry["text_files"])
        for page in entry["renderings"]:
            body = page["body"]
            where = f"01-publications.json, the page {body['reference']}"
            yield from self._in_log(where, page, size, root)
            name = entry["text_files"].get(body["language"])
            about = (body["kind"], str(body["version"]), body["before"], body["text_sha256"])
            if name is None or about != ("rendering", entry["body"]["reference"], None, sha256(self.files[name])):
                yield f"{where}: it is the page of something else"
            yield from self._parts(where, page)
            if page["files"] and body["sha256"] == sha256(self.files[str(page["files"]["html"])]):
                missing.discard(body["language"])
                self.pages.add((body["text_sha256"], body["sha256"]))
        yield from (f"{published}, {language}: what readers saw is missing" for language in sorted(missing))

    def _redline(self, entry: "dict[str, Any]", size: int, root: bytes) -> Iterator[str]:
        where = f"02-redlines.json, versions {entry['before']} and {entry['after']}, {entry['language']}"
        if "body" not in entry:
            self.remarks.append(f"{where}: this comparison was made for the pack, and is not on record")
            return
        yield from self._in_log(where, entry, size, root)
        body = entry["body"]
        about = (body["kind"], body["version"], body["language"], (body["before"] or {}).get("version"))
        if about != ("rendering", entry["after"], entry["language"], entry["before"]):
            yield f"{where}: its log entry is about something else"
        yield from self._parts(where, entry)

    def _parts(self, where: str, entry: "dict[str, Any]") -> Iterator[str]:
        if not entry["files"]:
            yield f"{where}: what was published is not in the pack"
        for part, name in entry["files"].items():
            if sha256(self.files[str(name)]) != entry["body"]["parts"][part]:
                yield f"{name}: it is not what was published"

    def _terms(self, size: int, root: bytes) -> Iterator[str]:
        """The terms of the policies: each with its log entry, none between them left out, and those of each version."""
        if "07-terms.json" not in self.files:
            self.remarks.append("nothing in the pack says which terms its policies had (made by an earlier release)")
            return
        chains: dict[str, list[dict[str, Any]]] = {}
        for entry in json.loads(self.files["07-terms.json"]):
            body = entry["body"]
            where = f"07-terms.json, {entry['title']}"
            yield from self._in_log(where, entry, size, root)
            chain = chains.setdefault(str(body.get("policy")), [])
            before: dict[str, Any] = chain[-1] if chain else {"number": 0, "terms": None, "at": ""}
            if (body.get("kind"), body.get("number")) != ("terms", before["number"] + 1):
                yield f"{where}: it is something else, or others before it are missing"
                return
            if body["before"] != before["terms"] or body["at"] < before["at"]:
                yield f"{where}: it does not follow the terms before it"
            chain.append(body)
        for entry in json.loads(self.files["01-publications.json"]):
            yield from self._sealed_under(entry, chains)

    def _sealed_under(self, entry: "dict[str, Any]", chains: "dict[str, list[dict[str, Any]]]") -> Iterator[str]:
        """What a version sealed are the terms on record when it was published; manifests of format 1 do not say any."""
        sealed = json.loads(self.files[str(entry["manifest_file"])])
        if "terms" not in sealed:
            self.remarks.append(f"{entry['title']}: it was sealed before versions named the terms of their policy")
            return
        on_record = [body["terms"] for body in chains.get(sealed["policy"], []) if body["at"] <= entry["body"]["at"]]
        if not on_record or on_record[-1] != sealed["terms"]:
            yield f"07-terms.json, {entry['title']}: the terms it was sealed under are not those on record then"

    def _late(self, late: "dict[str, Any]", version: str) -> Iterator[str]:
        """A translation that came after publication: its log entry binds what stands in its sealed file."""
        name, body = late["sealed_file"], late["body"]
        if body["reference"] != f"{version}/{late['language']}":
            yield f"01-publications.json, {body['reference']}: it is the translation of something else"
        if name and sha256(self.files[name]) != body["sealed_sha256"]:
            yield f"{name}: it is not what was added"
        if name is None and "sealed_sha256" in body:
            yield f"01-publications.json, {body['reference']}: what was sealed of it is missing"

    def _event(self, entry: "dict[str, dict[str, str]]") -> Iterator[str]:
        body = entry["body"]
        name = str(entry["text_file"])
        if sha256(self.files[name]) != body["text_sha256"]:
            yield f"{name}: it is not the text that the event {body['reference']} is about"
        if body["screen"] and sha256(self.files[str(entry["screen_file"])]) != body["screen"]:
            yield f"{entry['screen_file']}: it is not the screen of the event {body['reference']}"
        if "rendering" not in body:
            self.without_page += 1
        elif body["rendering"] and (body["text_sha256"], body["rendering"]) not in self.pages:
            yield f"05-events.json, {body['reference']}: the page that was shown is not in the pack"

    def _whose(self, entry: "dict[str, Any]", size: int, root: bytes) -> Iterator[str]:
        """Whose the event was: its own log entry says so, or, where it is older than that, one that was made later."""
        where, bound = f"05-events.json, {entry['body']['reference']}", entry["body"]
        if "person" not in bound:
            if "belonging" not in entry:  # packs made before such entries existed
                self.remarks.append(f"{where}: its log entry does not say whose it was (older binding)")
                return
            later = entry["belonging"]
            if later is None:
                yield f"{where}: nothing in the log says whose it was"
                return
            yield from self._in_log(f"{where}, whose it was", later, size, root)
            bound = later["body"]
            if (bound["kind"], bound["reference"]) != ("belonging", entry["body"]["reference"]):
                yield f"{where}: what was recorded later is about another event"
            self.remarks.append(f"{where}: older binding; whose it was is on record since {bound['at'][:10]}")
        shown = [(entry[name] or {}).get("id") for name in ("person", "acted_by")]
        if shown != [bound["person"], bound["acted_by"]]:
            yield f"{where}: it is not the act of the person named, or somebody else acted for them"


def _decodes(verifier: str, message: bytes, signature: bytes) -> bool:
    try:
        return verify_ed25519(key_of(verifier), message, base64.b64decode(signature))
    except (ValueError, IndexError):
        return False


def read(place: Path) -> "dict[str, bytes]":
    """The files of a pack, from the ZIP or from the folder it was unpacked to."""
    if place.is_dir():
        paths = [path for path in place.rglob("*") if not path.is_dir() or path.is_symlink()]
        if any(path.is_symlink() or not path.is_file() for path in paths):
            raise Unreadable("it holds something that is no file of its own")
        return _bounded((path.relative_to(place).as_posix(), path.stat().st_size, path.open("rb")) for path in paths)
    whole = place.stat().st_size
    if whole > MOST_BYTES or _entries_in(place) > MOST_FILES:
        raise Unreadable(f"it is larger than {MOST_BYTES} bytes or {MOST_FILES} files")
    with zipfile.ZipFile(place) as archive:
        entries = archive.infolist()
        if sum(entry.compress_size for entry in entries) > whole:
            raise Unreadable("its files lie over one another")
        if sum(entry.file_size for entry in entries) > MOST_BYTES:
            raise Unreadable(f"it is larger than {MOST_BYTES} bytes or {MOST_FILES} files")
        _refuse_odd(entries)
        with place.open("rb") as file:
            if _end_of(file, entries) != whole:
                raise Unreadable("other programs would find other files in it than those in its list")
        return _bounded((entry.filename, entry.file_size, archive.open(entry)) for entry in entries)


def _refuse_odd(entries: "list[zipfile.ZipInfo]") -> None:
    for entry in entries:
        if entry.is_dir() or entry.external_attr >> 28 not in {0, 8} or entry.flag_bits & 1:
            raise Unreadable(f"{safe(entry.filename)} is no plain file")
        if entry.orig_filename != entry.filename:
            raise Unreadable(f"{safe(entry.orig_filename)} is no name of a file in a pack")
        if entry.file_size > LARGEST_RATIO * entry.compress_size + 1_000_000:
            raise Unreadable(f"{safe(entry.filename)} would unfold to far more than it is")


def _end_of(file: "IO[bytes]", entries: "list[zipfile.ZipInfo]") -> int:
    """
    Where a ZIP ends that has these entries and nothing else, one behind the other; -1 where they lie otherwise.

    Many programs read a ZIP from its beginning and not by the list at its end: to them, too, it has to say the same.
    """
    place = 0
    for entry in sorted(entries, key=lambda each: each.header_offset):
        file.seek(entry.header_offset)
        head = file.read(30)
        if entry.header_offset != place or len(head) < 30:
            return -1
        said = struct.unpack("<HH4xLLL", head[6:26])
        if said != (entry.flag_bits, entry.compress_type, entry.CRC, entry.compress_size, entry.file_size):
            return -1
        place += 30 + sum(struct.unpack("<HH", head[26:])) + entry.compress_size
    listed = sum(46 + len(entry.orig_filename.encode()) + len(entry.extra) + len(entry.comment) for entry in entries)
    return place + listed + 22


def _entries_in(place: Path) -> int:
    """How often the mark of an entry stands in a ZIP, without reading entries: there are no more of them than marks."""
    count, rest = 0, b""
    with place.open("rb") as file:
        while block := file.read(1_000_000):
            count += (rest + block).count(b"PK\x01\x02")
            rest = block[-3:]
    return count


def _bounded(entries: "Iterable[tuple[str, int, IO[bytes]]]") -> "dict[str, bytes]":
    """What the entries hold; each name once, in whatever case, and no more than a pack can hold."""
    found: dict[str, bytes] = {}
    seen, room = set(), MOST_BYTES
    for name, size, file in entries:
        with file:
            if not NAME.fullmatch(name) or ".." in name.split("/"):
                raise Unreadable(f"{safe(name)} is no name of a file in a pack")
            if name.casefold() in seen:
                raise Unreadable(f"{name} is there twice")
            if size > room or len(found) >= MOST_FILES:
                raise Unreadable(f"it is larger than {MOST_BYTES} bytes or {MOST_FILES} files")
            content = file.read(size + 1)
        if len(content) != size:
            raise Unreadable(f"{name} is not as large as the pack says")
        room -= size
        seen.add(name.casefold())
        found[name] = content
    return found


def safe(text: str) -> str:
    """What a terminal only prints: everything else is written as an escape."""
    return "".join(each if each.isprintable() else ascii(each)[1:-1] for each in text)[:500]


def main(arguments: "list[str]") -> int:
    key = None
    if "--key" in arguments:
        place = arguments.index("--key")
        if place + 1 == len(arguments):
            return _say(FAILED, "FAIL: --key needs the line that stands at /.well-known/policy-log/key")
        key = arguments[place + 1].strip()
        del arguments[place : place + 2]
    try:
        files = read(Path(arguments[0]) if arguments else Path(__file__).resolve().parent)
        pack = Pack(files, key)
        problems = list(pack.problems())
    except UNREADABLE as error:
        return _say(FAILED, f"FAIL: the pack cannot be read: {type(error).__name__}: {error}")
    said = [f"key: {pack.verifier}", *(f"note: {each}" for each in pack.remarks)]
    count = f"{len(files)} files, {pack.checked} records in the log"
    if problems:
        return _say(FAILED, f"FAIL: {len(problems)} found", *(f"FAIL: {each}" for each in problems), *said)
    if not pack.is_named:
        return _say(NOT_PROVEN, f"NOT PROVEN: the pack agrees with itself alone, {count}", NO_KEY, *said)
    return _say(PASSED, f"PASS: {count}", *said)


def _say(code: int, *lines: str) -> int:
    sys.stdout.write("".join(f"{safe(line)}\n" for line in lines))
    return code


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
