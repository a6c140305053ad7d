"""People by your own key for them: one by one and in bulk. Users, their addresses and rights are out of reach."""

from datetime import datetime

from django.db import transaction
from django.http import Http404, HttpRequest
from ninja import Field, Router, Schema
from pydantic import field_validator

from policies import clock
from policies.models import Person, Scope
from policies.views.api.keys import Key
from policies.views.api.problems import Problem

router = Router(tags=["people"])
MOST_AT_ONCE = 1000


class Given(Schema):
    """What programs send: no text of it holds NUL, which PostgreSQL cannot keep."""

    @field_validator("*")
    @classmethod
    def _without_nul(cls, value: object) -> object:
        if isinstance(value, str) and "\0" in value:
            raise ValueError("A text cannot hold the character NUL.")
        return value


class PersonIn(Given):
    """What you tell about a person. What is left out stays as it is; a new person joined now."""

    name: str | None = Field(None, max_length=200)
    address: str | None = Field(None, max_length=254)
    language: str | None = Field(None, max_length=10)
    audience: str | None = Field(None, max_length=50)
    guardian: str | None = Field(None, max_length=200, description="The external id of who accepts for a minor.")
    joined_at: datetime | None = None
    left_at: datetime | None = None


class PersonInBulk(PersonIn):
    external_id: str = Field(..., min_length=1, max_length=200)


class PersonOut(Schema):
    external_id: str
    name: str
    address: str
    language: str
    audience: str
    joined_at: datetime
    left_at: datetime | None


class Counted(Schema):
    created: int
    changed: int


@router.put("/{external_id}", auth=Key(Scope.PEOPLE_WRITE), response=PersonOut, summary="Add or change a person")
def put_person(request: HttpRequest, external_id: str, given: PersonIn) -> PersonOut:  # noqa: ARG001 - ninja's signature
    if "\0" in external_id:
        raise Problem(422, "malformed", "An external id cannot hold the character NUL.")
    with transaction.atomic():
        person, _is_new = _upsert(external_id, given, at=clock.now())
    return told(person)


@router.post("", auth=Key(Scope.PEOPLE_WRITE), response=Counted, summary="Add or change many people")
def post_people(request: HttpRequest, given: list[PersonInBulk]) -> Counted:  # noqa: ARG001 - ninja's signature
    """Up to 1,000 at once, all or none."""
    if len(given) > MOST_AT_ONCE:
        raise Problem(413, "too-many-at-once", f"At most {MOST_AT_ONCE} people can be sent at once.")
    at, created = clock.now(), 0
    with transaction.atomic():
        for one in given:
            _person, is_new = _upsert(one.external_id, one, at=at)
            created += is_new
    return Counted(created=created, changed=len(given) - created)


@router.get("/{external_id}", auth=Key(Scope.PEOPLE_READ), response=PersonOut, summary="One person")
def get_person(request: HttpRequest, external_id: str) -> PersonOut:  # noqa: ARG001
    return told(find(external_id))


def find(external_id: str) -> Person:
    """
    The person with this external id.

    :raises Http404: if there is none
    """
    person = Person.objects.filter(external_id=external_id).first() if "\0" not in external_id else None
    if person is None:
        raise Http404(f"Nobody has the external id {external_id}.")
    return person


def told(person: Person) -> PersonOut:
    return PersonOut(
        external_id=person.external_id or "",
        name=person.name,
        address=person.address,
        language=person.language,
        audience=person.audience_tag,
        joined_at=person.joined_at,
        left_at=person.closed_at,
    )


def _upsert(external_id: str, given: PersonIn, *, at: datetime) -> tuple[Person, bool]:
    person = Person.objects.select_for_update().filter(external_id=external_id).first()
    is_new = person is None
    person = person or Person(external_id=external_id, joined_at=at)
    names = {"audience": "audience_tag", "left_at": "closed_at"}
    for name, value in given.dict(exclude_unset=True, exclude={"guardian", "external_id"}).items():
        field = names.get(name, name)
        setattr(person, field, value if value is not None or field == "closed_at" else getattr(person, field))
    if given.guardian:
        person.guardian = find(given.guardian)
    person.full_clean()
    person.save()
    return person, is_new
