"""What a test may need from the machine, and what happens when it is not there.

A missing thing skips the test and names the thing. With CI=true it fails instead: a skipped test proves nothing.
"""

import os
from pathlib import Path
from typing import NoReturn

import pytest

ROOT = Path(__file__).resolve().parents[1]
SHARED_DATA = ROOT.parent / "shared" / "data"


def in_ci() -> bool:
    """Whether the environment says CI=true."""
    return os.environ.get("CI", "").lower() in {"1", "true", "yes"}


def missing(what: str) -> NoReturn:
    """Skip the running test because `what` is not on this machine, or fail it with CI=true."""
    if in_ci():
        pytest.fail(f"missing: {what}", pytrace=False)
    pytest.skip(f"missing: {what}")
