"""A translation that comes after publication: handed in on one page, read beside the authors' text on another."""

from collections import Counter
from collections.abc import Iterator, Mapping
from typing import Any

from django import forms
from django.http import HttpRequest
from django.shortcuts import get_object_or_404
from django.utils.translation import gettext, gettext_lazy

from policies import authoring, clock, date_formats, publishing, rendering, tasks
from policies.admin.desk.base import user_of
from policies.admin.desk.form_fields import LanguageInput, TextField
from policies.admin.desk.forms import AnswersForm
from policies.admin.desk.instant_formats import in_zone
from policies.admin.desk.page_links import version_url
from policies.admin.desk.verb_page import Outcome, Verb, VerbPage
from policies.admin.version.summary_panel import panel_of
from policies.models import ANSWERS, TranslationProposal, Version, VersionText
from policies.models.fields import validate_single_line
from policies.models.summaries import MAX_ANSWER_LENGTH
from policies.text.meaning import lint, summary_lint
from policies.text.structure import blocks


class TranslationForm(AnswersForm):
    """A translation that comes after publication."""

    language = LanguageInput()
    title = forms.CharField(label=gettext_lazy("Title"), max_length=200, validators=[validate_single_line])
    body = TextField(label=gettext_lazy("Text"), widget=forms.Textarea(attrs={"rows": 20}))
    short_version = forms.CharField(
        label=gettext_lazy("The short version"),
        required=False,
        max_length=MAX_ANSWER_LENGTH,
        widget=forms.Textarea(attrs={"rows": 3}),
    )
    field_order = ("language", "title", "body", "short_version", *ANSWERS)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["what_changed"].help_text = gettext(
            "The four answers in this language: all that the authors answered, or none. Without them its readers are"
            " quoted the authors’, with a line that says which language those are in."
        )


class TranslationAnswerForm(forms.Form):
    """What a reviewer sends: the answer itself is the button, `seen` the fingerprint of what the page showed."""

    comment = forms.CharField(
        label=gettext_lazy("Comment"),
        required=False,
        max_length=MAX_ANSWER_LENGTH,
        widget=forms.Textarea(attrs={"rows": 4}),
        help_text=gettext_lazy("Needed when you request changes: the translator sees it."),
    )
    seen = forms.CharField(widget=forms.HiddenInput, max_length=64)


def translate(request: HttpRequest, version: Version) -> Verb:
    """Hand in a translation of a published version, or one's own again."""

    def act(data: Mapping[str, Any]) -> Outcome:
        given = {name: data[name] for name in ("language", "title", "body", "short_version", *ANSWERS)}
        text, by = authoring.TextInput(**given), user_of(request)
        publishing.propose_translation(version=version, text=text, by=by, at=clock.now())
        tasks.ring()
        return Outcome(gettext("Handed in. It is published when somebody else has approved it."), version_url(version))

    own = version.proposed_translations.filter(language=request.GET.get("language", ""), by=user_of(request)).first()
    asked = (gettext("What the reviewer asks for: %s") % own.sent_back,) if own and own.sent_back else ()
    page = VerbPage(
        title=gettext("Add a translation to %(version)s") % {"version": version},
        button=gettext("Hand it in"),
        permission="change_version",
        is_binding=False,
        paragraphs=(
            *asked,
            gettext("Somebody else reads it beside the authoritative text before it is published."),
            gettext("Once approved it is sealed, and stays for ever as it is."),
        ),
        form_class=TranslationForm,
        initial=own.words if own else {},
    )
    return Verb(page, act)


def answer(request: HttpRequest, version: Version, language: str) -> Verb:
    """Read a translation beside the authors' text, and publish it or send it back."""
    proposal = _proposal(version, language)

    def act(data: Mapping[str, Any]) -> Outcome:
        by, at = user_of(request), clock.now()
        if "request_changes" in request.POST:
            publishing.send_translation_back(proposal=proposal, comment=data["comment"], by=by, at=at)
            tasks.ring()
            return Outcome(gettext("Sent back. The translator is told by mail."), version_url(version))
        publishing.approve_translation(proposal=proposal, seen=data["seen"], by=by, at=at)
        return Outcome(gettext("The translation is published and sealed."), version_url(version))

    text, authors = proposal.text, version.text_in("")
    is_own = proposal.by_id == user_of(request).pk
    page = VerbPage(
        title=gettext("Translation of %(version)s into %(language)s")
        % {"version": version, "language": proposal.language_name},
        button=gettext("Approve and publish"),
        permission="approve_version",
        is_binding=True,
        form_class=TranslationAnswerForm,
        initial={"seen": publishing.fingerprint_of(proposal)},
        template="admin/policies/version/translation.html",
        values={
            "proposal": proposal,
            "handed_in": in_zone(proposal.at, version.zone),
            "authors": authors,
            "authors_html": rendering.rendering_of(authors).html,
            "html": rendering.rendering_of(text).html,
            "told": panel_of(text),
            "authors_told": version.summary_in(authors.language).titled,
            "differences": tuple(differences(authors, text)),
            "warnings": lint.lint(
                text.body,
                title=text.title,
                language=text.language,
                last_updated=date_formats.last_updated(version).machine,
            ),
            "is_own": is_own,
            "may_approve": not is_own or version.policy.solo,
        },
    )
    return Verb(page, act)


def take_back(request: HttpRequest, version: Version, language: str) -> Verb:
    """Take back a translation that was handed in."""
    proposal = _proposal(version, language)

    def act(_data: Mapping[str, Any]) -> Outcome:
        publishing.take_translation_back(proposal=proposal, by=user_of(request), at=clock.now())
        return Outcome(gettext("The translation is gone. Nothing was published."), version_url(version))

    page = VerbPage(
        title=gettext("Take back the translation of %(version)s into %(language)s")
        % {"version": version, "language": proposal.language_name},
        button=gettext("Take it back"),
        permission="change_version",
        is_binding=False,
        paragraphs=(
            gettext("%(name)s handed it in on %(at)s. Its text is deleted; the audit record keeps its fingerprint.")
            % {"name": proposal.by, "at": in_zone(proposal.at, version.zone)},
        ),
        is_grave=True,
    )
    return Verb(page, act)


def differences(authors: VersionText, text: VersionText) -> Iterator[str]:
    """Where a translation has another number of sections, tables or list entries, or other figures, than the text."""
    before, after = _shape(authors.body), _shape(text.body)
    for label, ours, theirs in (
        (gettext("Headings"), before["heading"], after["heading"]),
        (gettext("Tables"), before["table"], after["table"]),
        (gettext("List entries"), before["entry"], after["entry"]),
    ):
        if ours != theirs:
            yield gettext("%(what)s: %(ours)d in the authors’ text, %(theirs)d in the translation.") % {
                "what": label,
                "ours": ours,
                "theirs": theirs,
            }
    figures, translated = set(summary_lint.figures(authors.body)), set(summary_lint.figures(text.body))
    if missing := sorted(figures - translated):
        yield gettext("Figures of the authors’ text that the translation lacks: %s.") % ", ".join(missing)
    if added := sorted(translated - figures):
        yield gettext("Figures of the translation that the authors’ text lacks: %s.") % ", ".join(added)


def _shape(body: str) -> Counter[str]:
    found: Counter[str] = Counter()
    for block in blocks.read(body):
        found["heading"] += block.is_heading
        found["table"] += block.kind == "table"
        found["entry"] += block.kind == "item"
    return found


def _proposal(version: Version, language: str) -> TranslationProposal:
    waiting = TranslationProposal.objects.select_related("version__policy", "by")
    return get_object_or_404(waiting, version=version, language=language)
