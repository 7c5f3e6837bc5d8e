"""python -m tests.security.analysis: static analysis by bandit. Each finding is argued here, by rule and file.

A finding that is gone fails too, so that no argument outlives what it was about.
"""

import json
import subprocess
import sys

from tests.needs import ROOT

PACKAGES = ("ledger", "labels", "service", "api", "migrations")
_ASSERT = "tells the type checker what was checked before; nothing is refused by it"
_NAMES = "the text is made of names of tables, columns and places that stand in the source; values are parameters"
_DICE = "draws for trials and demonstrations; secrets come from os.urandom and secrets"
_CHILD = "starts our own interpreter with our own module; the only argument that varies is an id that we made"
_ESCAPE = "writes XML by the escape function and reads none with it"
ARGUED = {
    ("B101", "api/cli/importing.py"): _ASSERT,
    ("B101", "api/desk/account.py"): _ASSERT,
    ("B101", "api/desk/models.py"): _ASSERT,
    ("B101", "api/desk/opening.py"): _ASSERT,
    ("B101", "api/desk/pack_parts.py"): _ASSERT,
    ("B101", "api/epcis/capture.py"): _ASSERT,
    ("B101", "api/labelling.py"): _ASSERT,
    ("B101", "service/domain/offering.py"): _ASSERT,
    ("B101", "service/labelling.py"): _ASSERT,
    ("B101", "service/people/applications.py"): _ASSERT,
    ("B101", "service/workshop/forms.py"): _ASSERT,
    ("B101", "service/workshop/offers.py"): _ASSERT,
    ("B105", "api/epcis/wire.py"): "a date until which tokens of EPCIS pages are said to hold, no password",
    (
        "B108",
        "api/server.py",
    ): "the folder of gunicorn's signs of life: it makes files of its own there and unlinks them",
    (
        "B310",
        "service/verification/remote.py",
    ): "an address that the person typed on the command line, checked to be http",
    ("B311", "service/demo/story.py"): _DICE,
    ("B311", "service/hammering/reading.py"): _DICE,
    ("B311", "service/hammering/writing.py"): _DICE,
    ("B404", "service/imports/working.py"): _CHILD,
    ("B404", "service/webhooks/working.py"): _CHILD,
    ("B406", "labels/svg.py"): _ESCAPE,
    ("B406", "service/imports/templates.py"): _ESCAPE,
    ("B603", "service/imports/working.py"): _CHILD,
    ("B603", "service/webhooks/working.py"): _CHILD,
    ("B608", "migrations/versions/0001_log.py"): _NAMES,
    ("B608", "service/db/batches.py"): _NAMES,
    ("B608", "service/db/bulk.py"): _NAMES,
    ("B608", "service/db/duties.py"): _NAMES,
    ("B608", "service/db/lineage.py"): _NAMES,
    ("B608", "service/db/listings.py"): _NAMES,
    ("B608", "service/db/rights.py"): _NAMES,
    ("B608", "service/db/soundness.py"): _NAMES,
    ("B608", "service/db/source.py"): _NAMES,
    ("B608", "service/figures/storing.py"): _NAMES,
    ("B608", "service/keys/vault.py"): _NAMES,
    ("B608", "service/limits/counting.py"): _NAMES,
    ("B608", "service/monitoring/state.py"): _NAMES,
    ("B704", "api/desk/opening.py"): "a form field whose value is escaped in the same line",
    ("B704", "api/pages/rendering.py"): "drawings of ours, read from our own folder",
}


def findings() -> dict[tuple[str, str], list[int]]:
    """The lines, by rule and file."""
    command = [sys.executable, "-m", "bandit", "--quiet", "--recursive", *PACKAGES, "--format", "json"]
    told = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False).stdout
    found: dict[tuple[str, str], list[int]] = {}
    for each in json.loads(told)["results"]:
        found.setdefault((each["test_id"], each["filename"]), []).append(each["line_number"])
    return found


def main() -> int:
    found = findings()
    for (rule, file), lines in sorted(found.items()):
        if (rule, file) not in ARGUED:
            print(f"{file}:{lines[0]}: {rule} is not argued in tests/security/analysis.py")
    for rule, file in sorted(ARGUED.keys() - found.keys()):
        print(f"{file}: {rule} is argued and not there any more")
    print(f"bandit: {len(found)} kinds of findings, {len(found.keys() & ARGUED.keys())} argued", file=sys.stderr)
    return int(found.keys() != ARGUED.keys())


if __name__ == "__main__":
    sys.exit(main())
