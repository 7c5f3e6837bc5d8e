"""Killed processes, retried requests, several signers, each in short: enough to notice that a promise broke."""

import re
from pathlib import Path

import pytest

from service.failpoints import POINTS
from tests.needs import ROOT, missing
from tests.torture.controls import HARMS, blind_judge
from tests.torture.kills import COMMANDS, SERVING
from tests.torture.plan import BY_NAME, lacking
from tests.torture.verdict import Verdict


def run(name: str) -> Verdict:
    """A fault in short. Skips, or fails with CI=true, where the machine lacks what it needs."""
    fault = BY_NAME[name]
    if lack := lacking(fault.needs):
        missing(lack)
    return fault.run(fault.quick, 1)


@pytest.mark.parametrize("name", ["kill-workers", "kill-server", "fail-points", "write-deaths"])
def test_killed_processes_lose_and_double_nothing(name: str) -> None:
    verdict = run(name)
    assert verdict.holds, verdict
    assert verdict.counts.get("acknowledged", 1) > 0


def test_an_event_sent_again_and_again_is_recorded_once() -> None:
    verdict = run("retries")
    assert verdict.holds, verdict


@pytest.mark.browser
def test_what_a_phone_captured_over_a_bad_network_is_recorded_once() -> None:
    verdict = run("offline-queue")
    assert verdict.holds, verdict


def test_two_servers_never_sign_two_roots_for_one_size() -> None:
    verdict = run("two-signers")
    assert verdict.holds, verdict


def test_a_register_is_not_served_without_its_own_keys() -> None:
    verdict = run("wrong-keys")
    assert verdict.holds, verdict


def test_the_judge_notices_every_kind_of_harm() -> None:
    assert len(HARMS) >= 7
    assert blind_judge(1) == []


def test_every_named_point_stands_in_the_code_once_and_is_tried() -> None:
    code = "".join(path.read_text() for folder in ("service", "api") for path in sorted((ROOT / folder).rglob("*.py")))
    assert sorted(re.findall(r'\breach\("([a-z-]+)"\)', code)) == sorted(POINTS)
    assert {*SERVING, *COMMANDS} == {*POINTS}
    assert len(POINTS) >= 15
    assert Path(ROOT / "docs" / "torture.md").read_text().count("`committed`") > 0
