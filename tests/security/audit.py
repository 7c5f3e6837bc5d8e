"""python -m tests.security.audit: what is known against the locked dependencies, by pip-audit.

Advisories come from the package index. Where it has none, or cannot be reached, that is said: nothing was audited then,
and the lock file should be audited where there are advisories. Exit code 1 for a finding, 3 where nothing was audited.
"""

import json
import subprocess
import sys

from tests.security.components import LOCK


def main() -> int:
    options = [
        "--requirement",
        str(LOCK),
        "--disable-pip",
        "--require-hashes",
        "--format",
        "json",
        "--progress-spinner",
        "off",
    ]
    run = subprocess.run([sys.executable, "-m", "pip_audit", *options], capture_output=True, text=True, check=False)
    try:
        found = json.loads(run.stdout)["dependencies"]
    except ValueError:
        print(f"no source of advisories could be reached: {run.stderr.strip().splitlines()[-1]}")
        return 3
    audited = [each for each in found if "skip_reason" not in each]
    known = [(each["name"], each["version"], vuln["id"]) for each in audited for vuln in each["vulns"]]
    print(f"{len(audited)} of {len(found)} dependencies were audited, {len(known)} advisories hold against them")
    for name, version, advisory in known:
        print(f"{name} {version}: {advisory}")
    return 1 if known else 0 if audited else 3


if __name__ == "__main__":
    sys.exit(main())
