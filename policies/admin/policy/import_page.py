"""Importing a text at the desk: what was left out on the way is shown before anything is saved."""

import base64
import binascii
from typing import Any

from django import forms
from django.contrib import admin
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from policies import authoring, clock
from policies.admin.desk.base import frame, user_of
from policies.admin.desk.form_fields import LanguageInput
from policies.admin.desk.page_links import policy_url, version_url
from policies.admin.desk.verb_page import Outcome, Verb, VerbPage
from policies.models import Policy
from policies.models.fields import validate_single_line
from policies.text import reading
from policies.text.reading import Reading


class ImportForm(forms.Form):
    """
    A file, or text pasted into the page; exactly one of them.

    On the second page both are kept in hidden fields: a browser sends no file twice.
    """

    file = forms.FileField(label=_("File"), required=False, help_text=_(".md, .txt, .html and the like"))
    pasted = forms.CharField(
        label=_("Or paste the text"), required=False, strip=False, widget=forms.Textarea(attrs={"rows": 12})
    )
    language = LanguageInput()
    title = forms.CharField(
        label=_("Title"),
        max_length=200,
        required=False,
        validators=[validate_single_line],
        help_text=_("Empty: the title read in the text, or else the policy's own."),
    )
    kept = forms.CharField(required=False, strip=False, widget=forms.HiddenInput)
    kept_name = forms.CharField(required=False, max_length=255, widget=forms.HiddenInput)

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        file, pasted = data.get("file"), data.get("pasted")
        if data.get("kept"):
            return data | {"source": _unpacked(data["kept"]), "filename": data.get("kept_name") or "kept.md"}
        if bool(file) == bool(pasted):
            raise ValidationError(_("Choose a file or paste the text: one of the two."), code="one-source")
        data["source"] = file.read() if file else (pasted or "").encode()
        data["filename"] = file.name if file else "pasted.md"
        return data


class SeenForm(ImportForm):
    """The same on the second page, where nothing is left to fill in but the title."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        del self.fields["file"], self.fields["pasted"]
        self.fields["language"].widget = forms.HiddenInput()


def import_text(request: HttpRequest, policy: Policy) -> Verb:
    """Make a draft of a text that was written elsewhere; where something of it was left out, say so first."""

    def act(data: Any) -> Outcome | HttpResponse:
        source, filename = data["source"], data["filename"]
        if not data["kept"] and (found := reading.read(source, filename=filename)).losses:
            return _look_first(request, policy, page, data, found)
        imported = authoring.import_draft(
            policy=policy,
            source=source,
            filename=filename,
            language=data["language"],
            title=data["title"],
            by=user_of(request),
            at=clock.now(),
        )
        return Outcome(report(imported.reading), version_url(imported.version))

    page = VerbPage(
        title=gettext("Import a text for %(policy)s") % {"policy": policy},
        button=gettext("Import as a draft"),
        permission="add_version",
        is_binding=False,
        paragraphs=(
            gettext("Markdown with or without front matter, plain text or a web page; a file of at most 1 MB."),
            gettext("You get a draft. What was left out on the way is shown before it is saved; nothing is invented."),
        ),
        form_class=ImportForm,
        initial={"language": policy.language},
    )
    return Verb(page, act)


def _look_first(request: HttpRequest, policy: Policy, page: VerbPage, data: Any, found: Reading) -> HttpResponse:
    """The second page: what was left out or is open, before the button that saves it."""
    form = SeenForm(
        initial={
            "language": data["language"],
            "title": data["title"] or found.title,
            "kept": base64.b64encode(data["source"]).decode(),
            "kept_name": data["filename"],
        }
    )
    context = {
        **frame(admin.site.get_model_admin(Policy), request, policy, page.title),
        "page": page,
        "form": form,
        "back": policy_url(policy, "import"),
        "name": data["filename"],
        "words": found.words,
        "losses": found.losses,
        "left_out": found.left_out,
    }
    return render(request, "admin/policies/policy/import.html", context)


def _unpacked(kept: str) -> bytes:
    try:
        return base64.b64decode(kept, validate=True)
    except (binascii.Error, ValueError) as error:
        raise ValidationError(_("The text got lost on the way. Choose the file again."), code="kept") from error


def report(found: Reading) -> str:
    """One paragraph: what was read in an imported text, and what somebody should look at."""
    dates = ", ".join(f"{each.role} {each.value}" for each in found.dates) or gettext("no date found")
    parts = [
        gettext("Imported as a draft: %(words)d words; %(dates)s.") % {"words": found.words, "dates": dates},
        *(gettext("Line %(line)d: %(message)s") % {"line": w.line, "message": w.message} for w in found.warnings[:5]),
    ]
    if len(found.warnings) > 5:
        parts.append(gettext("and %d more, under “Warnings”.") % (len(found.warnings) - 5))
    return " ".join(parts)
