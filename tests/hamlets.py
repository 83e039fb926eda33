"""A scenario of a few months with an ensemble of its own, for tests of what members add up to."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from sim.scenario import Ensemble, Member, save_ensemble

HAMLET = """
title = "A hamlet"
author = "the tests"
based_on = "village"
starts_on = 2015-01-01
window_from = 2015-04-01
window_to = 2018-09-01
extract_on = 2018-09-01
ends_on = 2018-09-01
worlds = ["slack", "psu_saturated"]
[scale]
"public.cases" = 0.4
"""


def with_ensemble(place: Path, members: Sequence[Member], record: dict[str, Any]) -> Path:
    """A folder with the scenario ``hamlet`` and the ensemble of the village, which may be laid over it."""
    save_ensemble(Ensemble("village", tuple(members), record), place / "calibration")
    (place / "hamlet.toml").write_text(HAMLET)
    return place
