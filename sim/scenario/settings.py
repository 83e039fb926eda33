"""What does a single change say, as it is given with ``--set`` and ``--arm``? A value, or with a sign a change of the value there otherwise is.

``psu.investigators@2027-04-01=90`` is ninety posts from that day, ``=+12`` twelve more, ``=-10`` ten fewer, ``=+20%`` a fifth more, ``=base`` what
there is without it again. No number of the evidence may be below zero, so a sign says nothing else. Of several dates of one number each says anew
what holds from then: a change with a sign is one of what there is without the earlier ones that have a sign.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

from sim.scenario.files import Value

AS_A_CHANGE = "12, or of what there is otherwise +12, -10 or +20%"
"""How a value may be written, for those who wrote another."""
END = "base"
_PERCENT = re.compile(r"([+-]\s*\d+(?:\.\d*)?)\s*%")
_MORE = re.compile(r"[+-]\s*\d")


def operations(settings: Mapping[str, str], first_day: str) -> Iterator[tuple[str, str, dict[str, Value]]]:
    """Operation, key and amounts by date; several dates of one number come together.

    Args:
        settings: ``{"psu.investigators@2018-04-01": "+20%"}``.
        first_day: the date of a path without one.
    """
    by_key: dict[str, dict[str, str]] = {}
    for path, value in settings.items():
        key, _, day = path.partition("@")
        by_key.setdefault(key, {})[day or first_day] = value
    for key, dated in by_key.items():
        changes: dict[str, dict[str, Value]] = {}
        for day, text in sorted(dated.items()):
            operation, amount = _read(text)
            ended = changes if amount == END else changes.keys() - {"set", operation}
            for other in ended:
                changes[other][day] = END
            if amount != END or not changes:
                changes.setdefault(operation, {})[day] = amount
        yield from ((operation, key, amounts) for operation, amounts in changes.items())


def _read(text: str) -> tuple[str, Value]:
    """What a value does to a number, and by how much."""
    text = text.strip()
    if percent := _PERCENT.fullmatch(text):
        return "scale", round(1 + float(percent[1].replace(" ", "")) / 100, 12)
    if _MORE.match(text):
        sign, amount = text[0], text[1:].strip()
        return "add", amount if sign == "+" else f"-{amount}"
    return "set", text


def written(path: str, value: str) -> str:
    """A single change in words: ``psu.investigators = 90 from 2018-04-01``, ``demand.internal_incidents +20% from 2027-04-01``."""
    key, _, day = path.partition("@")
    operation, _ = _read(value)
    change = f"{key} = {value}" if operation == "set" else f"{key} {value}"
    return change + (f" from {day}" if day else "")
