"""Who is in the demo: the cast, who can sign in, and about 300 people whom the policies bind."""

import random
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

import yaml
from django.contrib.auth.models import Group

from policies.models import Person, User
from policies.models.fields import tags_of

PEOPLE = 300
WITHOUT_ADDRESS = (17, 96, 171, 208, 263)
HAVE_LEFT = (44, 129, 245)
SHARED_ADDRESS = ((58, 59),)
LONGEST_AGO_DAYS = 895
DOMAINS = ("example.org", "example.com", "example.net")
# How many of a hundred use which product; the rest has an account and nothing else yet.
AUDIENCES = (("studio", 40), ("patchbay", 25), ("encore", 20), ("", 15))
NAMES = yaml.safe_load(Path(__file__).with_name("names.yaml").read_text(encoding="utf-8"))
TRANSCRIBED = str.maketrans("øüöäı", "ouoai")


@dataclass(frozen=True)
class Member:
    """Somebody of the cast: what they do here, the groups that let them, and whether policies bind them."""

    name: str
    address: str
    roles: tuple[str, ...] = ()
    audiences: tuple[str, ...] | None = None

    def sign_up(self, *, at: datetime) -> User:
        """Make the credential; it has no password, a code comes by mail."""
        user = User.objects.create_user(self.address, name=self.name, is_staff=bool(self.roles))
        user.groups.set(Group.objects.filter(name__in=self.roles))
        if self.audiences is not None:
            user.person = Person.objects.create(
                external_id=f"nw-{self.name.split()[0].lower()}",
                name=self.name,
                address=self.address,
                audiences=self.audiences,
                joined_at=at,
            )
            user.save(update_fields=["person"])
        return user


EDITH = Member("Edith Moore", "edith@example.org", roles=("author",))
RAVI = Member("Ravi Nair", "ravi@example.org", roles=("approver", "publisher", "integrator"))
CORA = Member("Cora Lindt", "cora@example.org", roles=("counsel",))
UMA = Member("Uma Berg", "uma@example.org", audiences=("studio",))
OSCAR = Member("Oscar Outsider", "oscar@example.org")
CAST = (EDITH, RAVI, CORA, UMA, OSCAR)
# Vera has no account: she reads, and follows by mail.
VERA_ADDRESS = "vera@example.org"


def people(*, loaded_at: datetime) -> Iterator[Person]:
    """Make up the people, the same ones each time; the first joined longest ago."""
    chance = random.Random(300)  # noqa: S311 - names, not secrets
    tags = [tag for tag, share in AUDIENCES for _ in range(share)]
    days = sorted((chance.randrange(2, LONGEST_AGO_DAYS) for _ in range(PEOPLE)), reverse=True)
    seen: set[str] = set()
    for number, days_ago in enumerate(days):
        name = _new_name(chance, seen)
        joined_at = loaded_at - timedelta(days=days_ago, minutes=chance.randrange(600))
        yield Person(
            external_id=f"nw-{number + 1:04}",
            name=name,
            address=_address(number, name, chance),
            language="de" if name.split()[1] in NAMES["german"] else "en",
            audiences=tags_of(chance.choice(tags)),
            joined_at=joined_at,
            closed_at=loaded_at - timedelta(hours=30) if number in HAVE_LEFT else None,
        )


def _new_name(chance: random.Random, seen: set[str]) -> str:
    while (name := f"{chance.choice(NAMES['given'])} {chance.choice(NAMES['family'])}") in seen:
        pass
    seen.add(name)
    return name


def _address(number: int, name: str, chance: random.Random) -> str:
    domain = chance.choice(DOMAINS)
    if number in WITHOUT_ADDRESS:
        return ""
    for pair in SHARED_ADDRESS:
        if number in pair:
            return "the.duo@example.net"
    return f"{_ascii(name).replace(' ', '.')}@{domain}"


def _ascii(name: str) -> str:
    plain = name.lower().translate(TRANSCRIBED)
    return unicodedata.normalize("NFKD", plain).encode("ascii", "ignore").decode()
