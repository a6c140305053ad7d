"""HTML as PDF, where the optional WeasyPrint is installed."""

from collections.abc import Sequence
from importlib.util import find_spec


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


def _refuse(url: str, *_args: object, **_options: object) -> dict[str, object]:
    raise ValueError(f"A printed page fetches nothing: {url}")
