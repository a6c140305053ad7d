"""
What one connection sends over a slow link: ours, and smtplib's sendmail. `python -m bench.notices.link PORT`
"""

import json
import smtplib
import sys
import time

import django

django.setup()

from policies.notices.send import smtp, smtp_wire  # noqa: E402

TEXT = b"Subject: S\r\n\r\n" + b"A line of the size that such a mail has.\r\n" * 120


def ours(port: int, count: int) -> float:
    session = smtp.Session(smtp_wire.Server("127.0.0.1", port))
    begun = time.perf_counter()
    session.begin(sender="a@example.org", recipient="p0@example.org")
    for n in range(count):
        session.go_ahead()
        session.send(TEXT)
        if n + 1 < count:
            session.begin(sender="a@example.org", recipient=f"p{n + 1}@example.org")
        session.answer()
    return count / (time.perf_counter() - begun)


def with_smtplib(port: int, count: int) -> float:
    with smtplib.SMTP("127.0.0.1", port) as server:
        server.ehlo()
        begun = time.perf_counter()
        for n in range(count):
            server.sendmail("a@example.org", [f"p{n}@example.org"], TEXT)
        return count / (time.perf_counter() - begun)


if __name__ == "__main__":
    chosen = int(sys.argv[1])
    print(json.dumps({"ours": ours(chosen, 100), "smtplib": with_smtplib(chosen, 50)}))
