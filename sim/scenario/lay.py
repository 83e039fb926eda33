"""Laying dated changes over a number: all `set`, then all `scale`, then all `add`, so that reforms commute.

Two `set`s of one number that hold on a common day are refused. A change that ends (``"base"``) leaves what lies below it.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from sim.evidence import UNITS, Number, Problem, outside, show
from sim.scenario.build import Series
from sim.scenario.files import Change, Value, as_date

Steps = tuple[tuple[date, float], ...]


@dataclass(frozen=True)
class Laid:
    """One change of one number: dated amounts, None where it ends."""

    source: str
    operation: str
    key: str
    steps: tuple[tuple[date, float | None], ...]

    def at(self, day: date) -> float | None:
        """What it says on a day; None before it starts and after it ends."""
        return next((amount for start, amount in reversed(self.steps) if start <= day), None)


def read_change(
    path: Path | str, operation: str, key: str, change: Change, number: Number, starts_on: date, not_before: date | None
) -> tuple[Laid | None, list[Problem]]:
    """A change as written, in numbers and dates."""
    problems: list[Problem] = []

    def wrong(found: str, expected: str) -> None:
        problems.append(Problem(file=str(path), key=f"{operation}.{key}", found=found, expected=expected))

    written = change.items() if isinstance(change, dict) else [(starts_on.isoformat(), change)]
    steps: list[tuple[date, float | None]] = []
    for text, value in written:
        day = as_date(text)
        if day is None:
            wrong(show(text), "a date such as 2020-02-01")
            continue
        if not_before is not None and day < not_before:
            wrong(f"a change on {day}", f"none before {not_before}, when it is announced or comes into force")
        amount = _amount(value, number, operation, wrong)
        steps.append((day, amount))
    if not steps:
        wrong("no value", "a number, or a table of numbers by date")
    days = [day for day, _ in steps]
    if days != sorted(set(days)):
        wrong("dates out of order", "each date after the one before")
    if problems:
        return None, problems
    return Laid(str(path), operation, key, tuple(steps)), []


def _amount(value: Value, number: Number, operation: str, wrong: object) -> float | None:
    """A number, or text with a unit; ``base`` ends the change."""
    assert callable(wrong)
    if isinstance(value, bool) or not isinstance(value, int | float | str):
        wrong(show(value), "a number, or text such as '12 posts'")
        return None
    if isinstance(value, str):
        if value == "base":
            return None
        words = value.split()
        amount = _number(words[0]) if words else None
        if amount is None or len(words) > 2:
            wrong(show(value), f"a number, 'base', or text such as '12 {number.unit}'")
            return None
        if len(words) == 2 and words[1] != number.unit:
            wrong(f"the unit {words[1]!r}", f"{number.unit!r}, the unit of {number.key}")
            return None
        value = amount
    if value != value or value in (float("inf"), float("-inf")):
        wrong(str(value), "a finite number")
        return None
    if operation == "scale" and value < 0:
        wrong(f"{value:g}", "a factor of 0 or more")
    if operation == "set" and (fault := outside(value, UNITS[number.unit])):
        wrong(f"{value:g}", f"{fault}: the unit is {number.unit!r}")
    return float(value)


def _number(text: str) -> float | None:
    try:
        return float(text)
    except ValueError:
        return None


def clashes(laid: Iterable[Laid]) -> list[Problem]:
    """Two `set`s of one number from different files that hold on a common day."""
    problems = []
    by_key: dict[str, list[Laid]] = {}
    for one in laid:
        if one.operation == "set":
            by_key.setdefault(one.key, []).append(one)
    for key, sets in by_key.items():
        for at, one in enumerate(sets):
            for other in sets[:at]:
                days = sorted({day for day, _ in one.steps + other.steps})
                both = next((day for day in days if one.at(day) is not None and other.at(day) is not None), None)
                if both is not None:
                    found = f"a second value for {key} from {both}"
                    problems.append(Problem(file=one.source, key=f"set.{key}", found=found, expected=f"one only: {other.source} sets it too"))
    return problems


def base_series(number: Number) -> Series:
    """A number of the evidence as a series."""
    return Series(number.key, number.unit, tuple((step.from_, step.value) for step in number.steps), number.attach)


def lay(series: Series, laid: list[Laid]) -> tuple[Series, list[Problem]]:
    """A series with its changes, in the order set, scale, add; equal neighbours merged."""
    days = sorted({day for day, _ in series.steps} | {day for one in laid for day, _ in one.steps})
    ordered = sorted(laid, key=lambda one: one.source)  # sums of floats depend on order: it must not depend on the caller's
    steps: list[tuple[date, float]] = []
    problems: list[Problem] = []
    for day in days:
        value = _on(series.steps, day)
        for operation in ("set", "scale", "add"):
            for one in ordered:
                amount = one.at(day) if one.operation == operation else None
                if amount is not None:
                    value = amount if operation == "set" else value * amount if operation == "scale" else value + amount
        if fault := outside(value, UNITS[series.unit]):
            if UNITS[series.unit].whole and fault == "a whole number":
                value = float(round(value))
            else:
                source = ", ".join(one.source for one in ordered)
                problems.append(
                    Problem(file=source, key=series.key, found=f"{value:g} on {day}", expected=f"{fault}: the unit is {series.unit!r}")
                )
        if not steps or steps[-1][1] != value:
            steps.append((day, value))
    return Series(series.key, series.unit, tuple(steps), series.attach, series.highest_before_reforms), problems


def _on(steps: Steps, day: date) -> float:
    return next((value for start, value in reversed(steps) if start <= day), steps[0][1])
