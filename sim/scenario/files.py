"""What a scenario, world or reform file may say, read with every problem of every file at once.

A *scenario* is a baseline: dates, what is observed, which worlds and reforms belong to it. A *world* and a *reform* are overlays: dated changes of
numbers, with a header that says whose idea it is and what follows from assumption. A value is a number, or text with its unit
(``"12 posts"``); a change is one value, from the file's `in_force_on`, or a table of values by date, in which
``"base"`` ends the change.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from difflib import get_close_matches
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import ConfigDict, Field

from sim.evidence import Checked, Entry, Ids, Problem, Text, from_table, read_toml

Kind = Literal["scenarios", "worlds", "reforms"]
FOLDERS: Mapping[str, str] = {"scenarios": ".", "worlds": "worlds", "reforms": "reforms"}
ONE: Mapping[str, str] = {"scenarios": "scenario", "worlds": "world", "reforms": "reform"}
MOST_CHANGES = 500

Day = Annotated[date, Field(strict=True)]
Value = float | int | str
Change = Value | dict[str, Value]


class Point(Checked):
    """One thing an overlay does, in words, and the numbers that carry it."""

    text: Text
    changes: Ids
    follows_from: Literal["structure", "assumption"]
    "structure: queues and clocks make the difference. assumption: the size of the effect is put in."


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

    relative_to: Text = "any scenario"
    in_force_on: Day | None = None
    "From when its changes hold; a world has none and holds from the scenario's first day."
    announced_on: Day | None = None
    points: tuple[Point, ...]


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
            return None, None, [Problem(file=where, key="", found=asked, expected=known_one(name, known))]
        path = known[name].path
    content, problems = read_toml(path)
    if problems:
        return None, path, problems
    model: type[Baseline | Overlay] = Baseline if kind == "scenarios" else Overlay
    made, problems = from_table(model, Entry(path, "", content), {})
    return made, path, problems


def known_one(name: str, known: Iterable[str]) -> str:
    """What an unknown name should have been: the nearest known one, or some of them."""
    names = list(known)
    close = get_close_matches(name, names, n=1, cutoff=0.4)
    return f"a known one; did you mean {close[0]!r}?" if close else f"one of {', '.join(names[:12]) or 'none'}"


def changes(header: Header, path: Path) -> tuple[list[tuple[str, str, Change]], list[Problem]]:
    """(operation, key, change) of a file, keys dotted whether they were written quoted or as tables."""
    result: list[tuple[str, str, Change]] = []
    problems: list[Problem] = []
    for operation in ("set", "scale", "add"):
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
        if isinstance(value, dict) and value and not any(_is_date(inner) for inner in value):
            waiting += [(f"{key}.{name}", inner) for name, inner in list(value.items())[::-1]]
        else:
            yield key, value


def _is_date(text: str) -> bool:
    return as_date(text) is not None


def as_date(text: str) -> date | None:
    """The day an ISO text names, or None."""
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None
