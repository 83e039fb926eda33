"""What is wrong with these files? Every problem at once, in the words of file, key, what was found and what would be right."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, Literal

from sim.evidence import REGISTER_FILE, TARGETS_FILE, EvidenceError, Problem, load_evidence, read_toml
from sim.experiment.arms import load
from sim.experiment.study import Arm
from sim.scenario import ScenarioError
from sim.scenario.files import Baseline, found, is_overlay, known_one, search_folders, shipped_folder

What = Literal["scenario", "world", "reform", "evidence"]
FOLDERS: Mapping[str, What] = {"worlds": "world", "reforms": "reform", "evidence": "evidence"}
BASE = "casey_2022"
"""What a world is tried on, and a reform that is written for any scenario."""


CALIBRATION = "calibration"
"""Of a scenario folder."""


def validate(paths: list[Path], folder: Path | None = None) -> tuple[dict[Path, What], list[Problem]]:
    """What each file is, and everything that is wrong.

    Args:
        paths: files, or folders of files.
        folder: the user's own scenarios, where files may name each other.
    """
    kinds: dict[Path, What] = {}
    problems: dict[Problem, None] = {}
    for path in paths:
        inside = sorted(_files_of(path)) if path.is_dir() else [path]
        if not inside:
            problems[Problem(file=str(path), key="", found="no file that ends in .toml", expected="one at least")] = (
                None
            )
        for one in inside:
            kind, found_here = _check(one, folder)
            if kind:
                kinds[one] = kind
            problems |= dict.fromkeys(found_here)
    return kinds, list(problems)


def _files_of(folder: Path) -> list[Path]:
    """Files of scenarios in a folder. What a calibration wrote or reads lies in a folder of its own and has readers of its own."""
    return [path for path in folder.rglob("*.toml") if path.parent.name != CALIBRATION]


def _check(path: Path, folder: Path | None) -> tuple[What | None, list[Problem]]:
    content, problems = read_toml(path)
    if path.suffix != ".toml":
        problems = [
            *problems,
            Problem(file=str(path), key="", found=f"the ending {path.suffix!r}", expected="a file that ends in .toml"),
        ]
    if problems:
        return None, problems
    kind = _kind(path, content)
    if kind is None:
        wanted = "a title with a scenario's dates, a title with points, or numbers with values"
        return None, [
            Problem(file=str(path), key="", found="neither a scenario, a world, a reform nor evidence", expected=wanted)
        ]
    if kind == "evidence":
        return kind, _evidence_problems(path)
    return kind, list(_scenario_problems(path, kind, content, folder))


def _kind(path: Path, content: Mapping[str, Any]) -> What | None:
    """By the folder it lies in, or else by what it holds."""
    if path.parent.name in FOLDERS:
        return FOLDERS[path.parent.name]
    if path.name in (REGISTER_FILE, TARGETS_FILE):
        return "evidence"
    if is_overlay(content):
        return "reform" if {"in_force_on", "announced_on", "lever"} & content.keys() else "world"
    if set(Baseline.model_fields) & content.keys():
        return "scenario"
    return "evidence" if any(isinstance(value, dict) for value in content.values()) else None


def _evidence_problems(path: Path) -> list[Problem]:
    """Those of one file, read together with its neighbours and the shipped register."""
    shipped = shipped_folder() / "evidence"
    folders = [shipped] if path.parent.resolve() == shipped.resolve() else [shipped, path.parent]
    try:
        load_evidence(*folders)
    except EvidenceError as error:
        return [problem for problem in error.problems if Path(problem.file).resolve() == path.resolve()]
    return []


def _scenario_problems(path: Path, kind: What, content: Mapping[str, Any], folder: Path | None) -> Iterator[Problem]:
    known = found("scenarios", search_folders(folder))
    if kind == "world":
        yield from _problems(Arm("", BASE, str(path)), folder)
    elif kind == "reform":
        days = content.get("in_force_on")
        bases = list(days) if isinstance(days, dict) and days else [BASE]
        for base in bases:
            if base in known:
                yield from _problems(Arm("", base, "", (str(path),)), folder)
            else:
                nobody = f"no scenario called {base!r}"
                yield Problem(file=str(path), key=f"in_force_on.{base}", found=nobody, expected=known_one(base, known))
    else:
        yield from _problems(Arm("", str(path), ""), folder)
        for world in _names(content, "worlds"):
            yield from _problems(Arm("", str(path), world), folder)
        for reform in _names(content, "compare_with"):
            if reform not in known:
                yield from _problems(Arm("", str(path), "", tuple(reform.split("+"))), folder)


def _names(content: Mapping[str, Any], field: str) -> list[str]:
    value = content.get(field)
    return [name for name in value if isinstance(name, str)] if isinstance(value, list) else []


def _problems(arm: Arm, folder: Path | None) -> tuple[Problem, ...]:
    try:
        load(arm, folder)
    except ScenarioError as error:
        return tuple(error.problems)
    return ()
