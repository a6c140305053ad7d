"""
A session that knows a person and no user: somebody whom a product handed over, or who signed in by a mailed code.

It answers and reads receipts; the desk is never open to it. Who was handed over has to sign in by a code for the rest.
"""

from collections.abc import Mapping, MutableMapping
from dataclasses import asdict, dataclass
from typing import Any

from policies.models import Act, Person

KEY = "policies.person"


@dataclass(frozen=True)
class PersonSession:
    """
    Who is there and how that is known: `strength` is that of an answer given now.

    :ivar source: the product that handed them over, as it calls itself
    :ivar return_to: where they go afterwards, an address of that product
    :ivar return_key: what their way back is signed with
    """

    person_id: int
    strength: str
    source: str = ""
    return_to: str = ""
    return_key: str = ""

    @property
    def is_handed_over(self) -> bool:
        """Whether nothing but a product's word says who this is."""
        return self.strength == Act.Strength.HOST

    @property
    def person(self) -> Person | None:
        """The person, unless they were erased since. For nobody no database is asked: most readers are that."""
        if not self.person_id:
            return None
        return Person.objects.filter(pk=self.person_id, erased_at=None).first()


NOBODY = PersonSession(0, Act.Strength.UNKNOWN)


def put(session: MutableMapping[str, Any], found: PersonSession) -> None:
    """Write down who is there."""
    session[KEY] = asdict(found)


def read(session: Mapping[str, Any]) -> PersonSession:
    """Who is there, or `NOBODY`."""
    held = session.get(KEY)
    return PersonSession(**held) if held else NOBODY
