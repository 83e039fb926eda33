"""From names to a plan: a baseline, a world, reforms and single settings, laid over the evidence."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from functools import cache
from pathlib import Path

from sim.evidence import Evidence, EvidenceError, Number, Problem, load_evidence
from sim.pathway.misconduct import PATHWAY
from sim.plan import Plan
from sim.scenario import files
from sim.scenario.build import Frame, ScenarioError, Series, build
from sim.scenario.files import Baseline, Overlay
from sim.scenario.lay import Laid, base_series, clashes, lay, read_change
from sim.scenario.words import nearest

PATHWAYS = {"misconduct": PATHWAY}


@dataclass(frozen=True)
class Change:
    """What one overlay does to one number, for people to read."""

    source: str
    operation: str
    key: str
    steps: tuple[tuple[date, float | None], ...]


@dataclass(frozen=True)
class Scenario:
    """A plan and where it came from."""

    name: str
    plan: Plan
    baseline: Baseline
    world: Overlay | None
    reforms: Mapping[str, Overlay]
    numbers: Mapping[str, Series]
    """As laid: what the plan runs on."""
    evidence: Evidence
    changes: tuple[Change, ...]


@cache
def _evidence(folders: tuple[Path, ...]) -> Evidence:
    return load_evidence(*folders)


def evidence_of(folders: tuple[Path, ...]) -> Evidence:
    """The evidence of all scenario folders; the user's own wins.

    Raises:
        ScenarioError: with every problem of every file.
    """
    own = tuple(folder / "evidence" for folder in reversed(folders) if (folder / "evidence").is_dir())
    try:
        return _evidence(own)
    except EvidenceError as error:
        raise ScenarioError(error.problems) from None


def load_scenario(
    name: str,
    *,
    world: str | None = None,
    reforms: Sequence[str] = (),
    settings: Mapping[str, str] | None = None,
    opposite: bool = False,
    folder: Path | None = None,
) -> Scenario:
    """A scenario ready to run.

    Args:
        name: a baseline by name, or the path of its file.
        world: one of the scenario's worlds; its first if not said and it has any.
        reforms: names or paths of reforms, in any order.
        settings: single changes, ``{"psu.investigators@2018-04-01": "90"}``; without a date from the first day.
        opposite: scale by the inverse and add the negative of what the reforms do: the opposite of an assumed effect.
        folder: the user's own scenario folder, which is looked in first.

    Raises:
        ScenarioError: with every problem found.
    """
    folders = files.search_folders(folder)
    baseline, own_changes, problems = _baseline(name, folders)
    if baseline is None:
        raise ScenarioError(problems)
    evidence = evidence_of(folders)
    start = baseline.starts_on
    assert start is not None
    if world is None and baseline.worlds:
        world = baseline.worlds[0]
    layers: list[Laid] = []
    for source, change in own_changes:
        layers += _laid(source, change, evidence, start, None, problems)
    below = list(layers)
    overlay = None
    if world is not None:
        overlay, laid = _overlay("worlds", world, folders, evidence, start, problems)
        below += laid
    above: list[Laid] = []
    named: dict[str, Overlay] = {}
    for reform in reforms:
        one, laid = _overlay("reforms", reform, folders, evidence, start, problems)
        if one is not None:
            named[Path(reform).stem] = one
        above += [_opposite(change) for change in laid] if opposite else laid
    above += _settings(settings or {}, evidence, start, problems)
    problems += clashes(above)
    if problems:
        raise ScenarioError(problems)

    numbers = {}
    for key, number in evidence.numbers.items():
        series = base_series(number)
        for layer in (layers, [one for one in below if one not in layers], above):
            mine = [one for one in layer if one.key == key]
            if layer is above:
                series = replace(series, highest_before_reforms=max(value for _, value in series.steps))
            if mine:
                series, found = lay(series, mine)
                problems += found
        numbers[key] = series
    if problems:
        raise ScenarioError(problems)
    plan = build(PATHWAYS[baseline.pathway], numbers, _frame(name, baseline, world))
    changes = tuple(Change(one.source, one.operation, one.key, one.steps) for one in [*below, *above])
    return Scenario(Path(name).stem, plan, baseline, overlay, named, numbers, evidence, changes)


def _frame(name: str, baseline: Baseline, world: str | None) -> Frame:
    assert baseline.starts_on and baseline.ends_on and baseline.window_from and baseline.window_to and baseline.extract_on
    return Frame(
        name=Path(name).stem,
        title=baseline.title,
        world=Path(world).stem if world else "",
        starts_on=baseline.starts_on,
        ends_on=baseline.ends_on,
        window_from=baseline.window_from,
        window_to=baseline.window_to,
        extract_on=baseline.extract_on,
    )


def _baseline(name: str, folders: tuple[Path, ...]) -> tuple[Baseline | None, list[tuple[str, tuple[str, str, files.Change]]], list[Problem]]:
    """A baseline with what it is based on filled in, and the changes of both, the older first."""
    made, path, problems = files.read("scenarios", name, folders)
    if made is None or path is None:
        return None, [], problems
    assert isinstance(made, Baseline)
    own, found = files.changes(made, path)
    problems += found
    if made.based_on:
        parent, above, found = _baseline(made.based_on, folders)
        problems += found
        if parent is None:
            return None, [], problems
        given = {field: getattr(made, field) for field in Baseline.model_fields if getattr(made, field) is not None}
        made = parent.model_copy(update=given)
        return made, above + [(str(path), change) for change in own], problems
    for field in ("starts_on", "ends_on", "window_from", "window_to", "extract_on"):
        if getattr(made, field) is None:
            problems.append(Problem(file=str(path), key=field, found="nothing", expected=f"{field}, which must be given"))
    return (None if problems else made), [(str(path), change) for change in own], problems


def _overlay(
    kind: files.Kind, name: str, folders: tuple[Path, ...], evidence: Evidence, start: date, problems: list[Problem]
) -> tuple[Overlay | None, list[Laid]]:
    made, path, found = files.read(kind, name, folders)
    problems += found
    if made is None or path is None:
        return None, []
    assert isinstance(made, Overlay)
    written, found = files.changes(made, path)
    problems += found
    earliest = min((day for day in (made.announced_on, made.in_force_on) if day), default=None)
    if kind == "reforms" and made.in_force_on is None:
        problems.append(Problem(file=str(path), key="in_force_on", found="nothing", expected="in_force_on, which must be given"))
    laid: list[Laid] = []
    for change in written:
        laid += _laid(str(path), change, evidence, made.in_force_on or start, earliest, problems)
    told = {key for point in made.points for key in point.changes}
    done = {key for _, key, _ in written}
    for key in sorted(told ^ done):
        what = "a point about a number that is not changed" if key in told else "a change that no point tells of"
        problems.append(Problem(file=str(path), key=key, found=what, expected="each change told by one of the points"))
    return made, laid


def _laid(
    source: str, change: tuple[str, str, files.Change], evidence: Evidence, start: date, earliest: date | None, problems: list[Problem]
) -> list[Laid]:
    operation, key, value = change
    number = _number(key, evidence)
    if number is None:
        expected = nearest(key, list(evidence.numbers), "number")
        problems.append(Problem(file=source, key=f"{operation}.{key}", found="an unknown number", expected=expected))
        return []
    laid, found = read_change(source, operation, key, value, number, start, earliest)
    problems += found
    return [laid] if laid else []


def _number(key: str, evidence: Evidence) -> Number | None:
    return evidence.numbers.get(key)


def _settings(settings: Mapping[str, str], evidence: Evidence, start: date, problems: list[Problem]) -> list[Laid]:
    """Settings given on the command line; several dates of one key are one change."""
    by_key: dict[str, dict[str, files.Value]] = {}
    for path, value in settings.items():
        key, _, day = path.partition("@")
        by_key.setdefault(key, {})[day or start.isoformat()] = value
    laid: list[Laid] = []
    for key, change in by_key.items():
        laid += _laid("--set", ("set", key, dict(sorted(change.items()))), evidence, start, None, problems)
    return laid


def _opposite(laid: Laid) -> Laid:
    """The inverse of a scaling and the negative of an addition; a set stays what it is."""
    if laid.operation == "scale":
        return replace(laid, steps=tuple((day, 1 / amount if amount else amount) for day, amount in laid.steps))
    if laid.operation == "add":
        return replace(laid, steps=tuple((day, None if amount is None else -amount) for day, amount in laid.steps))
    return laid


def names(kind: files.Kind, folder: Path | None = None) -> Iterable[str]:
    """The names of scenarios, worlds or reforms that can be used."""
    return files.found(kind, files.search_folders(folder))
