"""
The redline beside its peers, on the real version pairs of ../shared/corpus.

usage: python bench/text.py [--pairs N] [--quick]

Makes bench/.venv from bench/requirements.txt where it is missing and runs itself there. Times are CPU seconds, the best
of three, so that a busy machine disturbs little; ratios are medians over the pairs and the figures to look at.
"""

import argparse
import difflib
import json
import math
import os
import random
import re
import resource
import signal
import statistics
import subprocess
import sys
import tempfile
import time
import venv
from collections.abc import Callable
from pathlib import Path

HERE = Path(__file__).resolve().parent
ROOT = HERE.parent
SHARED = Path(os.environ.get("POLICYSITE_SHARED") or ROOT.parent / "shared")
INSIDE = HERE / ".venv" / "bin" / "python"
LIMIT = 20  # seconds a peer gets for one pair


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--pairs", type=int, default=32, help="how many pairs the peers get (default 32)")
    parser.add_argument("--quick", action="store_true", help="only our own figures, without peers")
    parser.add_argument("--case", help=argparse.SUPPRESS)
    options = parser.parse_args()
    if Path(sys.prefix) != HERE / ".venv":
        enter_own_environment()
    sys.path.insert(0, str(ROOT))
    if options.case:
        print(json.dumps(measure_case(options.case)))
        return
    pairs = real_pairs()
    report_core(pairs)
    report_growth()
    for name in ("real", "unlike", "shuffled", "repetitive"):
        report_case(name)
    if not options.quick:
        report_peers(pairs[:: max(1, len(pairs) // options.pairs)])


def enter_own_environment() -> None:
    if not INSIDE.exists():
        venv.create(HERE / ".venv", with_pip=True)
        subprocess.run([INSIDE, "-m", "pip", "install", "-q", "-r", HERE / "requirements.txt"], check=True)
    os.execv(INSIDE, [str(INSIDE), *sys.argv])  # noqa: S606 - the same program in its own environment


def real_pairs() -> list[tuple[str, str, str]]:
    """Return the pairs that differ: id, canonical old, canonical new."""
    from policies.text.source.canonical import canonicalize

    corpus = SHARED / "corpus"
    rows = [json.loads(line) for line in (corpus / "pairs.jsonl").read_text(encoding="utf-8").splitlines()]
    texts = [
        (row["id"], *(canonicalize((corpus / row[k]).read_text(encoding="utf-8")) for k in ("before", "after")))
        for row in rows
    ]
    return [pair for pair in texts if pair[1] != pair[2]]


def children() -> float:
    """Return the CPU seconds of the processes started so far, their start included."""
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def best(run: Callable[[], object], times: int = 3, clock: Callable[[], float] = time.process_time) -> float:
    spent = []
    for _ in range(times):
        started = clock()
        run()
        spent.append(clock() - started)
    return min(spent)


def git(old: str, new: str) -> tuple[float, int, int]:
    """Return the seconds of one git process, the words it shows as changed, and its islands."""
    with tempfile.TemporaryDirectory() as folder:
        names = [Path(folder) / name for name in ("old", "new")]
        for name, text in zip(names, (old, new), strict=True):
            name.write_text(text, encoding="utf-8")
        command = ["git", "diff", "--no-index", "--word-diff=porcelain", "-U100000", *map(str, names)]
        seconds = best(lambda: subprocess.run(command, capture_output=True, check=False), clock=children)
        shown = subprocess.run(command, capture_output=True, check=False, text=True).stdout.splitlines()[5:]
    changed = sum(len(line[1:].split()) for line in shown if line[:1] in {"+", "-"})
    islands, inside = 0, False
    for line in shown:
        is_change = line[:1] in {"+", "-"} and bool(line[1:].strip())
        islands += is_change and not inside
        inside = is_change or (inside and line == "~")
    return seconds, changed, islands


def minimal(old: str, new: str) -> int:
    """Return the fewest words any redline must show as changed."""
    a, b = old.split(), new.split()
    start = 0
    while start < min(len(a), len(b)) and a[start] == b[start]:
        start += 1
    while len(a) > start < len(b) and a[-1] == b[-1]:
        a.pop()
        b.pop()
    a, b = a[start:], b[start:]
    places: dict[str, int] = {}
    for j, word in enumerate(b):
        places[word] = places.get(word, 0) | 1 << j
    every = row = (1 << len(b)) - 1
    for word in a:
        same = row & places.get(word, 0)
        row = ((row + same) | (row - same)) & every
    return len(a) + len(b) - 2 * (every ^ row).bit_count()


def report_core(pairs: list[tuple[str, str, str]]) -> None:
    from policies.text.compare.redline import redline

    ratios, spent, excess, islands, shown, theirs_shown = [], [], [], [], [], []
    exact = 0
    for _, old, new in pairs:
        ours = best(lambda old=old, new=new: redline(old, new))
        theirs, _, their_islands = git(old, new)
        found = redline(old, new)
        runs = found.runs
        exact += "".join(t for op, t in runs if op in "=-") == old and "".join(t for op, t in runs if op in "=+") == new
        ratios.append(ours / theirs)
        spent.append(ours * 1000)
        least = minimal(old, new)
        if least:
            excess.append(max(1, found.words_inserted + found.words_deleted) / least)
        if their_islands:
            islands.append(found.regions / their_islands)
            shown.append(found.regions)
            theirs_shown.append(their_islands)
    print(f"pairs: {len(pairs)}; both texts rebuilt exactly: {exact}/{len(pairs)}")
    print(f"redline: median {statistics.median(spent):.2f} ms, largest {max(spent):.1f} ms")
    print(f"redline / git process: median {statistics.median(ratios):.3f} (goal 0.20)")
    print(f"changed words / minimum: geometric mean {statistics.geometric_mean(excess):.3f} (goal 1.08)")
    together = sum(shown) / sum(theirs_shown)
    print(f"islands / git: all together {together:.3f} (goal 0.75), mean {statistics.mean(islands):.3f}")


def corpus_text(words: int, which: int) -> str:
    """Return the before (0) or after (1) texts one behind the other, about so many words."""
    parts, total = [], 0
    for _, *pair in real_pairs():
        parts.append(pair[which])
        total += len(pair[0].split())
        if total >= words:
            break
    return "\n".join(parts)


def report_growth() -> None:
    from policies.text.compare.redline import redline

    points = []
    for words in (10_000, 30_000, 100_000, 300_000):
        old, new = corpus_text(words, 0), corpus_text(words, 1)
        points.append((math.log(len(old) + len(new)), math.log(best(lambda old=old, new=new: redline(old, new)))))
    x, y = zip(*points, strict=True)
    print(f"growth exponent on real text: {statistics.linear_regression(x, y).slope:.2f} (goal 1.3)")


def case(name: str) -> tuple[str, str]:
    """Return two texts of about 1 MB."""
    chance = random.Random(7)  # noqa: S311 - the same texts every time
    if name == "real":
        old, new = corpus_text(160_000, 0), corpus_text(160_000, 1)
        return old[:1_000_000], new[:1_000_000]
    if name == "repetitive":
        clause = "We keep the data for as long as it is needed to provide the service and no longer than that. "
        lines = [clause * 3 + "\n" for _ in range(3500)]
        after = [line.replace("service", "shop") if chance.random() < 0.02 else line for line in lines]
        del after[1700]
        return "".join(lines), "".join(after)
    vocabulary = [f"word{k}" for k in range(4000)]
    other = [f"other{k}" for k in range(4000)] if name == "unlike" else vocabulary
    return tuple(  # type: ignore[return-value]
        "\n".join(" ".join(chance.choice(words) for _ in range(60)) for _ in range(2_300)) + "\n"
        for words in (vocabulary, other)
    )


def measure_case(name: str) -> dict[str, float]:
    from policies.text.compare.redline import redline

    old, new = case(name)
    seconds = best(lambda: redline(old, new), 3 if name == "real" else 1)
    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    return {"seconds": seconds, "megabytes": memory, "git": git(old, new)[0]}


def report_case(name: str) -> None:
    """Measure in a process of its own, so that memory is the case's."""
    done = subprocess.run([INSIDE, __file__, "--case", name], capture_output=True, text=True, check=True)
    found = json.loads(done.stdout)
    print(
        f"1 MB {name}: {found['seconds']:.2f} s, {found['megabytes']:.0f} MB, "
        f"{found['seconds'] / found['git']:.1f} x git"
    )


# Peers


def words(text: str) -> list[str]:
    return re.findall(r"\S+\s*", text)


def peer_difflib(old: str, new: str) -> int:
    matcher = difflib.SequenceMatcher(None, words(old), words(new))
    return sum((p - i) + (q - j) for op, i, p, j, q in matcher.get_opcodes() if op != "equal")


def peer_lxml(old: str, new: str) -> int:
    import lxml.html.diff as htmldiff

    from policies.text.structure import markdown

    shown = htmldiff.htmldiff(markdown.render(old).html, markdown.render(new).html)
    marked = re.findall(r"<(?:ins|del)>(.*?)</(?:ins|del)>", shown, re.DOTALL)
    return sum(len(re.sub(r"<[^>]*>", " ", part).split()) for part in marked)


def peer_redlines(old: str, new: str) -> int:
    from redlines import Redlines

    shown = Redlines(old, new).output_markdown
    marked = re.findall(r"<(?:ins|del|span)[^>]*>(.*?)</(?:ins|del|span)>", shown, re.DOTALL)
    return sum(len(part.split()) for part in marked)


def peer_dmp(old: str, new: str) -> int:
    from diff_match_patch import diff_match_patch

    tool = diff_match_patch()
    tool.Diff_Timeout = 0
    diffs = tool.diff_main(old, new)
    tool.diff_cleanupSemantic(diffs)
    return sum(len(text.split()) for op, text in diffs if op)


def peer_wagtail(old: str, new: str) -> int:
    import django
    from django.conf import settings

    if not settings.configured:
        settings.configure(
            INSTALLED_APPS=["django.contrib.contenttypes", "django.contrib.auth", "wagtail", "wagtail.admin", "taggit"],
            STATIC_URL="/static/",
            SECRET_KEY="bench",  # noqa: S106 - nothing is signed here
            WAGTAILADMIN_BASE_URL="http://127.0.0.1",
        )
        django.setup()
    from wagtail.admin.compare import diff_text

    return sum(len(text.split()) for kind, text in diff_text(old, new).changes if kind != "equal")


def report_peers(pairs: list[tuple[str, str, str]]) -> None:
    from policies.text.compare.redline import redline

    git_seconds = [git(old, new)[0] for _, old, new in pairs]
    least = [minimal(old, new) for _, old, new in pairs]
    own = lambda old, new: (found := redline(old, new)).words_inserted + found.words_deleted  # noqa: E731
    peers = {
        "policies.text": own,
        "difflib (words)": peer_difflib,
        "lxml.html.diff": peer_lxml,
        "redlines": peer_redlines,
        "diff-match-patch": peer_dmp,
        "Wagtail compare": peer_wagtail,
    }
    print(f"\npeers on {len(pairs)} pairs: time / git process (median), changed words / minimum (geometric mean),")
    print(f"  over {LIMIT} s, failed")
    for name, peer in peers.items():
        print(row(name, peer, pairs, git_seconds, least), flush=True)


def row(name: str, peer: Callable[[str, str], int], pairs: list, git_seconds: list[float], least: list[int]) -> str:
    ratios, excess, late, failed = [], [], 0, 0
    for (_, old, new), theirs, fewest in zip(pairs, git_seconds, least, strict=True):
        signal.signal(signal.SIGALRM, out_of_time)
        signal.alarm(LIMIT)
        started = time.process_time()
        try:
            changed = peer(old, new)
        except OutOfTime:
            late += 1
            continue
        except Exception as error:  # noqa: BLE001 - a peer that fails on a real pair is a finding
            failed += 1
            print(f"  {name}: {type(error).__name__}: {str(error)[:80]}", file=sys.stderr)
            continue
        finally:
            signal.alarm(0)
        ratios.append((time.process_time() - started) / theirs)
        if fewest and changed:
            excess.append(changed / fewest)
    if not ratios:
        return f"  {name:18} no answer ({failed} failed, {late} late)"
    mean = f"{statistics.geometric_mean(excess):.2f}" if excess else "-"
    return f"  {name:18} {statistics.median(ratios):8.2f} {mean:>8} {late:4} late {failed:4} failed"


class OutOfTime(Exception):
    """A peer took longer than it gets."""


def out_of_time(*_: object) -> None:
    raise OutOfTime


if __name__ == "__main__":
    main()
