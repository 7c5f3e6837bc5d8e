"""How an import is told, by interface and command line alike."""

from datetime import datetime
from typing import Any

from ledger.entry import format_time
from service.imports.jobs import Job, State

STATES_ZH = {
    State.WAITING: "等待中",
    State.RUNNING: "进行中",
    State.FINISHED: "已完成",
    State.CANCELLED: "已取消",
    State.FAILED: "文件被拒绝",
}


def import_path(id_: str) -> str:
    """Where an import is found."""
    return f"/v1/imports/{id_}"


def import_members(job: Job, now: datetime) -> dict[str, Any]:
    """The members of an import."""
    rate = _rate(job, now)
    left = None if not rate or job.total < 0 or not job.is_open else round((job.total - job.done) / rate)
    return {
        "id": job.id,
        "kind": job.content,
        "mode": "all" if job.atomic else "good",
        "dry_run": job.dry_run,
        "state": job.state.value,
        "state_zh": STATES_ZH[job.state],
        "file": {
            "name": job.name,
            "bytes": job.bytes,
            "sha256": job.digest.hex(),
            "form": job.form,
            "encoding": job.encoding,
        },
        "counts": count_members(job),
        "columns": [{"header": header, "field": path} for header, path in job.columns],
        "error": _error(job),
        "created_at": job.created_at,
        "started_at": job.started_at,
        "finished_at": job.finished_at,
        "rows_per_second": round(rate),
        "seconds_left": left,
        "rows": f"{import_path(job.id)}/rows",
    }


def count_members(job: Job) -> dict[str, int | None]:
    """Its counts: those after `done` add up to it."""
    return {
        "total": job.total if job.total >= 0 else None,
        "done": job.done,
        "accepted": job.recorded,
        "unchanged": job.unchanged,
        "refused": job.refused,
        "undecided": job.undecided,
        "not_tried": job.not_tried,
    }


def _rate(job: Job, now: datetime) -> float:
    """Rows a second since it was begun, without those that were not tried."""
    if not job.started_at:
        return 0.0
    begun, ended = (datetime.fromisoformat(text) for text in (job.started_at, job.finished_at or format_time(now)))
    seconds = (ended - begun).total_seconds()
    return (job.done - job.not_tried) / seconds if seconds > 0 else 0.0


def _error(job: Job) -> dict[str, Any] | None:
    if job.error is None:
        return None
    found = job.error
    return {"code": found["code"], "message": found["en"], "message_zh": found["zh"], "row": found["row"]}
