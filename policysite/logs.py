"""
What is logged, and what never is: no address, no token, no row that a database quotes, and one event a line.

The code names people by number and never logs what identifies them. What others write into an exception or an answer
(a mail server, a database, whoever asks for a page) passes the last guard here.
"""

import re
from typing import Any

import structlog
from structlog.typing import EventDict, Processor, WrappedLogger

FORMATS = ("json", "line")
# What a line of the access log says beside its text (policies.middleware.Answered), each under its own name.
ACCESS = ("method", "view", "status", "bytes", "ms")

SECRETS = (
    # What stands around the @ of an address. A host without a dot, as in a worker's name, or ending in a number, as in
    # the URL of a service, is nobody's mailbox.
    (re.compile(r"[^\s@<>\"'(),:;\[\]\\]+@[^\s@<>\"'(),:;\[\]\\/]+\.(?!\d)[^\s@<>\"'(),:;\[\]\\./]+"), "[address]"),
    (re.compile(r"[^\s@<>\"'/=]+%40[^\s@<>\"'/&]+", re.IGNORECASE), "[address]"),
    # Links that are mailed carry their right in the path.
    (re.compile(r"(/(?:follow/confirm|follow|hand-over)/)(?!confirm/)[^/\s\"']+"), r"\1[token]"),
    (re.compile(r"(\bBearer\s+)\S+", re.IGNORECASE), r"\1[token]"),
    (re.compile(r"\bpsk_[\w-]+"), "[token]"),
    # The password in a URL of a service.
    (re.compile(r"(://[^/\s:@]*:)[^/\s@]+(?=@)"), r"\1[password]"),
    # PostgreSQL quotes the row that broke a constraint.
    (re.compile(r"^DETAIL:.*$", re.MULTILINE), "DETAIL: [not logged]"),
)
# Who tells that a bell was rung, was heard, and that its work is done.
BELLS = ("celery.beat", "celery.worker.strategy", "celery.app.trace")
# Everything by which a terminal or a reader of lines can be led astray.
CONTROLS = re.compile("[\x00-\x1f\x7f-\x9f\u2028\u2029]")


def configuration(*, form: str, level: str) -> dict[str, Any]:
    """Build Django's LOGGING: everything goes to standard error, in one of FORMATS."""
    own: list[Processor] = [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_log_level,
        structlog.stdlib.add_logger_name,
        structlog.stdlib.ExtraAdder(allow=ACCESS),
        structlog.processors.TimeStamper(fmt="iso", utc=True),
    ]
    then: list[Processor] = [
        structlog.stdlib.ProcessorFormatter.remove_processors_meta,
        structlog.processors.format_exc_info,
        mask,
        structlog.processors.JSONRenderer() if form == "json" else as_line,
    ]
    formatter = {"()": structlog.stdlib.ProcessorFormatter, "foreign_pre_chain": own, "processors": then}
    return {
        "version": 1,
        "disable_existing_loggers": False,
        "formatters": {"event": formatter},
        "handlers": {"console": {"class": "logging.StreamHandler", "formatter": "event"}},
        "root": {"handlers": ["console"], "level": level},
        # Django gives these two handlers of their own, which would pass by the guard.
        "loggers": {
            **{name: {"handlers": [], "level": "NOTSET", "propagate": True} for name in ("django", "django.server")},
            # Printing tells each of its steps.
            **{name: {"level": "ERROR"} for name in ("weasyprint", "fontTools")},
            # Celery tells three times of each bell, of which there are five a minute at rest. What fails is told.
            **{name: {"level": "NOTSET" if level == "DEBUG" else "WARNING"} for name in BELLS},
        },
    }


def mask(logger: WrappedLogger, name: str, event: EventDict) -> EventDict:  # noqa: ARG001 - structlog's signature
    """The last guard: take out what looks like an address or a secret, wherever it stands in the event."""
    return {key: without_secrets(value) if isinstance(value, str) else value for key, value in event.items()}


def without_secrets(text: str) -> str:
    for pattern, replacement in SECRETS:
        text = pattern.sub(replacement, text)
    return text


def as_line(logger: WrappedLogger, name: str, event: EventDict) -> str:  # noqa: ARG001 - structlog's signature
    """Time, level, logger and text; a traceback follows indented, so that no line of it can pass for an event."""
    request = f" [{event['request_id']}]" if "request_id" in event else ""
    line = f"{event['timestamp']} {event['level'].upper()} {event['logger']}{request}: {escaped(str(event['event']))}"
    traceback = "".join(f"\n    {escaped(each)}" for each in event.get("exception", "").splitlines())
    return line + traceback


def escaped(text: str) -> str:
    return CONTROLS.sub(lambda found: found[0].encode("unicode_escape").decode(), text)
