"""Does each rule by which cases find staff do what it is for, in the same futures?"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from functools import cache
from itertools import pairwise

import numpy as np
import pytest
from desk import one_team, told
from numpy.typing import NDArray

from sim.engines import fast
from sim.experiment import Study, compare
from sim.plan import MINUTES_A_DAY
from sim.record import What
from sim.scenario import load_scenario

REPLICATIONS = 6

# --- who is served first --------------------------------------------------------------------------------------------------


@cache
def waits(head_start: str) -> NDArray[np.float64]:
    """Mean days that cases of misconduct and gross ones wait for a place in a local unit: shape (replications, 2)."""
    settings = {"psu.head_start.gross": head_start}
    plan = load_scenario("village", world="psu_saturated", settings=settings).plan
    slot = next(at for at, node in enumerate(plan.nodes) if node.name == "psu_slot")
    gross = plan.level("case.severity", "gross")
    found = []
    for replication in range(REPLICATIONS):
        record = fast.play(plan, 1, replication)
        rows = record.events
        first = [_first(rows, slot, what) for what in (What.QUEUED, What.ALLOCATED)]
        (cases, joined), (served, given) = first
        days = (given - joined[np.searchsorted(cases, served)]) / MINUTES_A_DAY
        severe = record.cases["severity"][served] == gross
        found.append([days[~severe].mean(), days[severe].mean()])
    return np.array(found)


def _first(rows: Mapping[str, NDArray[np.int64]], node: int, what: What) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Cases that came to this state of a node, ascending, and the minute each first did."""
    at = (rows["node"] == node) & (rows["what"] == what)
    cases, first = np.unique(rows["case"][at], return_index=True)
    return cases, rows["minute"][at][first].astype(np.int64)


def test_a_longer_head_start_lets_severe_cases_wait_less_and_the_others_longer() -> None:
    """A head start is priority that rises while waiting: none is first come, first served; a very long one is strict priority."""
    none, some, strict = (waits(days).mean(axis=0) for days in ("0", "120", "3650"))
    assert none[1] > some[1] > strict[1]
    assert none[0] < some[0] < strict[0]


# --- how many there are ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("seed", range(4))
def test_one_more_investigator_never_lets_any_case_begin_later(seed: int) -> None:
    """True of every future of one queue served in order of receipt, whatever the work takes (Kiefer and Wolfowitz)."""
    begun = []
    for posts in (2, 3, 4):
        story = told(one_team(1500, posts, 0.5, family="lognormal", cv=0.5, to=date(2010, 7, 1)), seed)
        first: dict[int, int] = {}
        for row in story.rows(What.STARTED):
            first.setdefault(row.case, row.minute)
        assert len(story.rows(What.STARTED)) == len(first), "no work is so long that it is done in several bouts"
        begun.append(first)
    for fewer, more in pairwise(begun):
        assert fewer.keys() <= more.keys()
        assert all(more[case] <= minute for case, minute in fewer.items())
    assert sum(begun[0].values()) > sum(begun[2][case] for case in begun[0])


# --- where they are -------------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def centralised() -> Study:
    return compare(
        "village_today", ["centralised_in_dps_today"], worlds=["dps_saturated"], replications=REPLICATIONS, workers=1
    )


def test_bringing_local_units_to_the_centre_fills_its_queue_until_their_posts_follow(centralised: Study) -> None:
    base, arm = (
        load_scenario("village_today", world="dps_saturated", reforms=reforms).plan
        for reforms in ([], ["centralised_in_dps_today"])
    )

    def more(team: str, day: date) -> float:
        values = [plan.value(f"{team}.investigators").at(plan.minute(day)) for plan in (base, arm)]
        return values[1] - values[0]

    # Local posts go at once, central ones come after six months and after a year.
    assert more("psu", date(2027, 4, 1)) < 0
    assert [more("dps", day) > 0 for day in (date(2027, 4, 1), date(2027, 9, 30), date(2027, 10, 1))] == [
        False,
        False,
        True,
    ]

    table = centralised.differences
    waiting = table[(table["measure"] == "unallocated_cases") & (table["group"] == "team=dps")].set_index("period")
    assert waiting.loc["2027-03-31", "mean"] == 0
    assert (waiting.loc[["2027-06-30", "2027-09-30"], "low"] > 0).all()
    assert waiting.loc["2027-09-30", "mean"] > waiting.loc["2027-06-30", "mean"]
