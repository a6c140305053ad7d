"""People by your own key for them: one by one and in bulk. Users, their addresses and rights are out of reach."""

from collections.abc import Sequence
from datetime import datetime

from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.http import Http404, HttpRequest
from ninja import Field, Query, Router, Schema

from policies import account_mail, clock
from policies.account_mail import Known
from policies.models import Person, Policy, Scope
from policies.models.fields import refuse_unknown_tags, tags_of
from policies.views.programs.api.authentication import Key, key_of
from policies.views.programs.api.given import Given, Instant, Language
from policies.views.programs.api.problems import Problem

router = Router(tags=["people"])
MOST_AT_ONCE = 1000
# What a call may set, by the names of the model's fields.
FIELDS = {
    "name": "name",
    "address": "address",
    "language": "language",
    "audience": "audiences",
    "joined_at": "joined_at",
    "left_at": "closed_at",
}


class PersonIn(Given):
    """
    What you tell about a person. What is left out stays as it is; a new person joined now. Null empties a field, where
    it can be empty: a language and the day somebody joined cannot.
    """

    name: str | None = Field(None, max_length=200)
    address: str | None = Field(None, max_length=254)
    language: Language = Field("en", description="A tag of RFC 5646, such as de or pt-BR; any, translated to or not.")
    audience: list[str] | None = Field(None, description="Tags; none of them that no policy names.")
    guardian: str | None = Field(
        None, max_length=200, description="The external id of who accepts for a minor; null: nobody does any more."
    )
    joined_at: Instant = Field(default_factory=clock.now, description="Left out for somebody new: now.")
    left_at: Instant | None = None


class PersonInBulk(PersonIn):
    external_id: str = Field(..., min_length=1, max_length=200)


class PersonOut(Schema):
    external_id: str
    name: str
    address: str
    language: str
    audience: list[str]
    guardian: str | None
    joined_at: datetime
    left_at: datetime | None


class PeoplePage(Schema):
    """`next` is the `after` of the next part; null at the end."""

    items: list[PersonOut]
    next: int | None


class Part(Schema):
    """Which part of the list."""

    after: int = Field(0, ge=0, le=2**63 - 1)
    limit: int = Field(100, ge=1, le=MOST_AT_ONCE)


class Counted(Schema):
    """How many are new, were changed, and were as you told them already."""

    created: int
    changed: int
    unchanged: int


@router.put("/{path:external_id}", auth=Key(Scope.PEOPLE_WRITE), response=PersonOut, summary="Add or change a person")
def put_person(request: HttpRequest, external_id: str, given: PersonIn) -> PersonOut:
    if "\0" in external_id:
        raise Problem(422, "malformed", "An external id cannot hold the character NUL.")
    _upsert([(external_id, given)], source=key_of(request).name, at=clock.now())
    return as_out(find(external_id))


@router.post("", auth=Key(Scope.PEOPLE_WRITE), response=Counted, summary="Add or change many people")
def post_people(request: HttpRequest, given: list[PersonInBulk]) -> Counted:
    """Up to 1,000 at once, all or none."""
    if len(given) > MOST_AT_ONCE:
        raise Problem(413, "too-many-at-once", f"At most {MOST_AT_ONCE} people can be sent at once.")
    if len({one.external_id for one in given}) < len(given):
        raise Problem(422, "malformed", "The same external id stands in it twice.")
    return _upsert([(one.external_id, one) for one in given], source=key_of(request).name, at=clock.now())


@router.get("", auth=Key(Scope.PEOPLE_READ), response=PeoplePage, summary="Everybody, in parts")
def get_people(request: HttpRequest, part: Query[Part]) -> PeoplePage:  # noqa: ARG001
    """In the order in which they were added; people whom only we know, without an external id, are left out."""
    people = Person.objects.filter(pk__gt=part.after, external_id__isnull=False).select_related("guardian")
    found = list(people.order_by("pk")[: part.limit + 1])
    page = found[: part.limit]
    return PeoplePage(items=[as_out(person) for person in page], next=page[-1].pk if len(found) > part.limit else None)


@router.get("/{path:external_id}", auth=Key(Scope.PEOPLE_READ), response=PersonOut, summary="One person")
def get_person(request: HttpRequest, external_id: str) -> PersonOut:  # noqa: ARG001
    return as_out(find(external_id))


def find(external_id: str) -> Person:
    """
    The person with this external id.

    :raises Http404: if there is none
    """
    known = Person.objects.select_related("guardian").filter(external_id=external_id)
    person = known.first() if "\0" not in external_id else None
    if person is None:
        raise Http404(f"Nobody has the external id {external_id}.")
    return person


def as_out(person: Person) -> PersonOut:
    return PersonOut(
        external_id=person.external_id or "",
        name=person.name,
        address=person.address,
        language=person.language,
        audience=list(person.audiences),
        guardian=person.guardian.external_id if person.guardian else None,
        joined_at=person.joined_at,
        left_at=person.closed_at,
    )


def _upsert(given: Sequence[tuple[str, PersonIn]], *, source: str, at: datetime) -> Counted:
    """
    Add and change people, all or none, in a few statements however many they are. Who is as told is left alone.

    :raises ValidationError: for a value that cannot be taken
    :raises Http404: for a guardian whom nobody knows
    """
    try:
        with transaction.atomic():
            return _write(given, source=source, at=at)
    except IntegrityError:
        # Somebody else added one of them a moment ago: now they are known.
        with transaction.atomic():
            return _write(given, source=source, at=at)


def _write(given: Sequence[tuple[str, PersonIn]], *, source: str, at: datetime) -> Counted:
    _refuse_unknown_audiences(given)
    named = {external_id for external_id, _one in given}
    guardians = {one.guardian for _id, one in given if one.guardian}
    # In one order for everybody, so that two calls about the same people wait for each other and never lock up.
    rows = Person.objects.select_for_update().filter(external_id__in=named | guardians).order_by("pk")
    known = {person.external_id: person for person in rows}
    before = {name: _told(person) for name, person in known.items()}
    mailboxes = {person.pk: Known.of(person) for person in known.values()}
    new = {name: Person(external_id=name, joined_at=at) for name in sorted(named - set(known))}
    people: dict[str | None, Person] = {**known}
    people.update(new)
    for external_id, one in given:
        _fill(people[external_id], one, is_known=external_id in known)
    Person.objects.bulk_create(new.values())
    for external_id, one in given:
        _give_guardian(people[external_id], one, people)
    # Of the new ones only the guardian is still to be written: it may be one of them.
    changed = [name for name in sorted(named & set(known)) if _told(known[name]) != before[name]]
    wards = [name for name, person in new.items() if person.guardian]
    written = [people[name] for name in (*changed, *wards)]
    Person.objects.bulk_update(written, [*FIELDS.values(), "guardian"], batch_size=500)
    account_mail.people_moved([known[name] for name in changed], before=mailboxes, by=None, at=at, key=source)
    _refuse_circles([people[external_id] for external_id, one in given if one.guardian])
    return Counted(created=len(new), changed=len(changed), unchanged=len(given) - len(new) - len(changed))


def _refuse_unknown_audiences(given: Sequence[tuple[str, PersonIn]]) -> None:
    told = sorted({tag for _id, one in given for tag in one.audience or ()})
    if told:
        try:
            refuse_unknown_tags(told, known=Policy.objects.known_audiences())
        except ValidationError as error:
            raise ValidationError({"audience": error.messages}) from error


def _told(person: Person) -> tuple[object, ...]:
    return (*(getattr(person, field) for field in FIELDS.values()), person.guardian_id)


def _refuse_circles(given: Sequence[Person]) -> None:
    """Nobody answers for whoever answers for them."""
    found = Person.objects.filter(pk__in=[person.pk for person in given]).in_circles() if given else []
    if found:
        name = next(person.external_id for person in given if person.pk == found[0])
        raise ValidationError({"guardian": f"{name} would be their own guardian, over others."})


def _fill(person: Person, one: PersonIn, *, is_known: bool) -> None:
    """What was known before, and is not told anew, is left as it is, whatever a later rule would say of it."""
    told = one.dict(include=set(FIELDS), exclude_unset=True)
    for name, value in told.items():
        empty = None if name == "left_at" else ""
        setattr(person, FIELDS[name], tags_of(value) if name == "audience" else empty if value is None else value)
    untold = {field.name for field in Person._meta.fields} - {FIELDS[name] for name in told} if is_known else set()
    person.clean_fields(exclude={"guardian", *untold})
    if person.closed_at and person.closed_at < person.joined_at:
        raise ValidationError({"left_at": f"{person.external_id} cannot leave before joining."})


def _give_guardian(person: Person, one: PersonIn, people: dict[str | None, Person]) -> None:
    if "guardian" not in one.model_fields_set:
        return
    if one.guardian == person.external_id:
        raise ValidationError({"guardian": f"{person.external_id} cannot be their own guardian."})
    if one.guardian and one.guardian not in people:
        raise Http404(f"Nobody has the external id {one.guardian}.")
    person.guardian = people[one.guardian] if one.guardian else None
