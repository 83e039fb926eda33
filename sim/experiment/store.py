"""Where do results lie? One folder for each study, whole or not at all; time and machine are told in ``run.json`` alone."""

from __future__ import annotations

import hashlib
import json
import shutil
import tempfile
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from sim.evidence import Problem
from sim.experiment import cache
from sim.experiment.counted import Weighed
from sim.experiment.row_groups import Below
from sim.experiment.study import OPPOSITE, Study
from sim.experiment.versions import code_hash, commit, versions
from sim.plan import Plan, to_json
from sim.scenario import ScenarioError
from sim.scenario.staffing import plain

ROWS_AT_ONCE = 122_880
"""What DuckDB puts into one row group."""

ASSUMED = "where follows_from says assumption the size was put in and is no finding."

Finish = Callable[[Study, Path], object]
"""Adds to the folder of a result before it is put in place: figures."""


@dataclass(frozen=True)
class Recipe:
    """What `run.json` says besides the study: how to do it again."""

    command: Sequence[str]
    inputs: Mapping[str, str]
    """SHA-256 of each file that was read."""
    fingerprint: str


def fingerprint(plans: Mapping[tuple[str, str], Plan], seed: int, replications: int) -> str:
    """Sixteen hexadecimal digits that name a study: the fingerprints of its plans by label and world, the seed, the replications."""
    told = json.dumps([[[*key, plan.fingerprint] for key, plan in plans.items()], seed, replications])
    return hashlib.sha256(told.encode()).hexdigest()[:16]


def check_writable(out: Path, scenario: str) -> None:
    """Try to write where results will lie, and leave nothing behind.

    Raises:
        ScenarioError: it cannot be done.
    """
    for folder in (out / scenario, out / cache.FOLDER):
        made: list[Path] = []
        try:
            missing = [one for one in (folder, *folder.parents) if not one.exists()]
            for one in reversed(missing):
                one.mkdir(exist_ok=True)
                made.append(one)
            with tempfile.TemporaryDirectory(prefix=".", dir=folder):
                pass
        except OSError as error:
            reason = error.strerror or "an error"
            problem = Problem(
                file="--out", key=str(out), found=f"{reason} ({folder})", expected="a folder that can be written to"
            )
            raise ScenarioError([problem]) from None
        finally:
            for one in reversed(made):
                with suppress(OSError):
                    one.rmdir()


def save(study: Study, place: Path, *, recipe: Recipe, rows: Iterable[bytes], finish: Finish | None) -> None:
    """Write a study to `place`. What was there before is replaced once everything new is written.

    Args:
        study: what to write.
        place: the folder to make.
        recipe: how to do it again.
        rows: a Parquet file of each replication whose rows are kept; one after the other is taken and written.
        finish: adds figures.
    """
    from sim.experiment.tables import write_csv  # not needed until something has been played

    with _whole(place) as folder:
        _write_plans(study, folder)
        _write_below(rows, folder / "events.parquet")
        _write_below(_measures(study), folder / "measures.parquet")
        write_csv(study.summary, folder / "summary.csv", _heading(study, "Means of every figure."))
        if len(study.labels) > 1:
            changes = _heading(study, f"Changes from {study.base}, paired; {ASSUMED}")
            write_csv(study.labelled(study.differences), folder / "differences.csv", changes)
        if study.caught is not None:
            write_csv(study.caught, folder / "caught.csv")
        if study.staffing is not None:
            write_csv(study.staffing, folder / "staffing.csv")
        if study.played is not None:
            write_csv(study.labelled(study.played.intervals), folder / "intervals.csv")
            if study.played.weighed is not None:
                write_csv(study.played.weighed.table, folder / "unallocated.csv")
        if finish is not None:
            finish(study, folder)
        told = json.dumps(_told(study, recipe), indent=2, ensure_ascii=False)
        (folder / "run.json").write_text(told + "\n", encoding="utf-8", newline="\n")


def _heading(study: Study, what: str) -> list[str]:
    """What stands above a table: what it holds, what was run, and the stamp."""
    worlds = ", ".join(filter(None, study.worlds))
    futures = f"{study.replications} replication{'s' if study.replications != 1 else ''}; seed {study.seed}"
    run = f"Scenario {study.base}; {f'worlds: {worlds}; ' if worlds else ''}{futures}."
    return [what, run, f"{study.limits[:1].upper()}{study.limits[1:]}."]


@contextmanager
def _whole(place: Path) -> Iterator[Path]:
    """A new folder beside `place` that takes its name when all went well, and is gone when not."""
    place.parent.mkdir(parents=True, exist_ok=True)
    work = Path(tempfile.mkdtemp(prefix=f".{place.name}-", dir=place.parent))
    try:
        folder = work / "new"
        folder.mkdir()
        yield folder
        if place.exists():
            place.rename(work / "old")
        try:
            folder.rename(place)
        except OSError:
            if (work / "old").exists():
                (work / "old").rename(place)
            raise
    finally:
        shutil.rmtree(work, ignore_errors=True)
        with suppress(OSError):
            place.parent.rmdir()  # only if nothing is in it


def _write_below(parts: Iterable[bytes], path: Path) -> None:
    """Parquet files below each other; no file where there is none."""
    parts = iter(parts)
    for first in parts:
        with Below(path) as file:
            file.add(first)
            for part in parts:
                file.add(part)


def _measures(study: Study) -> Iterator[bytes]:
    """Every figure of every replication as Parquet, so many replications at a time that all are never in memory."""
    from sim.experiment.tables import parquet

    for arm in study.arms:
        figures = study.figures[arm.label, arm.world]
        at_once = max(ROWS_AT_ONCE // max(len(figures.names), 1), 1)
        for first in range(0, study.replications, at_once):
            yield parquet(figures.tidy(arm, first, first + at_once))


def _write_plans(study: Study, folder: Path) -> None:
    first = (study.base, study.worlds[0])
    _write_plan(study, first, folder / "plan.json")
    if len(study.plans) > 1:
        (folder / "plans").mkdir()
        for key in study.plans:
            name = ".".join(part.replace(OPPOSITE, ".opposite") for part in key if part)
            _write_plan(study, key, folder / "plans" / f"{name}.json")


def _write_plan(study: Study, key: tuple[str, str], path: Path) -> None:
    path.write_text(to_json(study.plans[key]) + "\n", encoding="utf-8", newline="\n")


def _told(study: Study, recipe: Recipe) -> dict[str, Any]:
    return {
        "title": study.title,
        "limits": study.limits,
        "command": list(recipe.command),
        "fingerprint": recipe.fingerprint,
        "scenario": study.base,
        "worlds": list(study.worlds),
        "seed": study.seed,
        "replications": study.replications,
        "engine": study.engine,
        "arms": [
            {
                "label": arm.label,
                "scenario": Path(arm.scenario).stem,
                "world": arm.world,
                "reforms": [Path(reform).stem for reform in arm.reforms],
                "settings": dict(arm.settings),
                "own": dict(arm.own),
                "opposite": arm.opposite,
                "staffing": Path(arm.staffing).name,
                "opening": Path(arm.opening).name,
                "plan": study.plans[arm.label, arm.world].fingerprint,
                "follows_from_assumption": list(study.assumptions(arm.label)),
            }
            for arm in study.arms
        ],
        "staffing": {
            Path(sheet.path).name: {"sha256": sheet.digest, "rows": [plain(row) for row in sheet.rows]}
            for sheet in study.sheets.values()
        },
        "opening": _opening(study),
        "ensemble": _ensemble(study),
        "notes": list(study.notes),
        "share_of_dated_values_assumed": study.share_assumed,
        "inputs": dict(recipe.inputs),
        "code": code_hash(),
        "commit": commit(),
        "versions": versions(),
        "written_at": datetime.now(UTC).isoformat(timespec="seconds"),
        "wall_seconds": round(study.wall_seconds, 2),
    }


def _ensemble(study: Study) -> dict[str, Any] | None:
    """Which members were played, and what share of what is not known rests on assumed numbers."""
    played = study.played
    if played is None:
        return None
    shares: dict[str, dict[str, float | None]] = {}
    for (label, figure), share in played.share_assumed.items():
        shares.setdefault(label, {})[figure] = share
    return {
        "of": played.ensemble,
        "provisional": played.provisional,
        "members_in_it": played.size,
        "members": [{"name": one.name, "world": one.world, "weight": one.weight} for one in played.members],
        "replications_of_each": study.replications,
        "weighed_by": _weighed_by(played.weighed),
        "numbers_that_differ": {key: played.grades[key] for key in played.parameters.columns},
        "share_of_ignorance_on_assumed_numbers": shares,
    }


def _weighed_by(weighed: Weighed | None) -> dict[str, Any] | None:
    """What the user counted, and whether any member agrees; the weights of the members are those after it."""
    if weighed is None:
        return None
    counts = [
        {"team": one.team, "on": one.on.isoformat(), "cases": one.cases, "error": one.error} for one in weighed.counts
    ]
    return {"unallocated_cases": counts, "any_member_agrees": weighed.agrees}


def _opening(study: Study) -> dict[str, Any] | None:
    """The opening caseload, so that it can be played again without its file."""
    made = study.opening
    if made is None:
        return None
    begins_on = study.plans[study.base, study.worlds[0]].starts_on.isoformat()
    return {
        "file": Path(made.path).name,
        "sha256": made.digest,
        "on": begins_on,
        "cases": made.cases,
        "told": made.sentence(),
        "rows": [dict(row) for row in made.rows],
    }
