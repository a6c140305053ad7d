"""Yesterday's database, restored from its backup, mails nobody again and signs nothing until somebody confirms."""

from typing import Any

import pytest
from django.db import connection

from policies import account_mail, clock, tasks
from policies.models import AccountMail, AuditEvent, Checkpoint, Notice
from policies.notices.report import health
from policies.notices.send import restore_guard
from policies.notices.upkeep.sweep import sweep
from tests import factories
from tests import people as cast
from tests.notices.telling import open_notice, people, send_all, states
from tests.services import databases
from tests.services.deployment import Deployment
from tests.smtp_sink import Sink

pytestmark = pytest.mark.both_databases


@pytest.fixture(autouse=True)
def _folder(settings: Any, deployment: Deployment) -> None:
    settings.HIGH_WATER_FOLDER = str(deployment.folder / "high-water")


def test_yesterdays_database_mails_nobody_again(deployment: Deployment, smtp_sink: Sink) -> None:
    people(5)
    notice = open_notice()
    sweep(at=clock.now(), worker="test")
    back_up()
    send_all(notice, smtp_sink)
    # The sender may have been idle ever since: whoever sweeps raises the mark.
    sweep(at=clock.now(), worker="test")
    restore()
    assert states(notice) == {"queued": 5}
    assert "restored" in str(health.look(at=clock.now()).problems)
    assert "manage.py confirm_restore" in page_of(notice)
    assert "For 5 people the mail server took a mail since the backup" in page_of(notice)
    assert "Held: restored from a backup" in desk("/admin/")
    factories.make_version(published_at=clock.now())
    assert "0 deliveries handled" in deployment.manage("run_deliveries", "--once")
    tasks.seal_ledger()
    assert not Checkpoint.objects.exists()
    assert len(mails_of_notices(smtp_sink)) == 5
    assert "5 deliveries were sent since the backup" in deployment.manage("confirm_restore")
    deployment.manage("run_deliveries", "--once")
    assert states(notice) == {"accepted": 5}
    assert len(mails_of_notices(smtp_sink)) == 5
    assert restore_guard.hold() is None
    assert "confirm_restore" not in page_of(notice)
    tasks.seal_ledger()
    assert Checkpoint.objects.exists()
    assert Notice.objects.get(pk=notice.pk).state == Notice.State.DONE


def test_nor_does_it_tell_anybody_twice_that_their_account_changed(deployment: Deployment, smtp_sink: Sink) -> None:
    people(2)
    notice = open_notice()
    sweep(at=clock.now(), worker="test")
    event = AuditEvent.record("user.address_changed", by=None, at=clock.now())
    account_mail.announce(event, user=cast.oscar(), words="mail/user_address_changed", address="old@example.org")
    back_up()
    send_all(notice, smtp_sink)
    sweep(at=clock.now(), worker="test")
    assert not AccountMail.objects.exists()
    restore()
    sweep(at=clock.now(), worker="test")
    assert AccountMail.objects.exists()


def mails_of_notices(sink: Sink) -> list[Any]:
    return [message for message in sink.messages if b"<notice." in message.data]


def page_of(notice: Notice) -> str:
    return desk(f"/admin/policies/notice/{notice.pk}/change/")


def desk(path: str) -> str:
    """What Edith reads there."""
    return cast.signed_in(cast.edith()).get(path).content.decode()


def back_up() -> None:
    name = str(connection.settings_dict["NAME"])
    databases.leave()
    databases.create(f"{name}_backup", template=name)


def restore() -> None:
    name = str(connection.settings_dict["NAME"])
    databases.leave()
    databases.drop(name)
    databases.create(name, template=f"{name}_backup")
    databases.drop(f"{name}_backup")
