"""Others who vouch for the log, on this machine: a time-stamp authority by openssl, and a witness."""

import base64
import socket
import subprocess
from pathlib import Path
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from policies.ledger import notes, tree
from tests.webhooks import receiver

CONFIGURATION = """
[ tsa ]
default_tsa = own
[ own ]
serial = {folder}/serial
signer_cert = {folder}/tsa.pem
signer_key = {folder}/tsa.key
signer_digest = sha256
default_policy = 1.2.3.4.1
digests = sha256, sha384, sha512
accuracy = secs:1
ess_cert_id_alg = sha256
[ extensions ]
basicConstraints = critical,CA:FALSE
keyUsage = critical,digitalSignature
extendedKeyUsage = critical,timeStamping
[ root ]
basicConstraints = critical,CA:TRUE
keyUsage = critical,keyCertSign
[ req ]
distinguished_name = name
[ name ]
"""


class TimeStampAuthority:
    """Answers queries as an authority does; its root certificate is in `root`."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.root = folder, folder / "root.pem"
        folder.mkdir()
        (folder / "openssl.cnf").write_text(CONFIGURATION.format(folder=folder))
        (folder / "serial").write_text("01")
        key = ["-newkey", "rsa:2048", "-nodes", "-config", "openssl.cnf"]
        self._run(
            "req", "-x509", *key, "-keyout", "root.key", "-out", "root.pem", "-subj", "/CN=Root", "-extensions", "root"
        )
        self._run("req", *key, "-keyout", "tsa.key", "-out", "tsa.csr", "-subj", "/CN=Stamps")
        signed = ["-CA", "root.pem", "-CAkey", "root.key", "-extfile", "openssl.cnf", "-extensions", "extensions"]
        self._run("x509", "-req", "-in", "tsa.csr", "-out", "tsa.pem", *signed)

    def answer(self, query: bytes) -> bytes:
        (self.folder / "query.tsq").write_bytes(query)
        self._run("ts", "-reply", "-config", "openssl.cnf", "-queryfile", "query.tsq", "-out", "reply.tsr")
        return (self.folder / "reply.tsr").read_bytes()

    def check(self, data: bytes, reply: bytes) -> str:
        """What openssl says to a reply that an evidence pack holds."""
        (self.folder / "data").write_bytes(data)
        (self.folder / "kept.tsr").write_bytes(reply)
        return self._run("ts", "-verify", "-data", "data", "-in", "kept.tsr", "-CAfile", "root.pem")

    def _run(self, *arguments: str) -> str:
        done = subprocess.run(["openssl", *arguments], cwd=self.folder, capture_output=True, text=True, check=True)
        return done.stdout + done.stderr


class Witness:
    """Signs what extends what it saw (c2sp.org/tlog-witness), and nothing else."""

    def __init__(self, *, name: str = "witness.example", at: int = 1_780_000_000) -> None:
        self.name, self.at, self.size, self.root = name, at, 0, b""
        self.key = Ed25519PrivateKey.from_private_bytes(b"w" * 32)
        self.public = self.key.public_key().public_bytes_raw()

    @property
    def verifier(self) -> str:
        key_id = notes._key_id(self.name, self.public, notes.COSIGNATURE).hex()
        return f"{self.name}+{key_id}+{base64.b64encode(notes.COSIGNATURE + self.public).decode()}"

    def add_checkpoint(self, body: str) -> tuple[int, str]:
        proof, _blank, note = body.partition("\n\n")
        old, *steps = proof.splitlines()
        head = notes.read(note, verifiers=(notes.verifier(),))
        if int(old.removeprefix("old ")) != self.size:
            return 409, f"{self.size}\n"
        path = [base64.b64decode(step) for step in steps]
        sizes: dict[str, Any] = {
            "first": self.size,
            "second": head.size,
            "first_root": self.root,
            "second_root": head.root,
        }
        if self.size and not tree.is_consistent(path=path, **sizes):
            return 422, "This is another log."
        self.size, self.root = head.size, head.root
        return 200, f"{self.line(note)}\n"

    def line(self, note: str) -> str:
        text = note.partition("\n\n")[0]
        signature = self.key.sign(f"cosignature/v1\ntime {self.at}\n{text}\n".encode())
        raw = notes._key_id(self.name, self.public, notes.COSIGNATURE) + self.at.to_bytes(8, "big") + signature
        return f"\u2014 {self.name} {base64.b64encode(raw).decode()}"


def serve(there: receiver.Receiver, answer: "Witness | TimeStampAuthority") -> None:
    """Let a listening program answer as a witness or an authority."""

    def respond(connection: socket.socket) -> None:
        body = there.calls[-1].body
        if isinstance(answer, Witness):
            code, said = answer.add_checkpoint(body.decode())
            receiver.status(code, body=said.encode())(connection)
        else:
            receiver.status(200, body=answer.answer(body))(connection)

    there.answers[:] = [respond]
