"""Shorthand of the tests of public pages."""

from typing import cast

from django.http import HttpResponse
from django.test import Client


def get(path: str, status: int = 200, **headers: str) -> str:
    """The page at a path, as Vera the visitor sees it; it sets no cookie and keeps the strict policy."""
    return answer(path, status, **headers).content.decode()


def answer(path: str, status: int = 200, **headers: str) -> HttpResponse:
    """The whole answer; header names are written with underscores."""
    client = Client(headers={name.replace("_", "-"): value for name, value in headers.items()})
    response = client.get(path)
    assert response.status_code == status, (path, response.status_code)
    assert not response.cookies, "a page about policies sets no cookie"
    assert "default-src 'none'" in response.headers["Content-Security-Policy"]
    assert "unsafe" not in response.headers["Content-Security-Policy"]
    return cast("HttpResponse", response)
