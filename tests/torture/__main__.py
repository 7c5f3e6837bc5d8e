"""python -m tests.torture [--quick] [--seed N] [--only NAME]: run faults, print counts, exit 1 if an oracle objects."""

import argparse
import json
import sys
from collections.abc import Callable
from dataclasses import asdict

from tests.torture.faults import kill_server, kill_workers, send_again
from tests.torture.oracle import Verdict

FAULTS: dict[str, Callable[[bool, int], Verdict]] = {
    "kill-workers": lambda quick, seed: kill_workers(kills=5 if quick else 200, seed=seed),
    "kill-server": lambda quick, seed: kill_server(kills=2 if quick else 50, seed=seed),
    "send-again": lambda quick, seed: send_again(seconds=2 if quick else 60, seed=seed),
}


def main() -> int:
    """Run the chosen faults."""
    parser = argparse.ArgumentParser(prog="make torture", description="Break the server under load.")
    parser.add_argument("--quick", action="store_true", help="a few seconds each")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--only", choices=sorted(FAULTS), action="append")
    options = parser.parse_args()
    held = True
    for name in options.only or FAULTS:
        verdict = FAULTS[name](options.quick, options.seed)
        held = held and verdict.holds
        print(f"{'held' if verdict.holds else 'BROKEN':6} {name} {json.dumps(asdict(verdict))}", flush=True)
    return 0 if held else 1


if __name__ == "__main__":
    sys.exit(main())
