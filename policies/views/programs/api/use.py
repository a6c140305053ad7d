"""The days on which a person was seen using your product: a claim, kept only where a text rests on continued use."""

from django.http import HttpRequest
from ninja import Router, Schema

from policies import clock
from policies.acceptance import continued_use
from policies.models import Scope
from policies.views.programs.api import people
from policies.views.programs.api.authentication import Key, key_of
from policies.views.programs.api.given import Day, Given

router = Router(tags=["people"])


class UseIn(Given):
    """A day in the calendar of the policy's legal zone; nothing more is kept of what somebody did."""

    on: Day


class Noted(Schema):
    """For how many versions in force that day it may matter; 0: nothing was kept."""

    versions: int


@router.post(
    "/people/{path:external_id}/use", auth=Key(Scope.PEOPLE_WRITE), response=Noted, summary="Report a day of use"
)
def report(request: HttpRequest, external_id: str, given: UseIn) -> Noted:
    """It never counts as agreed; the account page shows it to the person, with everything else it rests on."""
    person = people.find(external_id)
    noted = continued_use.note(person=person, on=given.on, source=key_of(request).name, at=clock.now())
    return Noted(versions=noted)
