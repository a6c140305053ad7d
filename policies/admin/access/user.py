"""Users: the credentials of those at the desk, and of people who sign in. Made by superusers only."""

from collections.abc import Mapping
from typing import Any

from allauth.account.models import EmailAddress
from django import forms
from django.contrib import admin
from django.contrib.auth.models import Group
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _

from policies import account_mail, clock
from policies.acceptance.sessions import open_sessions
from policies.acceptance.sessions.open_sessions import Whose
from policies.admin.access import roles
from policies.admin.desk import ending_sessions
from policies.admin.desk.base import user_of
from policies.admin.desk.verb_page import Outcome, Verb, VerbPage, WithVerbs, confirm
from policies.models import AuditEvent, User
from policies.models.fields import validate_single_line
from policies.notices.upkeep import trial_mails
from policies.sign_in import invitations
from policies.sign_in.showing_again import asking_again

LIST = "admin:policies_user_changelist"


class UserForm(forms.ModelForm):  # type: ignore[type-arg]
    """No password: whoever has none signs in by a code sent to the address."""

    class Meta:
        model = User
        fields = ("email", "name", "is_active", "is_staff", "groups")
        widgets = {"groups": forms.CheckboxSelectMultiple}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if "groups" in self.fields:
            self.fields["groups"].label_from_instance = lambda group: roles.labelled(group.name)  # type: ignore[attr-defined]

    def clean_email(self) -> str:
        return str(self.cleaned_data["email"]).lower()

    def clean(self) -> dict[str, Any]:
        """A role is for the desk: without a place there it would do nothing, and nobody would see why."""
        data = super().clean() or {}
        if data.get("groups") and not data.get("is_staff"):
            self.add_error("is_staff", _("Roles are for the desk: tick this too, or take the roles off."))
        return data


class InviteForm(forms.Form):
    """Whom to invite, as what."""

    email = forms.EmailField(label=_("E-mail address"), validators=[validate_single_line])
    name = forms.CharField(label=_("Name"), max_length=200, validators=[validate_single_line])
    roles = forms.MultipleChoiceField(
        label=_("Roles"),
        widget=forms.CheckboxSelectMultiple,
        error_messages={"required": _("Choose at least one role: without one there is nothing to do at the desk.")},
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        known = Group.objects.order_by("name").values_list("name", flat=True)
        self.fields["roles"].choices = [(name, roles.labelled(name)) for name in known]  # type: ignore[attr-defined]


def rights_in(values: Mapping[str, Any]) -> set[str]:
    """What the values of a user's form let them do: their roles, working at the desk at all, signing in."""
    rights = {group.name for group in values.get("groups", ())}
    return rights | {name for name, field in (("desk", "is_staff"), ("signing in", "is_active")) if values.get(field)}


def end_sessions(request: HttpRequest, user: User) -> Verb:
    """Sign a user out wherever they are."""
    return ending_sessions.verb(request, Whose.of(user), name=str(user), then=_page_of(user))


def trial_mail(request: HttpRequest, _user: User) -> Verb:
    """Send whoever asks a mail in every language: whether mail goes out at all."""
    to = user_of(request)

    def act(_data: Mapping[str, Any]) -> Outcome:
        sent = trial_mails.send(to=to, at=clock.now())
        said = ngettext("The mail server took %(n)d test mail.", "The mail server took %(n)d test mails.", sent)
        return Outcome(said % {"n": sent}, reverse("admin:index"))

    page = VerbPage(
        title=gettext("Send yourself a test mail"),
        button=gettext("Send it"),
        permission="add_user",
        is_binding=False,
        paragraphs=(
            gettext("One short mail in every language of this site goes to %(address)s, and to nobody else.")
            % {"address": to.email},
        ),
    )
    return Verb(page, act)


def _page_of(user: User) -> str:
    return reverse("admin:policies_user_change", args=[user.pk])


@admin.register(User)
class UserAdmin(WithVerbs):
    form = UserForm
    verbs = {"end-sessions": end_sessions, "test-mail": trial_mail}
    readonly_fields = ("signed_in",)
    fields = (*UserForm.Meta.fields, "signed_in")
    list_display = ("email", "name", "is_staff", "is_active", "roles")
    list_filter = ("is_staff", "is_active", "groups")
    search_fields = ("email", "name")
    ordering = ("email",)

    def add_view(
        self, request: HttpRequest, form_url: str = "", extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """Invite somebody: an account, its roles, and the mail that says how to sign in."""

        def act(data: Mapping[str, Any]) -> Outcome:
            user = invitations.invite(**data, by=user_of(request), at=clock.now())
            said = gettext("%(name)s may come in now. The mail that says how is on its way to %(address)s.")
            return Outcome(said % {"name": user.name, "address": user.email}, reverse(LIST))

        page = VerbPage(
            title=gettext("Invite somebody"),
            button=gettext("Invite"),
            permission="add_user",
            is_binding=True,
            paragraphs=(
                gettext(
                    "They get a place at the desk and a mail that says how to sign in: by a code, without a password."
                ),
            ),
            form_class=InviteForm,
        )
        return confirm(request, page=page, of=self, obj=User(name=gettext("Users")), act=act, back=reverse(LIST))

    def changeform_view(
        self,
        request: HttpRequest,
        object_id: str | None = None,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> HttpResponse:
        """Roles are given by somebody who has just shown who they are."""
        return asking_again(super().changeform_view)(request, object_id, form_url, extra_context)

    def back_to(self, obj: User) -> str:
        return _page_of(obj)

    @admin.display(description=_("signed in"))
    def signed_in(self, user: User) -> SafeString:
        """In how many browsers, with the way to end that."""
        open_now = len(open_sessions.of(Whose.of(user), at=clock.now())) if user.pk else 0
        if not open_now:
            return format_html("{}", gettext("nowhere"))
        said = ngettext("in %(n)d browser: end it…", "in %(n)d browsers: end them…", open_now) % {"n": open_now}
        return format_html('<a href="{}">{}</a>', reverse("admin:policies_user_end_sessions", args=[user.pk]), said)

    @admin.display(description=_("roles"))
    def roles(self, user: User) -> str:
        return ", ".join(group.name for group in user.groups.all()) or "–"

    def save_model(self, request: HttpRequest, obj: User, form: Any, change: bool) -> None:
        super().save_model(request, obj, form, change)
        if "email" in form.changed_data:
            event = AuditEvent.record("user.address_changed", by=user_of(request), at=clock.now(), user=obj.pk)
            account_mail.announce(event, user=obj, words="mail/user_address_changed", address=form.initial["email"])
            # allauth remembers where its codes were read, and would go on to take those addresses for this user's.
            EmailAddress.objects.filter(user=obj).exclude(email__iexact=obj.email).delete()
            ending_sessions.end_all(request, Whose.of(obj))

    def save_related(self, request: HttpRequest, form: Any, formsets: Any, change: bool) -> None:
        """Put on the record what somebody may do from now on, and what no more."""
        super().save_related(request, form, formsets, change)
        before, after = rights_in(form.initial), rights_in(form.cleaned_data)
        for verb, rights in (("right.taken", before - after), ("right.given", after - before)):
            for right in sorted(rights):
                AuditEvent.record(verb, by=user_of(request), at=clock.now(), user=form.instance.pk, right=right)

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Somebody who leaves is made inactive: their name stays on what they did."""
        return False
