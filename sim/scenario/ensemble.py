"""Which sets of numbers agree with what was published? An ensemble: members with weights, each a world and settings laid over it.

An ensemble is two files of a folder ``calibration`` in a scenario folder: ``casey_2022.csv`` with a row for each member and a column for each
number it sets or scales (``scale psu.investigators``), and ``casey_2022.json``, the record of how it came about. A scenario without one of its own
uses that of the scenario it is based on. A member is laid into the layer of the baseline and the world: its `set` holds over theirs, and its
`scale` multiplies whatever is set there, so it may be laid over any scenario that is based on the one it was fitted to.
"""

from __future__ import annotations

import csv
import io
import json
import math
import os
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from sim.evidence import UNITS, Problem, outside, show
from sim.scenario import files
from sim.scenario.build import ScenarioError
from sim.scenario.load import evidence_of, lineage

FOLDER = "calibration"
"""Of a scenario folder: where ensembles lie."""
PLAIN = ("member", "world", "weight")
OPERATIONS = ("set", "scale")
MOST_MEMBERS = 10_000
DIGITS = 1e-6
"""How nearly weights have to add up to one."""


@dataclass(frozen=True)
class Member:
    """One set of numbers that agrees with what was published."""

    name: str
    world: str
    """The world it is laid over; empty for a scenario without worlds."""
    set: Mapping[str, float] = field(default_factory=dict)
    """Numbers by dotted key, each in its own unit, from the first day to the last."""
    scale: Mapping[str, float] = field(default_factory=dict)
    """Factors by dotted key, of whatever baseline and world say."""
    weight: float = 1.0
    """Its share of the ensemble."""


@dataclass(frozen=True)
class Ensemble:
    """Members whose weights add up to one, and how they came about."""

    scenario: str
    """The scenario they were fitted to."""
    members: tuple[Member, ...]
    record: Mapping[str, Any]
    """Seed, targets, size of the bank, plans: whatever the calibration wrote down. JSON holds it."""
    path: Path | None = None
    """Where it was read from."""


def load_ensemble(name: str, folder: Path | None = None) -> Ensemble:
    """The ensemble of a scenario, or of the nearest one it is based on.

    Args:
        name: a scenario by name or path, or the path of an ensemble's ``.csv``.
        folder: the user's own scenario folder, which is looked in first.

    Raises:
        ScenarioError: with every problem found.
    """
    folders = files.search_folders(folder)
    if name.endswith(".csv"):
        return _read(Path(name), folders)
    names = lineage(name, folder)
    for one in names:
        for place in folders:
            path = place / FOLDER / f"{one}.csv"
            if path.is_file():
                return _read(path, folders)
    wanted = f"{names[0]}.csv in a folder {FOLDER!r} of scenarios: misconduct calibrate {names[0]} makes one"
    raise ScenarioError([Problem(file=name, key="", found="no ensemble", expected=wanted)])


def save_ensemble(ensemble: Ensemble, folder: Path) -> Path:
    """Write an ensemble and its record into a folder, each file whole or not at all; the path of its ``.csv``.

    Raises:
        ScenarioError: the members are no ensemble.
    """
    path = folder / f"{ensemble.scenario}.csv"
    if problems := list(_wrong_as_a_whole(path, ensemble.members)):
        raise ScenarioError(problems)
    columns = {
        operation: sorted({key for member in ensemble.members for key in getattr(member, operation)})
        for operation in OPERATIONS
    }
    text = io.StringIO()
    out = csv.writer(text, lineterminator="\n")
    out.writerow([*PLAIN, *(f"{operation} {key}" for operation in OPERATIONS for key in columns[operation])])
    for member in ensemble.members:
        cells = [
            repr(float(amounts[key])) if key in (amounts := getattr(member, operation)) else ""
            for operation in OPERATIONS
            for key in columns[operation]
        ]
        out.writerow([member.name, member.world, repr(float(member.weight)), *cells])
    folder.mkdir(parents=True, exist_ok=True)
    _write(path, text.getvalue())
    _write(path.with_suffix(".json"), json.dumps(ensemble.record, indent=1, sort_keys=True) + "\n")
    return path


def _write(path: Path, text: str) -> None:
    beside = path.with_name(f".{path.name}.{os.getpid()}")
    beside.write_text(text, encoding="utf-8", newline="\n")
    beside.replace(path)


def _read(path: Path, folders: tuple[Path, ...]) -> Ensemble:
    problems: list[Problem] = []
    record: Mapping[str, Any] = {}
    members: list[Member] = []
    try:
        record = json.loads(path.with_suffix(".json").read_text(encoding="utf-8"))
        if not isinstance(record, dict):
            raise ValueError
    except (OSError, ValueError):
        wanted = "the record of the ensemble, a table in JSON"
        problems.append(Problem(file=str(path.with_suffix(".json")), key="", found="nothing to read", expected=wanted))
    try:
        rows = list(csv.reader(io.StringIO(path.read_text(encoding="utf-8")), strict=True))
    except (OSError, ValueError, csv.Error) as error:
        problems.append(Problem(file=str(path), key="", found=f"no table ({error})", expected="an ensemble in CSV"))
        raise ScenarioError(problems) from None
    names = rows[0] if rows else []
    numbers = evidence_of(folders).numbers
    worlds = files.found("worlds", folders)
    problems += [
        Problem(file=str(path), key="line 1", found="no such column", expected=f"a column {column!r}")
        for column in PLAIN
        if column not in names
    ]
    for at, column in enumerate(names):
        if column in names[:at]:
            problems.append(Problem(file=str(path), key=column, found="a second column", expected="one of each name"))
        elif column not in PLAIN:
            operation, _, key = column.partition(" ")
            if operation not in OPERATIONS:
                wanted = "member, world, weight, or set or scale and a number, such as 'scale psu.investigators'"
                problems.append(Problem(file=str(path), key="line 1", found=show(column), expected=wanted))
            elif key not in numbers:
                wanted = files.known_one(key, numbers)
                found = f"no number called {key!r}"
                problems.append(Problem(file=str(path), key=column, found=found, expected=wanted))
    if problems:
        raise ScenarioError(problems)
    for line, row in enumerate(rows[1:], start=2):
        place = f"line {line}"

        def wrong(found: str, expected: str, column: str = "", place: str = place) -> None:
            key = f"{place}, {column}" if column else place
            problems.append(Problem(file=str(path), key=key, found=found, expected=expected))

        if len(row) != len(names):
            wrong(f"{len(row)} cells", f"{len(names)}, one for each column")
            continue
        amounts: dict[str, dict[str, float]] = {operation: {} for operation in OPERATIONS}
        weight = math.nan
        cells = dict(zip(names, row, strict=True))
        for column, cell in cells.items():
            operation, _, key = column.partition(" ")
            if column in ("member", "world") or (not cell and operation in OPERATIONS):
                continue
            amount = _number(cell)
            if amount is None:
                wrong(show(cell), "a finite number, 0 or more", column)
            elif operation == "set" and (fault := outside(amount, UNITS[numbers[key].unit])):
                wrong(f"{amount:g}", f"{fault}: the unit is {numbers[key].unit!r}", column)
            elif column == "weight":
                weight = amount
            else:
                amounts[operation][key] = amount
        if cells["world"] and cells["world"] not in worlds:
            wrong(f"no world called {cells['world']!r}", files.known_one(cells["world"], worlds), "world")
        if not cells["member"]:
            wrong("no name", "a name for each member", "member")
        members.append(Member(cells["member"], cells["world"], amounts["set"], amounts["scale"], weight))
    if not problems:
        problems += _wrong_as_a_whole(path, members)
    if problems:
        raise ScenarioError(problems)
    return Ensemble(path.stem, tuple(members), record, path)


def _number(cell: str) -> float | None:
    """A finite number, 0 or more, or None."""
    try:
        amount = float(cell)
    except ValueError:
        return None
    return amount if math.isfinite(amount) and amount >= 0 else None


def _wrong_as_a_whole(path: Path, members: Sequence[Member]) -> Iterator[Problem]:
    """What no member shows by itself."""
    if not 0 < len(members) <= MOST_MEMBERS:
        yield Problem(file=str(path), key="", found=f"{len(members)} members", expected=f"from 1 to {MOST_MEMBERS:,}")
        return
    names = [member.name for member in members]
    for name in sorted({name for name in names if names.count(name) > 1}):
        yield Problem(file=str(path), key="member", found=f"two called {name!r}", expected="names that differ")
    total = math.fsum(member.weight for member in members)
    if not abs(total - 1) < DIGITS:
        yield Problem(file=str(path), key="weight", found=f"weights that add up to {total:g}", expected="1")
