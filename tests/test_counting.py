"""What the end of a test run says."""

from pathlib import Path

from scripts import test as running

RESULTS = """<testsuites><testsuite tests="4" failures="1" errors="1" skipped="1">
<testcase classname="tests.test_a" name="test_good"/>
<testcase classname="tests.test_a" name="test_wrong"><failure message="assert 1 == 2">def test_wrong():
E  assert 1 == 2</failure></testcase>
<testcase classname="tests.test_b" name="test_not_set_up"><error message="no Redis">E  no Redis</error></testcase>
<testcase classname="tests.test_b" name="test_left_out"><skipped/></testcase>
</testsuite></testsuites>"""


def test_the_last_lines_name_what_failed_in_either_run(tmp_path: Path) -> None:
    both = tmp_path / "postgresql.xml", tmp_path / "sqlite.xml"
    for results in both:
        results.write_text(RESULTS)
    end = str(sum((running.count(results) for results in both), start=running.Count()))
    assert "== FAILED on postgresql: tests.test_a::test_wrong" in end
    assert "== FAILED on sqlite: tests.test_b::test_not_set_up" in end
    assert "E  assert 1 == 2" in end
    assert end.endswith("2 passed, 4 failed, 2 skipped")
