"""The `type` of every problem is the address of a page that says what to do."""

import ast
import re
from pathlib import Path

import pytest
from django.test import Client

from policies import acceptance
from policies.views.programs.api import problems
from policies.views.programs.api.kinds_of_problem import KINDS

ROOT = Path(__file__).parents[2]
VIEWS = [*(ROOT / "policies" / "views").rglob("*.py"), ROOT / "policies" / "middleware.py"]


def named() -> set[str]:
    """Every code that stands in the code: in a problem, in a table of them, or in a refusal that becomes one."""
    found = {"acceptance-required"}
    for path in VIEWS:
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.Call) and re.search(r"(^|\.)_?[Pp]roblem$", ast.unparse(node.func)):
                found |= {str(each.value) for each in node.args[1:2] if isinstance(each, ast.Constant)}
    found |= {problems.of_status(status).code for status in range(400, 600)}
    kinds = [acceptance.Refused]
    for kind in kinds:
        kinds += kind.__subclasses__()
    return found | {kind.code for kind in kinds}


def test_every_problem_that_there_is_has_a_kind_and_every_kind_a_problem() -> None:
    assert named() == set(KINDS)


@pytest.mark.django_db
@pytest.mark.parametrize("code", KINDS)
def test_each_has_a_page(client: Client, code: str) -> None:
    page = client.get(f"/problems/{code}")
    assert page.status_code == 200
    assert str(KINDS[code].means).split("“")[0] in page.content.decode()
    assert not page.cookies


@pytest.mark.django_db
def test_the_type_that_a_program_is_given_leads_there(client: Client) -> None:
    problem = client.get("/api/v1/nope").json()
    address = problem["type"].removeprefix("http://127.0.0.1:8000")
    assert "There is nothing at this address" in client.get(address).content.decode()
    assert client.get("/problems/nope").status_code == 404


@pytest.mark.django_db
def test_all_are_listed_also_in_german(client: Client) -> None:
    page = client.get("/problems/", headers={"accept-language": "de"}).content.decode()
    assert [code for code in KINDS if f'href="/problems/{code}"' not in page] == []
    assert "Arten von Problemen" in page
    assert "Too many calls" not in page


def test_the_statuses_are_those_that_are_answered() -> None:
    by_status = {problems.of_status(status).code: status for status in (403, 404, 405, 413, 429, 500, 503)}
    assert [code for code, status in by_status.items() if str(status) not in KINDS[code].status] == []
    assert [code for code, status in problems.STATUS.items() if KINDS[code].status != str(status)] == []
