"""The peer of bench/pages.py: a WSGI callable that knows nothing but bytes, those that the site answered before."""

import json
import os
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

_FOLDER = Path(os.environ["BENCH_PAGES"])
_PAGES: dict[str, tuple[str, list[tuple[str, str]], bytes]] = {}
for _path, _name in json.loads((_FOLDER / "index.json").read_text()).items():
    _said = json.loads((_FOLDER / f"{_name}.json").read_text())
    _headers = [(name, value) for name, value in _said["headers"]]
    _PAGES[_path] = (_said["status"], _headers, (_FOLDER / _name).read_bytes())


def application(environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
    """Answer with what is known."""
    status, headers, body = _PAGES[environ["PATH_INFO"]]
    start_response(status, headers)
    return (body,)
