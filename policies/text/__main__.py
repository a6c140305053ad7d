"""Read, compare and date policy texts from the command line."""

import argparse
import json
import sys
from collections.abc import Sequence
from pathlib import Path

from policies.text.redline import redline


def main(arguments: Sequence[str]) -> int:
    parser = argparse.ArgumentParser(prog="python -m policies.text", description=__doc__)
    parser.add_argument("command", choices=["redline"])
    parser.add_argument("old", type=Path)
    parser.add_argument("new", type=Path)
    options = parser.parse_args(arguments)
    print(json.dumps({"runs": redline(options.old.read_text(), options.new.read_text()).runs}, ensure_ascii=False))
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
