"""Over real transactions: allauth tells of a changed second factor once the change is committed."""

from datetime import datetime

import pytest
from allauth.mfa.totp.internal import auth as totp

from policies import clock
from policies.models import AuditEvent, OpenSession
from tests import people
from tests.views.people.test_ending_sessions import person_of
from tests.views.people.test_sessions import by_code, by_password, is_signed_in

pytestmark = pytest.mark.both_databases


def code_of(secret: str, at: datetime) -> str:
    return str(totp.format_hotp_value(totp.hotp_value(secret, int(at.timestamp()) // 30)))


def test_a_second_factor_that_is_set_up_or_removed_ends_all_others(fresh_database: str) -> None:
    here, there = by_password(people.uma(), "here"), by_password(people.uma(), "there")
    mailed = by_code(person_of(people.uma()), "by code")
    page = here.get("/sign-in/second-factor/totp/activate/")
    form = {"code": code_of(page.context["form"].secret, clock.now())}
    assert here.post("/sign-in/second-factor/totp/activate/", form).status_code == 302
    assert [is_signed_in(client) for client in (here, there, mailed)] == [True, False, False]
    assert [each.browser for each in OpenSession.objects.all()] == ["here"]
    assert AuditEvent.objects.get(verb="sessions.ended").data["sessions"] == 2
    again = by_code(person_of(people.uma()), "by code")
    here.post("/sign-in/second-factor/totp/deactivate/")
    assert [is_signed_in(client) for client in (here, again)] == [True, False]
