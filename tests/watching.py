"""Which fields of a plan are read? The plan behind a pane that notes every one."""

from __future__ import annotations

import dataclasses
import types
from typing import Any, get_args, get_type_hints


class _Watched:
    """Stands for a frozen row of a plan, and for the rows in its fields."""

    def __init__(self, row: Any, seen: set[str]) -> None:
        object.__setattr__(self, "_row", row)
        object.__setattr__(self, "_seen", seen)

    def __getattr__(self, name: str) -> Any:
        row, kind = self._row, type(self._row)
        if name in {field.name for field in dataclasses.fields(row)}:
            self._seen.add(f"{kind.__name__}.{name}")
            return watched(getattr(row, name), self._seen)
        if name == "fingerprint":
            return f"watched {row.fingerprint}"
        if isinstance(getattr(kind, name, None), types.FunctionType):
            return types.MethodType(getattr(kind, name), self)  # what a method reads is seen too
        return getattr(row, name)

    def __eq__(self, other: object) -> bool:
        return bool(self._row == getattr(other, "_row", other))

    def __hash__(self) -> int:
        return hash(self._row)


def watched(value: Any, seen: set[str]) -> Any:
    """The same value; each field read of it or below it is added to `seen`, as ``Team.posts``."""
    if dataclasses.is_dataclass(value):
        return _Watched(value, seen)
    if isinstance(value, tuple):
        return tuple(watched(item, seen) for item in value)
    return value


def fields_of(kind: Any) -> set[str]:
    """Every field of a kind of row and of the rows below it."""
    found: set[str] = set()
    todo, known = [kind], set()
    while todo:
        one = todo.pop()
        if one in known:
            continue
        known.add(one)
        if dataclasses.is_dataclass(one):
            for name, hint in get_type_hints(one).items():
                found.add(f"{one.__name__}.{name}")
                todo.append(hint)
        todo += get_args(one)
    return found
