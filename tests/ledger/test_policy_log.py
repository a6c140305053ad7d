import base64
from typing import Any

import pytest
from django.test import Client

from policies import ledger
from policies.ledger import notes, tree
from tests.acceptance.asking import NOW

pytestmark = [pytest.mark.django_db, pytest.mark.both_databases]

LOG = "/.well-known/policy-log/"


@pytest.fixture(autouse=True)
def log_of_seven() -> None:
    for start, count in ((0, 3), (3, 4)):
        for number in range(start, start + count):
            ledger.append(kind="test", reference=str(number), body={}, at=NOW)
        ledger.seal(at=NOW)


def head(client: Client, name: str = "checkpoint") -> notes.Head:
    return notes.read(client.get(LOG + name).content.decode(), verifiers=(notes.verifier(),))


def steps(answer: Any) -> list[bytes]:
    return [base64.b64decode(step) for step in answer.json()["path"]]


def test_outsiders_can_check_that_a_leaf_is_in_the_log(client: Client) -> None:
    leaf = client.get(f"{LOG}leaves?start=4").json()["leaves"][0]
    path = steps(client.get(f"{LOG}proof/inclusion?index=4"))
    hashed = bytes.fromhex(leaf["leaf_sha256"])
    assert tree.is_included(leaf=hashed, index=4, size=7, path=path, root=head(client).root)


def test_outsiders_can_check_that_the_log_only_grew(client: Client) -> None:
    path = steps(client.get(f"{LOG}proof/consistency?first=3&second=7"))
    roots = {"first_root": head(client, "checkpoint/3").root, "second_root": head(client).root}
    assert tree.is_consistent(first=3, second=7, path=path, **roots)


def test_the_page_shows_the_head_and_the_key_without_a_cookie(client: Client) -> None:
    page = client.get(LOG)
    assert head(client).root.hex() in page.content.decode()
    assert client.get(f"{LOG}key").content.decode().strip() == notes.verifier()
    assert not page.cookies


@pytest.mark.parametrize(
    "address",
    [
        "checkpoint/4", "leaves?start=x", "leaves?start=-1", "proof/inclusion", "proof/inclusion?index=7",
        "proof/inclusion?index=5&size=3", "proof/consistency?first=7&second=3", "proof/consistency?first=2&second=7",
        "leaves?start=99999999999999999999",
    ],
)  # fmt: skip
def test_what_is_not_there_is_said_so(client: Client, address: Any) -> None:
    assert client.get(LOG + address).status_code == 404


def test_leaves_come_in_bounded_pages(client: Client) -> None:
    assert len(client.get(f"{LOG}leaves").json()["leaves"]) == 7
    assert client.get(f"{LOG}leaves?start=7").json()["leaves"] == []
