"""What a scenario, world or reform file may say, read with every problem of every file at once.

A *scenario* is a baseline: dates, what is observed, which worlds and reforms belong to it. A *world* and a *reform* are overlays: dated changes of
numbers, with a header that says whose idea it is, which of the levers it pulls and what follows from assumption. A value is a
number, or text with its unit (``"12 posts"``); a change is one value, from the file's `in_force_on`, or a table of values by date,
in which ``"base"`` ends the change. A date there is a day, or a time after `in_force_on` (``"after 12 months"``), so that one file
serves baselines of different years.
"""

from __future__ import annotations

import calendar
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from difflib import get_close_matches
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import ConfigDict, Field, PlainValidator
from pydantic_core import PydanticCustomError

from sim.evidence import Checked, Entry, Fault, Ids, Name, Problem, Text, from_table, read_toml, show

Kind = Literal["scenarios", "worlds", "reforms"]
FOLDERS: Mapping[str, str] = {"scenarios": ".", "worlds": "worlds", "reforms": "reforms"}
ONE: Mapping[str, str] = {"scenarios": "scenario", "worlds": "world", "reforms": "reform"}
MOST_CHANGES = 500
OPERATIONS = ("set", "scale", "add")
"""What a change does to a number, in the order in which they are laid."""
LEVERS = range(1, 36)
"""Numbers of the levers: the kinds of reform of a misconduct system that the shipped files go through one by one."""

Day = Annotated[date, Field(strict=True)]
A_DAY = "a date without quotes, such as 2022-04-01"


def _day_or_days(written: object) -> object:
    """A day, or a table whose entries `Overlay.faults` judges one by one."""
    if type(written) is date or isinstance(written, dict):
        return written
    raise PydanticCustomError("day_or_days", f"{A_DAY}, or a table of such by scenario")


Days = Annotated[date | Mapping[str, date], PlainValidator(_day_or_days)]
"""A day for every baseline, or one for each that is named: ``{ casey_2022 = 2018-04-01, today = 2027-04-01 }``."""
Value = float | int | str
Change = Value | dict[str, Value]


class Point(Checked):
    """One thing an overlay does, in words, and the numbers that carry it."""

    text: Text
    changes: Ids
    follows_from: Literal["structure", "assumption"]
    "structure: queues and clocks make the difference. assumption: the size of the effect is put in."


class Expectation(Checked):
    """Which way a measure goes when a reform is laid over its base, before anything is run; `none` is no more than chance would move it.

    `structure`: queues, clocks and rules alone lead there, so it is tested. `assumption`: it is put in with the size of
    an effect, and says nothing about the world.
    """

    measure: Name
    direction: Literal["down", "up", "none"]
    kind: Literal["structure", "assumption"]
    counted: str = ""
    "As in the tables of measures; whatever the measure counts if not said."
    basis: str = ""
    group: str = ""
    "As in the tables of measures, ``team=psu``; all together if not said."
    world: str = ""
    "Where it is expected; in every world if not said."


class Header(Checked):
    """What every file of a scenario folder says of itself."""

    title: Text
    author: Text
    description: Text = ""
    reference: Text = "none"
    set: dict[str, Any] = Field(default_factory=dict)
    scale: dict[str, Any] = Field(default_factory=dict)
    add: dict[str, Any] = Field(default_factory=dict)

    model_config = ConfigDict(frozen=True, extra="forbid", strict=False)


class Baseline(Header):
    """A scenario file."""

    pathway: Literal["misconduct"] = "misconduct"
    based_on: str | None = None
    starts_on: Day | None = None
    ends_on: Day | None = None
    window_from: Day | None = None
    window_to: Day | None = None
    "The day after the window."
    extract_on: Day | None = None
    worlds: tuple[str, ...] | None = None
    compare_with: tuple[str, ...] | None = None


class Overlay(Header):
    """A world or a reform file."""

    lever: Annotated[int, Field(strict=True)] | None = None
    "Which of `LEVERS` it pulls; several files may pull one, or none."
    mechanism: Text = ""
    "The stage it acts on, and how: what it would change in the force, not what it hopes for."
    in_force_on: Days | None = None
    "From when its changes hold; a world has none and holds from the scenario's first day. Of a loaded scenario, its one day."
    announced_on: Days | None = None
    expected: tuple[Expectation, ...] = ()
    points: tuple[Point, ...]

    @property
    def applies_to(self) -> tuple[str, ...]:
        """The baselines it is written for, with whatever is based on them; empty if any."""
        return tuple(self.in_force_on) if isinstance(self.in_force_on, Mapping) else ()

    @classmethod
    def faults(cls, good: Mapping[str, Any]) -> list[Fault]:
        faults = super().faults(good)
        if (lever := good.get("lever")) is not None and lever not in LEVERS:
            faults.append(Fault("lever", show(lever), f"from {LEVERS[0]} to {LEVERS[-1]}"))
        for field in ("in_force_on", "announced_on"):
            days = good.get(field)
            if isinstance(days, Mapping):
                faults += [
                    Fault(f"{field}.{name}", show(day), A_DAY) for name, day in days.items() if type(day) is not date
                ]
                if not days:
                    faults.append(Fault(field, "an empty table", "a date for each scenario it is written for"))
        return faults


def day_of(days: date | Mapping[str, date] | None, scenarios: Sequence[str]) -> date | None:
    """The day for a scenario, given with what it is based on, nearest first; None where no day is written for it."""
    if not isinstance(days, Mapping):
        return days
    return next((days[name] for name in scenarios if name in days), None)


@dataclass(frozen=True)
class Found:
    """A file of a scenario folder: `key` is its name without the ending."""

    key: str
    path: Path
    kind: Kind


def shipped_folder() -> Path:
    """The scenarios that come with the program: inside the package when installed, beside it in a checkout."""
    package = Path(__file__).resolve().parent.parent
    inside = package / "shipped_scenarios"
    return inside if inside.is_dir() else package.parent / "scenarios"


def search_folders(own: Path | None) -> tuple[Path, ...]:
    """The user's own folder first, then the shipped one. Without a named folder, `scenarios` where the command was given."""
    here = Path("scenarios")
    mine = own or (here if here.is_dir() else None)
    shipped = shipped_folder()
    return (mine, shipped) if mine and mine.resolve() != shipped.resolve() else (shipped,)


def found(kind: Kind, folders: tuple[Path, ...]) -> dict[str, Found]:
    """The files of a kind by name; the first folder that has a name wins."""
    result: dict[str, Found] = {}
    for folder in folders:
        for path in sorted((folder / FOLDERS[kind]).glob("*.toml")):
            result.setdefault(path.stem, Found(path.stem, path, kind))
    return result


def read(
    kind: Kind, name: str, folders: tuple[Path, ...]
) -> tuple[Baseline | Overlay | None, Path | None, list[Problem]]:
    """One file by name, or by path if `name` ends in .toml."""
    if name.endswith(".toml"):
        path = Path(name)
    else:
        known = found(kind, folders)
        if name not in known:
            where, asked = f"{ONE[kind]}s", f"no {ONE[kind]} called {name!r}"
            wanted = elsewhere(kind, name, folders) or known_one(name, known)
            return None, None, [Problem(file=where, key="", found=asked, expected=wanted)]
        path = known[name].path
    content, problems = read_toml(path)
    if problems:
        return None, path, problems
    if kind == "scenarios" and is_overlay(content):
        return None, path, [Problem(file=str(path), key="", found="a world or reform", expected=_OVER_A_SCENARIO)]
    model: type[Baseline | Overlay] = Baseline if kind == "scenarios" else Overlay
    made, problems = from_table(model, Entry(path, "", content), {})
    return made, path, [_with_an_example(problem, content) for problem in problems]


_OVER_A_SCENARIO = "a scenario, to lay it over; a reform lies in a folder called reforms of your scenarios and is called by its name, or by the path of its file"
_FOLLOWS = 'follows_from is "structure" where queues, clocks and rules make the difference, or "assumption" where the size of an effect is put in'
_OF_AN_OVERLAY = frozenset({"lever", "mechanism", "in_force_on", "announced_on", "expected"})


def is_overlay(content: Mapping[str, Any]) -> bool:
    """Whether what a file says is of a world or reform, and not of a scenario."""
    of_a_scenario = Baseline.model_fields.keys() - Overlay.model_fields.keys()
    return "points" in content or bool(_OF_AN_OVERLAY & content.keys() and not of_a_scenario & content.keys())


def elsewhere(kind: Kind, name: str, folders: tuple[Path, ...]) -> str:
    """What a name that is none of its kind is after all: a file of another kind, or one that lies where none is looked for; else empty."""
    if kind == "scenarios":
        for other in ("reforms", "worlds"):
            if name in found(other, folders):
                laid = f"misconduct compare SCENARIO {name}" if other == "reforms" else f"--world {name}"
                return f"a scenario: {name} is a {ONE[other]}, which is laid over one ({laid})"
    for folder in (Path(), *folders):
        path = folder / f"{name}.toml"
        if not is_file(path):
            continue
        its_path = f"its path, {path}, since it lies outside; or the file in a folder called"
        if is_overlay(read_toml(path)[0]):
            return f"{its_path} {'reforms' if kind == 'scenarios' else kind} of your scenarios, and then its name"
        if kind == "scenarios" and folder not in folders:
            return f"{its_path} scenarios, and then its name"
    return ""


def is_file(path: Path) -> bool:
    """Whether a file lies there; a name that no file can have is none."""
    try:
        return path.is_file()
    except OSError:  # a name longer than any file's
        return False


def _with_an_example(problem: Problem, content: Mapping[str, Any]) -> Problem:
    """A problem of points that are missing, with what would do: nobody guesses their form."""
    if problem.found != "nothing":
        return problem
    if problem.key == "points":
        tables = (content[word] for word in OPERATIONS if isinstance(content.get(word), dict))
        keys = [key for table in tables for key, _ in _flat(table)] or ["psu.investigators"]
        told = ", ".join(
            [*(f'"{key}"' for key in keys[:MOST_IN_AN_EXAMPLE]), *(["..."] if len(keys) > MOST_IN_AN_EXAMPLE else [])]
        )
        example = f'[[points]] / text = "What it does, in words." / changes = [{told}] / follows_from = "structure"'
        more = f"; for this file, at its end and each on a line: {example}; {_FOLLOWS}"
    elif re.fullmatch(r"points\[\d+\]\.follows_from", problem.key):
        more = f"; {_FOLLOWS}"
    else:
        return problem
    return problem.model_copy(update={"expected": problem.expected + more})


MOST_IN_AN_EXAMPLE = 6
"""Changes of a file that an example for it names."""
MOST_NAMED = 20
"""Names that a problem lists."""
NEAR = 0.6
"""How much of two names has to be alike for one to be taken for the other misspelt."""


def known_one(name: str, known: Iterable[str]) -> str:
    """What an unknown name should have been: the nearest known one where one is near, or some of them."""
    names = list(known)
    folded = {known_name.casefold(): known_name for known_name in reversed(names)}
    close = get_close_matches(name, names, n=1, cutoff=NEAR)
    if name.casefold() in folded or not close:  # a name in capitals has no letter in common with it
        close = [folded[one] for one in get_close_matches(name.casefold(), list(folded), n=1, cutoff=NEAR)]
    if not close and name:  # a part of a dotted name is far from all of it, and means it
        ends = {one.rpartition(".")[2]: one for one in reversed(names)}
        close = [one for one in names if one.casefold().startswith(f"{name.casefold()}.")][:1]
        close = close or [ends[one] for one in get_close_matches(name, list(ends), n=1, cutoff=NEAR)]
    if close:
        return f"a known one; did you mean {close[0]!r}?"
    more = len(names) - MOST_NAMED
    return f"one of {', '.join(names[:MOST_NAMED]) or 'none'}" + (f" and {more} more" if more > 0 else "")


def changes_at(path: Path) -> list[tuple[str, str, Change]]:
    """What a file changes whose header is wrong, as far as it can be told."""
    content, _ = read_toml(path)
    tables = {word: content[word] for word in OPERATIONS if isinstance(content.get(word), dict)}
    return changes(Header.model_construct(title="", author="", **tables), path)[0]


def changes(header: Header, path: Path) -> tuple[list[tuple[str, str, Change]], list[Problem]]:
    """(operation, key, change) of a file, keys dotted whether they were written quoted or as tables."""
    result: list[tuple[str, str, Change]] = []
    problems: list[Problem] = []
    for operation in OPERATIONS:
        for key, change in _flat(getattr(header, operation)):
            if len(result) >= MOST_CHANGES:
                problems.append(
                    Problem(file=str(path), key=operation, found="too many changes", expected=f"at most {MOST_CHANGES}")
                )
                return result, problems
            if any(key == known and operation == other for other, known, _ in result):
                twice = "once: a quoted key and a table of tables name one number"
                problems.append(
                    Problem(file=str(path), key=f"{operation}.{key}", found="a second change", expected=twice)
                )
            result.append((operation, key, change))
    return result, problems


def _flat(table: Mapping[str, Any]) -> Iterator[tuple[str, Any]]:
    waiting = list(table.items())[::-1]
    while waiting:
        key, value = waiting.pop()
        if isinstance(value, dict) and value and not any(as_time(inner, date.min) for inner in value):
            waiting += [(f"{key}.{name}", inner) for name, inner in list(value.items())[::-1]]
        else:
            yield key, value


def as_date(text: str) -> date | None:
    """The day an ISO text names, or None."""
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None


def as_time(text: str, in_force_on: date) -> date | None:
    """The day an ISO text names, or that is so long after `in_force_on` (``after 18 months``); None if it says neither."""
    after = re.fullmatch(r"after (\d{1,6}) (day|month|year)s?", text)
    if after is None:
        return as_date(text)
    count, unit = int(after[1]), after[2]
    try:
        if unit == "day":
            return in_force_on + timedelta(days=count)
        years, month = divmod(in_force_on.month - 1 + count * (12 if unit == "year" else 1), 12)
        last = calendar.monthrange(in_force_on.year + years, month + 1)[1]
        return date(in_force_on.year + years, month + 1, min(in_force_on.day, last))
    except (ValueError, OverflowError):  # beyond all calendars
        return None
