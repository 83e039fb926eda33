"""May a result be called calibrated? Only what was checked, on the very plans that were checked.

``scenarios/calibration/checks.json`` is the committed record of the last check of each scenario (`sim.calibration.check` makes it): whether it
passed, when, and the fingerprints of the plans it played. It stands if it passed, was of an ensemble that was calibrated to frozen targets, and
played `LEAST_FUTURES` of each member or more. A result whose base plans are all among those of a check that passed loses the words
``illustrative, not calibrated``; any other window, setting, staffing, world or number is another plan, and keeps them.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from functools import cache
from pathlib import Path
from typing import Any

from sim.experiment.study import LIMITS
from sim.plan import Plan
from sim.scenario.files import shipped_folder

CHECKS = Path("calibration") / "checks.json"
"""In a scenario folder."""
LEAST_FUTURES = 2
"""With one future of each member the error of the model is not known."""
CALIBRATED = "calibrated to published totals, no forecast"


def limits_of(plans: Iterable[Plan], record: Path | None = None) -> str:
    """What is stamped on results of these plans.

    Args:
        plans: those of the base, in every world.
        record: the record of checks; the shipped one if not said.
    """
    known = passed_plans(shipped_folder() / CHECKS if record is None else record)
    asked = {plan.fingerprint for plan in plans}
    return CALIBRATED if asked and asked <= known else LIMITS


@cache
def passed_plans(record: Path) -> frozenset[str]:
    """Fingerprints of all plans that were played in a check that stands; none where there is no record."""
    return frozenset(
        fingerprint for told in read_checks(record).values() if stands(told) for fingerprint in told.get("plans", ())
    )


def stands(told: Mapping[str, Any]) -> bool:
    """Whether a stamp may follow from the record of a check: ``passed``, ``fitted_to`` (digest of the frozen targets its ensemble was fitted to), ``replications``."""
    futures = told.get("replications")
    enough = isinstance(futures, int) and futures >= LEAST_FUTURES
    return told.get("passed") is True and bool(told.get("fitted_to")) and enough


def read_checks(record: Path) -> Mapping[str, Mapping[str, Any]]:
    """The record of checks, by scenario; empty where there is none, or it cannot be read."""
    try:
        raw = json.loads(record.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return {name: told for name, told in raw.items() if isinstance(told, dict)} if isinstance(raw, dict) else {}
