"""What does a scenario rest on? Every number with its unit, dates, grade, range and source, and what changed it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date
from pathlib import Path

from sim.evidence import Number, SourceRow, Step, read_toml
from sim.scenario import Scenario, ScenarioError
from sim.scenario.build import Series
from sim.scenario.files import Expectation, Header, Kind, Overlay, found, is_overlay, read, search_folders
from sim.scenario.load import Change


def contents(folder: Path | None) -> Iterator[tuple[Kind, str, str]]:
    """Kind, name and title of all scenarios, worlds and reforms; what is wrong with a file stands in place of its title."""
    folders = search_folders(folder)
    kinds: tuple[Kind, ...] = ("scenarios", "worlds", "reforms")
    for kind in kinds:
        for name in found(kind, folders):
            header, _, problems = read(kind, name, folders)
            yield kind, name, header.title if header else f"cannot be read: {problems[0]}"


def overlay(name: str, folder: Path | None) -> Overlay | None:
    """The header of a reform or world by name or path; None if neither is called so.

    Raises:
        ScenarioError: it cannot be read; with every problem of its header.
    """
    folders = search_folders(folder)
    kinds: tuple[Kind, ...] = ("reforms", "worlds")
    for kind in kinds:
        if is_overlay(read_toml(Path(name))[0]) if name.endswith(".toml") else name in found(kind, folders):
            header, _, problems = read(kind, name, folders)
            if problems:
                raise ScenarioError(problems)
            assert isinstance(header, Overlay)
            return header
    return None


def header_lines(name: str, header: Header) -> Iterator[str]:
    """What a file says of itself."""
    yield f"{name}: {header.title}"
    yield f"    author: {header.author}"
    if header.description:
        yield f"    {header.description}"
    yield f"    reference: {header.reference}"


def overlay_lines(name: str, header: Overlay) -> Iterator[str]:
    """A reform or world: its header, its points, its changes as written."""
    yield from header_lines(name, header)
    if header.lever is not None:
        yield f"    lever: {header.lever}"
    if header.mechanism:
        yield f"    mechanism: {header.mechanism}"
    for word, days in (("announced", header.announced_on), ("in force", header.in_force_on)):
        if days:
            yield f"    {word} on: {_days(days)}"
    for one in header.expected:
        yield f"    expected: {expectation(one)} [follows from {one.kind}]"
    for point in header.points:
        yield f"    - {point.text} [follows from {point.follows_from}: {', '.join(point.changes)}]"
    for operation in ("set", "scale", "add"):
        for key, change in getattr(header, operation).items():
            yield f"    {operation} {key} = {change}"


def expectation(one: Expectation) -> str:
    """Which way a measure goes, and where: ``mean_days_to_finalise of team=psu down in psu_saturated``."""
    words = [one.counted, one.basis, one.group]
    of = ", ".join(word for word in words if word)
    way = "unchanged" if one.direction == "none" else one.direction
    return f"{one.measure}{f' of {of}' if of else ''} {way}{f' in {one.world}' if one.world else ''}"


def _days(days: date | Mapping[str, date]) -> str:
    return ", ".join(f"{day} ({name})" for name, day in days.items()) if isinstance(days, Mapping) else str(days)


def scenario_lines(scenario: Scenario) -> Iterator[str]:
    """A scenario: its header, window and overlays."""
    base, plan = scenario.baseline, scenario.plan
    seen = plan.observation
    yield from header_lines(scenario.name, base)
    yield f"    played from {plan.starts_on} until {plan.day(plan.ends_at)}"
    yield f"    window: received from {plan.day(seen.window_from)} until before {plan.day(seen.window_to)}, extract of {plan.day(seen.extract_on)}"
    yield f"    world: {plan.world or 'none'} (of {', '.join(base.worlds or ()) or 'none'})"
    for name, reform in scenario.reforms.items():
        yield f"    reform: {name}: {reform.title}"


def number_blocks(scenario: Scenario) -> Iterator[list[str]]:
    """The lines of each number, by key."""
    on = scenario.plan.day(scenario.plan.observation.window_from)
    changes: dict[str, list[Change]] = {}
    for change in scenario.changes:
        changes.setdefault(change.key, []).append(change)
    for key in sorted(scenario.numbers):
        number = scenario.evidence.numbers[key]
        yield list(_number_lines(number, scenario.numbers[key], on, changes.get(key, []), scenario.evidence.register))


def _number_lines(
    number: Number, series: Series, on: date, changes: list[Change], register: Mapping[str, SourceRow]
) -> Iterator[str]:
    first = next((value for day, value in reversed(series.steps) if day <= on), series.steps[0][1])
    yield f"{number.key} = {first:g} {number.unit} on {on}"
    yield f"    {number.label}" + ("" if number.attach == "now" else f" (read on the day {number.attach})")
    later = [f"{value:g} from {day}" for day, value in series.steps if day > on]
    if later:
        yield f"    then {', '.join(later)}"
    for step in number.steps:
        yield f"    evidence from {step.from_}: {step.value:g}{_range(step)}, {step.grade}; {_why(step, register)}"
    for change in changes:
        steps = ", ".join(f"{'ends' if amount is None else f'{amount:g}'} from {day}" for day, amount in change.steps)
        yield f"    changed by {_short(change.source)}: {change.operation} {steps}"


def _range(step: Step) -> str:
    return "" if step.low == step.high else f" ({step.low:g} to {step.high:g})"


def _why(step: Step, register: Mapping[str, SourceRow]) -> str:
    sources = [f"{register[row].title} [{row}]" for row in step.source if row in register]
    return "; ".join([*sources, *([step.because] if step.because else [])])


def _short(source: str) -> str:
    """The last two names of a path; an option as it is."""
    return source if source.startswith("--") else "/".join(Path(source).parts[-2:])
