"""A logo is what its dots are: everything else that a file can be is left behind or refused."""

import io

import pytest
from django.core.exceptions import ValidationError
from PIL import Image

from policies.look import logos

SCRIPT = b"<script>alert(1)</script>"


def picture(kind: str = "PNG", size: tuple[int, int] = (300, 100), **options: object) -> bytes:
    written = io.BytesIO()
    Image.new("RGB", size, (10, 74, 92)).save(written, kind, **options)
    return written.getvalue()


def rewritten(content: bytes) -> bytes:
    return logos.rewritten(io.BytesIO(content))


@pytest.mark.parametrize("kind", ["PNG", "JPEG", "WEBP"])
def test_a_picture_becomes_a_png_of_ours_at_most_as_large_as_it_is_shown(kind: str) -> None:
    with Image.open(io.BytesIO(rewritten(picture(kind)))) as ours:
        assert (ours.format, ours.size) == ("PNG", (240, 80))


@pytest.mark.parametrize("content", [picture() + SCRIPT, picture("JPEG", comment=SCRIPT) + SCRIPT])
def test_what_a_file_is_beside_a_picture_is_not_in_ours(content: bytes) -> None:
    assert SCRIPT in content
    assert SCRIPT not in rewritten(content)


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b'<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>',
        b"GIF89a" + SCRIPT,
        picture("GIF"),
        picture("BMP"),
        picture()[:60],
        b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 9 9\n",
        SCRIPT + picture(),
    ],
)
def test_what_is_no_picture_of_these_kinds_is_refused(content: bytes) -> None:
    with pytest.raises(ValidationError, match="no PNG, JPEG or WebP"):
        rewritten(content)


def test_a_picture_made_to_fill_memory_is_refused_by_its_head() -> None:
    with pytest.raises(ValidationError, match="4 million"):
        rewritten(picture(size=(6000, 6000)))
    with pytest.raises(ValidationError, match=r"no PNG|4 million"):
        rewritten(picture()[:16] + (60000).to_bytes(4, "big") * 2 + picture()[24:])


def test_a_file_that_is_too_large_is_not_read_to_its_end() -> None:
    file = io.BytesIO(picture() + bytes(5 * logos.MOST_BYTES))
    with pytest.raises(ValidationError, match="1 MB"):
        logos.rewritten(file)
    assert file.tell() == logos.MOST_BYTES + 1
