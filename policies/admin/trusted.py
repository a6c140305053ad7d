"""The one place of the desk that trusts HTML: what our own renderer made and nh3 cleaned."""

from django.utils.safestring import SafeString, mark_safe

from policies.text import presentation, redline


def rendered(html: str) -> SafeString:
    """Mark HTML from policies.text (markdown, presentation) as safe to insert. Nothing else may come here."""
    return mark_safe(html)  # noqa: S308 - cleaned by policies.text.markdown.clean


def changes(before: str, after: str) -> SafeString:
    """The changed passages between two canonical texts, as safe HTML."""
    return rendered(presentation.changes_html(redline.redline(before, after)))
