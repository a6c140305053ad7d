"""
Where things lie. In a checkout templates, static files and catalogs lie beside the code; an installed package brings
them along in `_files/`, laid out alike (scripts/wheel.py).
"""

from pathlib import Path

CODE = Path(__file__).resolve().parent
_BROUGHT = CODE / "_files"
IS_INSTALLED = _BROUGHT.is_dir()
# What `templates`, `static`, `staticfiles` and `locale` lie in.
FILES = _BROUGHT if IS_INSTALLED else CODE.parent


def home(name: str = "policysite") -> Path:
    """Where a site keeps its data if nobody says otherwise: in the caller's own folder, or in the checkout."""
    return Path.home() / name if IS_INSTALLED else CODE.parent / "var"
