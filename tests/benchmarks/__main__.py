"""python -m tests.benchmarks [--quick] [--only NAME] [--json FILE]: measure, print a table."""

import argparse
import json
import sys
from importlib import import_module
from pathlib import Path

from tests.benchmarks.figures import as_json, table

NAMES = (
    *("append", "units", "proofs", "audit", "http", "cost", "epcis", "imports"),
    *("pages", "paint", "passport", "labels", "limits", "witness", "webhooks", "dashboard", "peers"),
)


def main() -> int:
    """Run the chosen benchmarks and print what they found."""
    parser = argparse.ArgumentParser(prog="make bench", description="Measure PackTrail beside its floors and peers.")
    parser.add_argument("--quick", action="store_true", help="small and few: whether it works, not how fast it is")
    parser.add_argument("--only", choices=NAMES, action="append", help="only these")
    parser.add_argument("--json", type=Path, help="write the figures as JSON")
    options = parser.parse_args()
    figures = []
    for name in options.only or NAMES:
        for each in import_module(f"tests.benchmarks.{name}").run(quick=options.quick):
            print(f"{each.group}: {each.name}: {each.value:,.4g} {each.unit}", file=sys.stderr, flush=True)
            figures.append(each)
    print(table(figures))
    if options.json:
        options.json.write_text(json.dumps(as_json(figures), indent=1, ensure_ascii=False) + "\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
