"""A file sent to a served register is imported by its worker, beside the server, and told row by row."""

import json
import time
import urllib.request
from pathlib import Path
from typing import Any

from tests.scene import Scene, running_server, set_scene


def ask(port: int, path: str, scene: Scene, data: bytes | None = None) -> bytes:
    headers = {"Authorization": f"Bearer {scene.api_key}", "Content-Type": "text/csv"}
    request = urllib.request.Request(f"http://127.0.0.1:{port}{path}", data=data, headers=headers)
    with urllib.request.urlopen(request, timeout=30) as answer:
        return bytes(answer.read())


def test_a_served_register_does_what_it_was_sent(tmp_path: Path) -> None:
    scene = set_scene(tmp_path, packs=3)
    rows = ["subjects,occurred_at,soce_ppm,remaining_capacity_mah,full_cycles,method"]
    rows += [f"{code},2026-06-01 12:00,990000,148000,12,bms" for code in scene.packs[:3]]
    with running_server(scene) as server:
        path = "/v1/imports?kind=report_soh&mode=good"
        sent: dict[str, Any] = json.loads(ask(server.port, path, scene, "\n".join([*rows, "X,,,,,"]).encode()))
        give_up = time.monotonic() + 60
        while True:
            found = json.loads(ask(server.port, f"/v1/imports/{sent['id']}", scene))
            if found["state"] not in ("waiting", "running") or time.monotonic() > give_up:
                break
            time.sleep(0.2)
        assert found["state"] == "finished", found
        assert (found["counts"]["accepted"], found["counts"]["refused"]) == (3, 1)
        *lines, _ = ask(server.port, f"{found['rows']}?format=ndjson", scene).splitlines()
        assert [json.loads(line)["status"] for line in lines] == ["recorded"] * 3 + ["refused"]
