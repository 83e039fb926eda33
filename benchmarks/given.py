"""What are the numbers of the workload? `pathway_bench.toml`, at any scale, for whoever plays it."""

from __future__ import annotations

import math
import tomllib
from dataclasses import dataclass, replace
from functools import cache
from itertools import accumulate
from pathlib import Path
from typing import Any

FILE = Path(__file__).with_name("pathway_bench.toml")
DAYS_A_YEAR = 365
LONG_DAYS = 730
"""Cases that took longer are counted apart."""

Shares = tuple[float, ...]


@dataclass(frozen=True)
class Lognormal:
    """A length of time: mean in days and coefficient of variation."""

    mean: float
    cv: float

    @property
    def sigma(self) -> float:
        """Standard deviation of its logarithm."""
        return math.sqrt(math.log1p(self.cv**2))

    @property
    def mu(self) -> float:
        """Mean of its logarithm."""
        return math.log(self.mean) - self.sigma**2 / 2


@dataclass(frozen=True)
class Times:
    triage: Lognormal
    iopc_wait: Lognormal
    visit: Lognormal
    external_wait: Lognormal
    decision: Lognormal
    listing_delay: Lognormal
    hearing: Lognormal
    meeting: Lognormal


@dataclass(frozen=True)
class Teams:
    triage_assessors: int
    psu_investigators: int
    dps_investigators: int
    appropriate_authority: int
    chairs: int
    rooms: int


@dataclass(frozen=True)
class Cases:
    """Shares of the levels of each attribute; `iopc` to `referred` are shares of yes."""

    kind: Shares
    kind_factor: Shares
    severity: Shares
    visits: Shares
    iopc: float
    psu: float
    case_to_answer: float
    referred: float
    outcome: Shares


@dataclass(frozen=True)
class Known:
    """What long runs have shown, days and shares of cases closed after the warm-up; errors are standard errors of that, spreads are between replications."""

    mean_days: float
    mean_days_error: float
    mean_days_spread: float
    share_over_730_days: float
    share_over_730_days_error: float
    share_over_730_days_spread: float


@dataclass(frozen=True)
class Numbers:
    warm_up_days: int
    horizon_days: int
    arrivals_a_day: float
    teams: Teams
    cases: Cases
    times: Times
    known: Known
    scale: int

    def until(self, days: int) -> Numbers:
        """The same, stopped after so many days, a quarter of them warm-up."""
        return replace(self, horizon_days=days, warm_up_days=days // 4)

    def staffed(self, **posts: int) -> Numbers:
        """The same with other numbers of posts, ``staffed(chairs=3)``."""
        return replace(self, teams=replace(self.teams, **posts))


@cache
def numbers(scale: int = 1) -> Numbers:
    """The workload with `scale` times its arrivals and its posts."""
    raw = tomllib.loads(FILE.read_text(encoding="utf-8"))
    span = raw["span"]
    cases: dict[str, Any] = {
        name: tuple(value) if isinstance(value, list) else value for name, value in raw["cases"].items()
    }
    return Numbers(
        warm_up_days=span["warm_up_days"],
        horizon_days=span["horizon_days"],
        arrivals_a_day=scale * span["arrivals_a_year"] / DAYS_A_YEAR,
        teams=Teams(**{team: scale * posts for team, posts in raw["teams"].items()}),
        cases=Cases(**cases),
        times=Times(**{name: Lognormal(mean, cv) for name, (mean, cv) in raw["times"].items()}),
        known=Known(**raw["known"]),
        scale=scale,
    )


def up_to(shares: Shares) -> Shares:
    """Cumulative shares; their last is exactly 1."""
    return (*tuple(accumulate(shares))[:-1], 1.0)
