"""Laying dated changes over a number: all `set`, then all `scale`, then all `add`, so that reforms commute.

Two reforms that `set` one number to different values on a common day are refused. A change that ends (``"base"``) leaves what lies below it.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path

from sim.evidence import UNITS, Number, Problem, outside, show
from sim.scenario.build import Series
from sim.scenario.files import Change, Value, as_time

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
    """A change as written, in numbers and dates. `starts_on` is where a change without dates begins and times are counted from."""
    problems: list[Problem] = []

    def wrong(found: str, expected: str) -> None:
        problems.append(Problem(file=str(path), key=f"{operation}.{key}", found=found, expected=expected))

    written = list(change.items()) if isinstance(change, dict) else [(starts_on.isoformat(), change)]
    steps: list[tuple[date, float | None]] = []
    for text, value in written:
        day = as_time(text, starts_on)
        if day is None:
            wrong(show(text), "a date such as 2020-02-01, or a time such as 'after 6 months'")
            continue
        if not_before is not None and day < not_before:
            wrong(f"a change on {day}", f"none before {not_before}, when it is announced or comes into force")
        amount = _amount(value, number, operation, wrong)
        steps.append((day, amount))
    if not written:
        wrong("no value", "a number, or a table of numbers by date")
    days = [day for day, _ in steps]
    if days != sorted(set(days)):
        wrong("dates out of order", "each date after the one before")
    if problems:
        return None, problems
    return Laid(str(path), operation, key, tuple(steps)), []


def _amount(value: Value, number: Number, operation: str, wrong: Callable[[str, str], None]) -> float | None:
    """A number, or text with a unit; ``base`` ends the change."""
    if value == "base":
        return None
    amount, unit = _read(value)
    if amount is None:
        example = "a factor such as 1.2" if operation == "scale" else f"a number, or text such as '12 {number.unit}'"
        wrong(show(value), f"{example}; 'base' ends a change{_of_percent(value, number)}")
        return None
    if unit is not None and operation == "scale":
        wrong(f"the unit {unit!r}", "a factor, which has no unit")
    elif unit is not None and unit != number.unit:
        wrong(f"the unit {unit!r}", f"{number.unit!r}, the unit of {number.key}")
    elif not math.isfinite(amount):
        wrong(f"{amount:g}", "a finite number")
    elif operation == "scale" and amount < 0:
        wrong(f"{amount:g}", "a factor of 0 or more")
    elif operation == "set" and (fault := outside(amount, UNITS[number.unit])):
        wrong(f"{amount:g}", f"{fault}: the unit is {number.unit!r}")
    return amount


def _of_percent(value: object, number: Number) -> str:
    """How what was written as a percentage is to be written; empty for anything else."""
    percent = re.fullmatch(r"([+-]?)\s*(\d+(?:\.\d*)?)\s*%", value.strip()) if isinstance(value, str) else None
    if percent is None:
        return ""
    share = float(percent[2]) / 100
    factor = 1 - share if percent[1] == "-" else 1 + share
    more = f"{percent[2]}% {'less' if percent[1] == '-' else 'more'} is {factor:g} under [scale] of a file, or {percent[1] or '+'}{percent[2]}% in --set and --arm"
    return f"; {more}" + (f"; {percent[2]}% itself is {share:g}" if number.unit == "share" else "")


def _read(value: object) -> tuple[float | None, str | None]:
    """A number and the unit beside it, each None where there is none."""
    words = value.split() if isinstance(value, str) else [value]
    if len(words) not in (1, 2) or isinstance(words[0], bool) or not isinstance(words[0], int | float | str):
        return None, None
    try:
        return float(words[0]), (str(words[1]) if len(words) == 2 else None)
    except (ValueError, OverflowError):  # no number; a whole number beyond all floats
        return None, None


def clashes(laid: Iterable[Laid]) -> list[Problem]:
    """Two `set`s of one number from different files that hold on a common day and do not say the same."""
    problems = []
    by_key: dict[str, list[Laid]] = {}
    for one in laid:
        if one.operation == "set":
            by_key.setdefault(one.key, []).append(one)
    for key, sets in by_key.items():
        for at, one in enumerate(sets):
            for other in sets[:at]:
                days = sorted({day for day, _ in one.steps + other.steps})
                both = next(
                    (day for day in days if None not in (told := {one.at(day), other.at(day)}) and len(told) > 1), None
                )
                if both is not None:
                    found = f"a second value for {key} from {both}"
                    problems.append(
                        Problem(
                            file=one.source,
                            key=f"set.{key}",
                            found=found,
                            expected=f"one only: {other.source} sets it too",
                        )
                    )
    return problems


def base_series(number: Number) -> Series:
    """A number of the evidence as a series."""
    return Series(number.key, number.unit, tuple((step.from_, step.value) for step in number.steps), number.attach)


def from_day(series: Series, day: date) -> Series:
    """Without the steps that have ended by a day. A value read at a date that rows carry keeps them all."""
    over = [start for start, _ in series.steps if start <= day][:-1]
    return series if series.attach != "now" else replace(series, steps=series.steps[len(over) :])


def lay(series: Series, laid: Sequence[Laid]) -> tuple[Series, list[Problem]]:
    """A series with its changes, in the order set, scale, add; equal neighbours merged.

    Of several sets the last holds. Scales and adds give the same digits in whatever order they come.
    """
    days = sorted({day for day, _ in series.steps} | {day for one in laid for day, _ in one.steps})
    steps: list[tuple[date, float]] = []
    problems: list[Problem] = []
    for day in days:
        told: dict[str, list[float]] = {"set": [], "scale": [], "add": []}
        for one in laid:
            if (amount := one.at(day)) is not None:
                told[one.operation].append(amount)
        value = told["set"][-1] if told["set"] else _on(series.steps, day)
        value = value * math.prod(sorted(told["scale"])) + sum(sorted(told["add"]))
        fault = outside(value, UNITS[series.unit]) if math.isfinite(value) else "a finite number"
        if fault == "a whole number":
            value = float(round(value))
        elif fault:
            source = ", ".join(sorted({one.source for one in laid}))
            expected = f"{fault}: the unit is {series.unit!r}"
            problems.append(Problem(file=source, key=series.key, found=f"{value:g} on {day}", expected=expected))
        if not steps or steps[-1][1] != value:
            steps.append((day, value))
    return replace(series, steps=tuple(steps)), problems


def _on(steps: Steps, day: date) -> float:
    return next((value for start, value in reversed(steps) if start <= day), steps[0][1])
