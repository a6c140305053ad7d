"""What tests are held to themselves."""

import ast
from collections.abc import Iterator
from pathlib import Path

TESTS = Path(__file__).parent
NOW = {"now", "today", "utcnow", "days_ago", "in_days", "monotonic"}


def test_no_test_reads_the_clock_before_it_starts() -> None:
    """What is read while tests are collected is old when the last of them runs, or of yesterday."""
    early = [
        f"{path.relative_to(TESTS)}:{call.lineno}: {ast.unparse(call)}"
        for path in sorted(TESTS.rglob("*.py"))
        for call in _called_at_import(ast.parse(path.read_text()))
        if _name(call) in NOW
    ]
    assert early == []


def _called_at_import(tree: ast.AST) -> Iterator[ast.Call]:
    """Every call that runs when a module is imported: not in a function, but in its decorators and defaults."""
    for node in ast.iter_child_nodes(tree):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            for part in [*node.decorator_list, *node.args.defaults, *filter(None, node.args.kw_defaults)]:
                yield from _called_at_import(ast.Expression(part))
        elif not isinstance(node, ast.Lambda):
            if isinstance(node, ast.Call):
                yield node
            yield from _called_at_import(node)


def _name(call: ast.Call) -> str:
    return call.func.attr if isinstance(call.func, ast.Attribute) else getattr(call.func, "id", "")
