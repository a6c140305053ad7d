"""Finding the one person somebody names."""

from policies.models import Person


class NotOne(ValueError):
    """Nobody, or more than one person, is known by this name."""


def person_known_as(given: str) -> Person:
    """
    The person with this external id, this address, or `#number`.

    :raises NotOne: if there is none, or an address is shared by several
    """
    people = Person.objects.filter(external_id=given) or Person.objects.filter(address__iexact=given)
    if not people and given.startswith("#") and given[1:].isdigit():
        people = Person.objects.filter(pk=int(given[1:]))
    found = list(people[:2])
    if len(found) != 1:
        raise NotOne(
            f"{'Several people are' if found else 'Nobody is'} known as {given}: use the external id or #number."
        )
    return found[0]
