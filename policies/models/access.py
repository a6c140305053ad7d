"""
Who and what may come in. User: a credential; somebody bound by policies is a Person, whether or not they ever sign in.
ApiKey: a key for a program. UsedLink: a link that works once, and did. OpenSession: where somebody is signed in.
"""

import hashlib
import secrets
from datetime import datetime, timedelta
from typing import ClassVar, Self

from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.contrib.auth.models import PermissionsMixin
from django.contrib.sessions.models import Session
from django.db import models
from django.db.models.functions import Lower
from django.utils.translation import gettext_lazy as _

from policies.models.fields import sha256_field, validate_single_line
from policies.models.people import Person

USE_NOTED_EVERY = timedelta(minutes=1)


class UserManager(BaseUserManager["User"]):
    def create_user(self, email: str, password: str | None = None, **extra: object) -> "User":
        """Create a credential; without a password it signs in by a code sent to its address."""
        if not email:
            raise ValueError("An e-mail address is needed.")
        user = self.model(email=self.normalize_email(email).lower(), **extra)
        user.set_password(password)
        user.full_clean(exclude=["password"])
        user.save(using=self._db)
        return user

    def create_superuser(self, email: str, password: str | None = None, **extra: object) -> "User":
        return self.create_user(email, password, **{**extra, "is_staff": True, "is_superuser": True})

    def at_desk_with(self, codename: str) -> models.QuerySet["User"]:
        """Everybody who may use the desk and holds a permission of this app, such as "approve_version"."""
        held = models.Q(groups__permissions__codename=codename) | models.Q(user_permissions__codename=codename)
        return self.filter(held | models.Q(is_superuser=True), is_active=True, is_staff=True).distinct()


class User(AbstractBaseUser, PermissionsMixin):
    """A credential with an e-mail address as its login."""

    email = models.EmailField(_("e-mail address"), unique=True, validators=[validate_single_line])
    name = models.CharField(_("name"), max_length=200, validators=[validate_single_line])
    person = models.OneToOneField(
        Person,
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        related_name="user",
        verbose_name=_("person"),
    )
    is_staff = models.BooleanField(_("may use the desk"), default=False)
    is_active = models.BooleanField(_("active"), default=True)

    objects: ClassVar[UserManager] = UserManager()

    USERNAME_FIELD = "email"
    REQUIRED_FIELDS: ClassVar[list[str]] = ["name"]

    class Meta:
        verbose_name = _("user")
        verbose_name_plural = _("users")
        constraints = [models.UniqueConstraint(Lower("email"), name="one_user_per_address")]

    def __str__(self) -> str:
        return self.name or self.email

    def get_full_name(self) -> str:
        return self.name

    def get_short_name(self) -> str:
        return self.name.split(" ")[0]


class Scope(models.TextChoices):
    """What a key may do. None of them touches users: no address, no right."""

    PEOPLE_READ = "people:read", _("read people")
    PEOPLE_WRITE = "people:write", _("add and change people")
    ACTS_READ = "acts:read", _("read what people have to answer and answered")
    ACTS_WRITE = "acts:write", _("record answers and hand people over")


class ApiKeyQuerySet(models.QuerySet["ApiKey"]):
    def usable(self, secret: str, at: datetime) -> Self:
        """The key with this secret, where it is neither revoked nor expired at `at`."""
        fresh = models.Q(expires_at=None) | models.Q(expires_at__gt=at)
        return self.filter(fresh, secret_sha256=fingerprint(secret), revoked_at=None)

    def note_use(self, key: "ApiKey", at: datetime) -> None:
        """Keep when a key was used last, to the minute: a busy key writes once a minute and not with each call."""
        if key.last_used_at is None or key.last_used_at <= at - USE_NOTED_EVERY:
            self.filter(pk=key.pk).update(last_used_at=at)


class ApiKey(models.Model):
    """A program's key. Only the hash of its secret is kept; `prefix` is what people know it by."""

    name = models.CharField(_("name"), max_length=100)
    prefix = models.CharField(_("begins with"), max_length=12)
    secret_sha256 = sha256_field(unique=True)
    scopes = models.JSONField(_("may"), default=list)
    created_at = models.DateTimeField(_("created"))
    expires_at = models.DateTimeField(_("expires"), null=True, blank=True)
    revoked_at = models.DateTimeField(_("revoked"), null=True, blank=True)
    last_used_at = models.DateTimeField(_("last used"), null=True, help_text=_("To the minute."))

    objects = ApiKeyQuerySet.as_manager()

    class Meta:
        verbose_name = _("API key")
        verbose_name_plural = _("API keys")
        ordering = ["-id"]

    def __str__(self) -> str:
        return self.name


class UsedLink(models.Model):
    """A hand-over link that was used, by its hash: it works once."""

    sha256 = sha256_field(unique=True)
    at = models.DateTimeField()


class OpenSessionQuerySet(models.QuerySet["OpenSession"]):
    def end(self) -> int:
        """End these sessions at once; return how many."""
        keys = list(self.values_list("session_id", flat=True))
        Session.objects.filter(pk__in=keys).delete()
        return len(keys)


class OpenSession(models.Model):
    """Where a user or a person is signed in: what they recognize a session by. Goes with the session."""

    session = models.OneToOneField("sessions.Session", on_delete=models.CASCADE, related_name="+")
    user = models.ForeignKey(User, on_delete=models.CASCADE, null=True, related_name="open_sessions")
    person = models.ForeignKey(Person, on_delete=models.CASCADE, null=True, related_name="open_sessions")
    browser = models.CharField(max_length=200, blank=True)
    network = models.CharField(max_length=45, blank=True)
    began_at = models.DateTimeField()

    objects = OpenSessionQuerySet.as_manager()


def new_secret() -> str:
    """A key's secret: 256 bits behind a prefix by which scanners recognize it."""
    return f"psk_{secrets.token_urlsafe(32)}"


def fingerprint(secret: str) -> str:
    return hashlib.sha256(secret.encode()).hexdigest()
