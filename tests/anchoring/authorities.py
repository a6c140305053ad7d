"""Others who vouch for the log, on this machine: a time-stamp authority by openssl, and a witness."""

import socket
import subprocess
from pathlib import Path
from typing import Any

from policies.ledger import notes
from tests import c2sp
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


def witness(**chosen: Any) -> c2sp.Witness:
    """One who was given the key of our log."""
    return c2sp.Witness(logs=[notes.verifier()], **chosen)


def serve(there: receiver.Receiver, answer: "c2sp.Witness | TimeStampAuthority") -> None:
    """Let a listening program answer as a witness or an authority."""

    def respond(connection: socket.socket) -> None:
        body = there.calls[-1].body
        if isinstance(answer, c2sp.Witness):
            code, said = answer.add_checkpoint(body.decode())
            receiver.status(code, body=said.encode())(connection)
        else:
            receiver.status(200, body=answer.answer(body))(connection)

    there.answers[:] = [respond]
