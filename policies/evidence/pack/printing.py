"""HTML as PDF, where the optional WeasyPrint is installed."""

from collections.abc import Sequence
from html import escape
from importlib.util import find_spec

STYLE = "body { font-family: serif; line-height: 1.5 } td, th { border: 1px solid; padding: 0.2em }"


def can_print() -> bool:
    return find_spec("weasyprint") is not None


def printed(html: str, *, sheets: Sequence[str] = ()) -> bytes:
    """
    Print a page as its style sheets (paths of files) say; nothing is fetched from anywhere.

    :raises ImportError: where nothing can print
    """
    import weasyprint  # noqa: PLC0415 - optional, and slow to import

    styles = [weasyprint.CSS(filename=sheet) for sheet in sheets]
    document: bytes = weasyprint.HTML(string=html, url_fetcher=_refuse).write_pdf(stylesheets=styles)
    return document


def text_as_page(title: str, html: str, *, language: str, fingerprint: str) -> str:
    """A page with nothing but a text that was rendered already, and its fingerprint."""
    head = f'<meta charset="utf-8"><title>{escape(title)}</title><style>{STYLE}</style>'
    body = f"<h1>{escape(title)}</h1>{html}<hr><p>sha256 {escape(fingerprint)}</p>"
    return f'<!doctype html><html lang="{escape(language)}"><head>{head}</head><body>{body}</body></html>'


def _refuse(url: str, *_args: object, **_options: object) -> dict[str, object]:
    raise ValueError(f"A printed page fetches nothing: {url}")
