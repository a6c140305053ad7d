"""
What can be found out before the site is needed: parts that are there and would not do their work.

Each gives its problems as sentences, each with what to do. Settings, rights and guards are looked at by Django's system
checks (`policies.checks`), and the command `doctor` puts all of it together.
"""

import tempfile
from datetime import datetime, timedelta
from email.utils import parseaddr
from pathlib import Path

from django.conf import settings
from django.db import connection

from policies.notices.queue import sql_dialect
from policies.notices.returns import bounces
from policies.notices.returns.replies import Phase
from policies.notices.send import restore_guard, smtp_wire

# The oldest PostgreSQL that the site is tested on, as its server counts.
OLDEST = 14_00_00
CLOCKS_APART = timedelta(seconds=5)
# No delivery has it: replies to this return path are nobody's.
NO_DELIVERY = 0


def database() -> list[str]:
    """
    What about the database itself is not as it should be; its schema and rights are the system checks'.

    :raises DatabaseError: if it cannot be reached
    """
    if connection.vendor != "postgresql":
        if settings.DEMO or not settings.CELERY_BROKER_URL:
            return []
        return ["The database is SQLite, which is for a site without a broker: set DATABASE_URL to PostgreSQL."]
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT current_setting('server_version_num')::int, current_setting('server_encoding'),"
            " current_setting('synchronous_commit'),"
            " pg_is_in_recovery() OR current_setting('transaction_read_only')::bool"
        )
        version, encoding, synchronous, takes_no_writes = cursor.fetchone()
    problems = {
        f"PostgreSQL {version // 10_000} is too old: install 14 or newer.": version < OLDEST,
        f"The database is in {encoding}: make it anew with --encoding UTF8.": encoding != "UTF8",
        "synchronous_commit is off: what was sent could be forgotten in a crash. Set it to on.": synchronous == "off",
        "The database takes no writes: point DATABASE_URL at the one that does.": takes_no_writes,
    }
    return [problem for problem, is_so in problems.items() if is_so]


def clock(*, at: datetime) -> list[str]:
    """
    How far this machine's clock, which says `at`, is from the database's.

    :raises DatabaseError: if it cannot be asked
    """
    apart = abs(sql_dialect.now() - at)
    if apart <= CLOCKS_APART:
        return []
    return [f"This machine's clock and the database's are {apart.total_seconds():.0f} s apart: set both by NTP."]


def folder_of_marks() -> list[str]:
    """
    Whether marks can be kept, and whether this database is the one they are of.

    :raises DatabaseError: if it cannot be asked
    """
    if problems := _unwritable("HIGH_WATER_FOLDER"):
        return problems
    hold = restore_guard.hold()
    return [hold.sentence] if hold else []


def folder_of_metrics() -> list[str]:
    """Whether the processes for pages can count their requests together."""
    return _unwritable("METRICS_FOLDER")


def _unwritable(name: str) -> list[str]:
    folder = Path(getattr(settings, name))
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with tempfile.NamedTemporaryFile(dir=folder):
            pass
    except OSError as error:
        return [f"{name} ({folder}) cannot be written to ({error.strerror}): let the site's user write there."]
    return []


def static_files() -> list[str]:
    """Whether the copies that pages load were made."""
    if settings.DEMO or Path(str(settings.STATIC_ROOT), "staticfiles.json").exists():
        return []
    return [f"There are no static files in {settings.STATIC_ROOT}: run manage.py collectstatic."]


def mail_server(server: smtp_wire.Server, *, to: str = "") -> list[str]:
    """
    Go as far as a mail goes before its text: connect, TLS, sign in, name the sender and the recipient. Nothing is sent.

    :param to: who is named as the recipient; without it each sender's own address is
    """
    problems = []
    for name in ("LEGAL_FROM", "ALERTS_FROM"):
        recipient = to or parseaddr(getattr(settings, name))[1]
        try:
            _offer(server, recipient=recipient)
        except smtp_wire.Broken as error:
            return [f"The mail server {server.name} cannot be used ({error}): look at EMAIL_URL and the server."]
        except smtp_wire.Refused as error:
            problems.append(f"The mail server {server.name} refuses mail to {recipient} ({error}): {_do(error.phase)}.")
    return list(dict.fromkeys(problems))


def _offer(server: smtp_wire.Server, *, recipient: str) -> None:
    wire = smtp_wire.Wire(server)
    try:
        sender = bounces.return_path(NO_DELIVERY)
        for phase, command in ((Phase.MAIL, f"MAIL FROM:<{sender}>"), (Phase.RCPT, f"RCPT TO:<{recipient}>")):
            wire.write(f"{command}\r\n".encode())
            code, said = wire.read(phase)
            if code not in {250, 251}:
                raise smtp_wire.Refused(phase, smtp_wire.reply_of(code, said))
        wire.write(b"RSET\r\n", is_answered=True)
    finally:
        wire.say_goodbye()


def _do(phase: Phase) -> str:
    if phase == Phase.MAIL:
        return "let it take return paths at MAIL_DOMAIN from this user"
    if phase == Phase.RCPT:
        return "let it relay for this user, or name somebody it knows by --mail-to"
    return "look at the user and the password in EMAIL_URL"
