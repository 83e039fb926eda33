"""Were the targets written down before the calibration? Digests of what each target says, kept with the day they were taken.

Before the calibration, and no more than that: worlds were fitted by hand before.

``scenarios/calibration/frozen.toml`` holds, for every target that is scored, three digests: of the published rows it rests on, of its definition (what
answers it, over which window) and of its tolerance (value, low, high and discrepancy). A target that no longer agrees with its
digests was changed after the day it was frozen; `changes` says which, and how. ``python -m sim.calibration.frozen`` freezes the targets as they are.
"""

from __future__ import annotations

import hashlib
import json
import sys
import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

from sim.evidence import Evidence, Problem, Role, Target

FILE = "frozen.toml"
SCORED: tuple[Role, ...] = ("calibrate", "validate", "conflict")
"""Roles of targets that are held against the model."""

TOLERANCE = ("value", "low", "high", "discrepancy")
WORDS = ("label", "because", "discrepancy_because")
"""What a target says in prose: a better sentence changes nothing."""

CHANGED: Mapping[str, str] = {
    "published": "rows of the register as they were frozen: what was published is read otherwise now",
    "definition": "the definition that was frozen",
    "tolerance": "the tolerance that was frozen before the calibration",
}


@dataclass(frozen=True)
class Frozen:
    """What was written down."""

    on: date
    digests: Mapping[str, Mapping[str, str]]
    """By target ``published``, ``definition`` and ``tolerance``."""
    digest: str
    """Of all of it: an ensemble says which one it was fitted to."""


def scored(evidence: Evidence) -> dict[str, Target]:
    """The targets that are held against the model, by name; not those that only stand beside it."""
    return {key: target for key, target in evidence.targets.items() if target.role in SCORED}


def digests(target: Target, evidence: Evidence) -> dict[str, str]:
    """Sixteen hexadecimal digits each of the published rows, the definition and the tolerance of a target."""
    told = target.model_dump(mode="json")
    rows = [evidence.register[one].model_dump(mode="json") for one in target.ids]
    published = [
        [row[name] for name in ("id", "role", "value", "text", "unit", "period", "population")] for row in rows
    ]
    definition = {name: value for name, value in told.items() if name not in (*TOLERANCE, *WORDS)}
    return {
        "published": _digest(published),
        "definition": _digest(definition),
        "tolerance": _digest([told[name] for name in TOLERANCE]),
    }


def freeze(evidence: Evidence, on: date) -> str:
    """The text of a file that freezes every scored target as it is."""
    lines = [
        "# What every target said on this day, before the calibration; worlds were fitted by hand before: python -m sim.calibration.frozen wrote it.",
        f"frozen_on = {on.isoformat()}",
        "",
        "[targets]",
    ]
    for key, target in scored(evidence).items():
        parts = ", ".join(f'{name} = "{value}"' for name, value in digests(target, evidence).items())
        lines.append(f"{key} = {{ {parts} }}")
    return "\n".join(lines) + "\n"


def read_frozen(path: Path) -> Frozen | None:
    """What was frozen; None where there is no such file, or it is not one."""
    try:
        content = path.read_bytes()
        raw: dict[str, Any] = tomllib.loads(content.decode("utf-8"))
        return Frozen(raw["frozen_on"], raw["targets"], hashlib.sha256(content).hexdigest()[:16])
    except (OSError, ValueError, KeyError):
        return None


def changes(evidence: Evidence, frozen: Frozen | None, path: Path) -> list[Problem]:
    """Every way in which the targets are not those that were frozen."""
    if frozen is None:
        wanted = "targets frozen before the calibration: python -m sim.calibration.frozen writes it"
        return [Problem(file=str(path), key="", found="nothing to read", expected=wanted)]
    today = scored(evidence)
    found = []
    for key, kept in frozen.digests.items():
        if key not in today:
            found.append(
                Problem(file=str(path), key=key, found="no such target", expected="every target that was frozen")
            )
            continue
        now = digests(today[key], evidence)
        found += [
            Problem(file="targets.toml", key=key, found=f"another {name}", expected=f"{CHANGED[name]} ({frozen.on})")
            for name in now
            if kept.get(name) != now[name]
        ]
    new = [key for key in today if key not in frozen.digests]
    expected = f"a target frozen on {frozen.on}"
    return found + [Problem(file="targets.toml", key=key, found="a new target", expected=expected) for key in new]


def _digest(told: Iterable[Any] | Mapping[str, Any]) -> str:
    return hashlib.sha256(json.dumps(told, sort_keys=True).encode()).hexdigest()[:16]


if __name__ == "__main__":
    from sim.scenario.files import shipped_folder
    from sim.scenario.load import evidence_of

    where = Path(sys.argv[1]) if sys.argv[1:] else shipped_folder() / "calibration" / FILE
    where.parent.mkdir(parents=True, exist_ok=True)
    where.write_text(freeze(evidence_of((shipped_folder(),)), datetime.now(UTC).date()), encoding="utf-8", newline="\n")
