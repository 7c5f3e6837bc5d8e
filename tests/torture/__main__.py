"""python -m tests.torture [--quick] [--seed N] [--only NAME] [--count N] [--json]

Run faults and controls, print a table. Exit codes: 0 all held, 1 a promise broke or an oracle is blind, 5 something
could not be run on this machine.
"""

import argparse
import json
import sys
import time
from collections.abc import Iterator
from typing import Any

from tests.torture.controls import CONTROLS
from tests.torture.plan import BY_NAME, FAULTS, Fault, lacking
from tests.torture.verdict import Verdict


def main() -> int:
    """Run the chosen faults, and without a choice the controls too."""
    options = _options()
    worst = 0
    for result in _results(options):
        worst = max(worst, {"held": 0, "noticed": 0, "missing": 5}.get(result["outcome"], 1)) if worst != 1 else 1
        print(json.dumps(result) if options.json else _line(result), flush=True)
        for what in result["broken"] if result["outcome"] in ("BROKEN", "BLIND") else ():
            print(f"{'':12}{what}", file=sys.stderr, flush=True)
    return worst


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="make torture", description="Break what can break, and look what is left.")
    parser.add_argument("--quick", action="store_true", help="a few seconds each")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--count", type=int, help="instead of the protocol's")
    parser.add_argument(
        "--only", choices=[*BY_NAME, "controls"], action="append", metavar="NAME", help=", ".join(BY_NAME)
    )
    parser.add_argument("--json", action="store_true", help="one object a line")
    return parser.parse_args()


def _results(options: argparse.Namespace) -> Iterator[dict[str, Any]]:
    for fault in FAULTS:
        if options.only is None or fault.name in options.only:
            count = options.count or (fault.quick if options.quick else fault.count)
            yield _run_fault(fault, count, options.seed)
    if options.only is None or "controls" in options.only:
        for name, (control, needs) in CONTROLS.items():
            if missing := lacking(needs):
                yield _result(name, "control", options.seed, 0, None, missing)
                continue
            started = time.monotonic()
            verdict = control(options.seed)
            result = _result(name, "control", options.seed, started, verdict)
            yield result | {"outcome": "BLIND" if verdict.holds else "noticed"}


def _run_fault(fault: Fault, count: int, seed: int) -> dict[str, Any]:
    if missing := lacking(fault.needs):
        return _result(fault.name, fault.row, seed, 0, None, missing)
    started = time.monotonic()
    try:
        verdict = fault.run(count, seed)
    except Exception as error:  # one fault that cannot be run must not hide what the others find
        verdict = Verdict({}, (f"{type(error).__name__}: {error}"[-2000:],))
    return _result(fault.name, fault.row, seed, started, verdict) | {"asked": f"{count} {fault.unit}"}


def _result(
    name: str, row: str, seed: int, started: float, verdict: Verdict | None, missing: str = ""
) -> dict[str, Any]:
    seconds = round(time.monotonic() - started, 1) if verdict else 0
    base = {"name": name, "row": row, "seed": seed, "seconds": seconds, "asked": ""}
    if verdict is None:
        return base | {"outcome": "missing", "counts": {}, "broken": [missing]}
    outcome = "held" if verdict.holds else "BROKEN"
    return base | {"outcome": outcome, "counts": dict(verdict.counts), "broken": list(verdict.broken)}


def _line(result: dict[str, Any]) -> str:
    counts = ", ".join(f"{number} {name}" for name, number in result["counts"].items())
    told = result["broken"][0] if result["outcome"] in ("noticed", "missing") else counts
    head = f"{result['outcome']:8} {result['row']:8} {result['name']:24} {result['asked']:16} seed {result['seed']}"
    return f"{head}  {result['seconds']:6.1f} s  {told}"


if __name__ == "__main__":
    sys.exit(main())
