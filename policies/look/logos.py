"""
A logo from a file that anybody made: read as a picture, and written anew as a PNG of ours.

What is kept are the dots alone. Whatever else the file was (a page, a script, a place, a name) is not in ours.
"""

import io
from typing import IO

from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _
from PIL import Image

# SVG is a document that may run scripts and ask for more: it is not taken.
FORMATS = ("PNG", "JPEG", "WEBP")
MOST_BYTES = 1024 * 1024
MOST_DOTS = 4_000_000
# Shown 40 pixels high; twice that for fine screens.
BOX = (640, 80)
# What Pillow says of files that are no pictures, damaged ones and those made to fill a machine's memory.
UNREADABLE = (OSError, ValueError, SyntaxError, EOFError, Image.DecompressionBombError, Warning)


def rewritten(file: IO[bytes]) -> bytes:
    """
    A picture as PNG, at most as large as it is shown.

    :raises ValidationError: if it is no PNG, JPEG or WebP, or larger than anybody's logo
    """
    given = file.read(MOST_BYTES + 1)
    if len(given) > MOST_BYTES:
        raise ValidationError(_("The logo is larger than 1 MB. Save it smaller: it is shown 40 pixels high."), "large")
    if not _is_whole(given):
        raise ValidationError(_("This is no PNG, JPEG or WebP picture that can be read."), "no-picture")
    try:
        # Reads the head alone; the dots come once it is known how many there are.
        with Image.open(io.BytesIO(given), formats=FORMATS) as picture:
            shown = _within_bounds(picture).convert("RGBA")
    except UNREADABLE as error:
        raise ValidationError(_("This is no PNG, JPEG or WebP picture that can be read."), "no-picture") from error
    shown.thumbnail(BOX)
    written = io.BytesIO()
    shown.save(written, "PNG", optimize=True)
    return written.getvalue()


def _is_whole(given: bytes) -> bool:
    """Whether a picture has the end of its kind: printing PDF sets the library to fill up what is cut off."""
    if given.startswith(b"RIFF"):
        return int.from_bytes(given[4:8], "little") + 8 <= len(given)
    return b"IEND\xaeB`\x82" in given or b"\xff\xd9" in given


def _within_bounds(picture: Image.Image) -> Image.Image:
    if picture.width * picture.height > MOST_DOTS:
        said = {"width": picture.width, "height": picture.height}
        words = _("The logo has %(width)d × %(height)d dots. At most 4 million are taken.")
        raise ValidationError(words, "large", said)
    return picture
