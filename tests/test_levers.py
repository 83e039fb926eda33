"""Is there a reform for every lever, does it reach the baselines it names, and do things go the way its file expects?"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from itertools import combinations
from pathlib import Path
from typing import NamedTuple

import pandas as pd
import pytest
from levers_page import PAGE, page, reforms

from sim.experiment import compare
from sim.experiment.describe import expectation
from sim.experiment.study import OPPOSITE
from sim.experiment.validate import validate
from sim.measures import MEASURES
from sim.scenario import Scenario, ScenarioError, load_scenario
from sim.scenario.capacity import value_on
from sim.scenario.files import LEVERS, Expectation, shipped_folder
from sim.scenario.lay import Laid, clashes
from sim.scenario.load import reforms_for

REFORMS = reforms()
SMALL = {"casey_2022": "village", "today": "village_today"}
"""The small force of each baseline."""
REPLICATIONS = 12
HEARD = (
    "days_in_officer_and_representatives",
    "misconduct_meetings",
    "gross_misconduct_hearings",
    "accelerated_hearings",
    "awaiting_hearing",
    "dismissal_rate_per_hearing",
    "dismissals",
    "exits",
)
"""Figures of what happens to few: they are looked at in a small force with more hearings than it has days for."""
BUSY = {
    "severity.gross": "1",
    "decision.case": "3",
    "regulation_13.discharged": "0.5",
    "hearing.length": "20",
    "hearings.rooms": "4",
    "hearings.panel_members": "8",
    "hearings.legally_qualified_chairs": "3",
}

# --- every lever --------------------------------------------------------------------------------------------------------


def test_every_lever_has_a_file() -> None:
    assert {header.lever for header in REFORMS.values()} - {None} == set(LEVERS)


def test_every_lever_can_be_pulled_today() -> None:
    assert {header.lever for header in REFORMS.values() if "today" in header.applies_to} >= set(LEVERS)


@pytest.mark.parametrize("name", REFORMS)
def test_a_reform_says_what_it_pulls_on_and_what_it_expects(name: str) -> None:
    header = REFORMS[name]
    assert set(header.applies_to) <= set(SMALL)
    assert header.applies_to
    assert "tage" in header.mechanism
    assert header.expected
    put_in = any(point.follows_from == "assumption" for point in header.points)
    assert put_in or all(one.kind == "structure" for one in header.expected)
    for one in header.expected:
        assert one.measure in MEASURES
        assert set(one.group.split("=")[:1]) <= {"", *MEASURES[one.measure].groups}, one


@cache
def plain(scenario: str, world: str | None = None) -> Scenario:
    """A scenario without reforms."""
    return load_scenario(scenario, world=world)


@pytest.mark.parametrize("name", REFORMS)
@pytest.mark.parametrize("baseline", SMALL)
def test_a_reform_loads_where_it_says_and_nowhere_else(name: str, baseline: str) -> None:
    for scenario in (baseline, SMALL[baseline]):
        if baseline not in REFORMS[name].applies_to:
            with pytest.raises(ScenarioError, match="in_force_on: found no date from"):
                load_scenario(scenario, reforms=[name])
            continue
        for world in plain(scenario).baseline.worlds or ():
            made = load_scenario(scenario, world=world, reforms=[name])
            assert made.plan != plain(scenario, world).plan, "it changes nothing"
            assert made.reforms[name].in_force_on == REFORMS[name].in_force_on[baseline]  # type: ignore[index]


# --- together -----------------------------------------------------------------------------------------------------------


def laid_by(baseline: str, name: str) -> list[Laid]:
    """What a reform does to numbers, as laid over a baseline."""
    changes = load_scenario(baseline, reforms=[name]).changes
    return [Laid(c.source, c.operation, c.key, c.steps) for c in changes if Path(c.source).stem == name]


@pytest.mark.parametrize("baseline", SMALL)
def test_no_two_reforms_clash(baseline: str) -> None:
    laid = {name: laid_by(baseline, name) for name in reforms_for(baseline)}
    assert not [pair for pair in combinations(laid, 2) if clashes([*laid[pair[0]], *laid[pair[1]]])]


@pytest.mark.parametrize("baseline", [*SMALL, *SMALL.values()])
def test_all_can_be_laid_together_in_any_order(baseline: str) -> None:
    names = reforms_for(baseline)
    for world in plain(baseline).baseline.worlds or ():
        one, other = (load_scenario(baseline, world=world, reforms=order).plan for order in (names, names[::-1]))
        assert one == other


# --- the way things go --------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Asked:
    """An expectation of a reform, and where it is looked for: the first baseline that the reform is written for."""

    name: str
    one: Expectation
    baseline: str
    world: str
    busy: bool


def asked() -> Iterator[Asked]:
    """Every expectation of every reform."""
    for name, header in REFORMS.items():
        baseline = header.applies_to[0]
        worlds = plain(baseline).baseline.worlds or ()
        for one in header.expected:
            yield Asked(name, one, baseline, one.world or worlds[0], one.measure in HEARD)


@cache
def differences(baseline: str, world: str, busy: bool) -> pd.DataFrame:
    """Paired differences to the small force, of each reform of which something is expected there and of its opposite."""
    names = sorted({one.name for one in asked() if (one.baseline, one.world, one.busy) == (baseline, world, busy)})
    study = compare(
        SMALL[baseline], names, worlds=[world], replications=REPLICATIONS, settings=BUSY if busy else None, workers=1
    )
    return study.differences


class Change(NamedTuple):
    """How much further a figure went, with the interval of computing."""

    mean: float
    low: float
    high: float

    def goes(self, direction: str) -> bool:
        """Whether it went that way; `none` if the interval holds nothing."""
        return {"down": self.mean < 0, "up": self.mean > 0, "none": self.low <= 0 <= self.high}[direction]


def change(one: Asked, label: str) -> Change | None:
    """Of the whole window or of its last day; None if nothing of that label was run."""
    table, wanted = differences(one.baseline, one.world, one.busy), one.one
    if label not in set(table["scenario"]):
        return None
    told = {
        "scenario": label,
        "measure": wanted.measure,
        "group": wanted.group,
        "counted": wanted.counted or MEASURES[wanted.measure].counted[0],
        "basis": wanted.basis or MEASURES[wanted.measure].basis[0],
    }
    for column, value in told.items():
        table = table[table[column] == value]
    whole = table[table["period"].str.contains("/")]
    row = (whole if len(whole) else table).iloc[-1]
    return Change(row["mean"], row["low"], row["high"])


OTHER_WAY = {"down": "up", "up": "down", "none": "none"}


def wrong_ways() -> Iterator[str]:
    for one in asked():
        went = change(one, one.name)
        if went is None or not went.goes(one.one.direction):
            yield f"{one.name}: {expectation(one.one)}, but it went {went}"


def wrong_opposites() -> Iterator[str]:
    """Assumed effects that do not turn round, and switches that do or do not say that they cannot."""
    for one in asked():
        if one.one.kind == "assumption":
            went = change(one, one.name + OPPOSITE)
            said = "no opposite" in REFORMS[one.name].description
            if (went is None) != said:
                yield f"{one.name}: its description {'says' if said else 'does not say'} that it has no opposite"
            elif went is not None and not went.goes(OTHER_WAY[one.one.direction]):
                yield f"{one.name}: {expectation(one.one)}, and the other way round it went {went}"


@pytest.mark.slow
def test_paired_futures_go_the_way_that_is_expected_and_assumed_effects_turn_round() -> None:
    """One test, so that nothing is played twice; it tells of all that is wrong at once."""
    wrong = [*wrong_ways(), *wrong_opposites()]
    assert not wrong, "\n".join(wrong)


# --- the page, and mistakes ---------------------------------------------------------------------------------------------


def test_the_page_of_levers_is_the_one_that_the_files_make() -> None:
    assert PAGE.read_text(encoding="utf-8") == page(), "python tests/levers_page.py writes it anew"


def test_how_many_posts_are_lent_for_a_year_is_said_of_every_world() -> None:
    description = " ".join(reforms()["backlog_surge"].description.split())
    told = {}
    for baseline in ("casey_2022", "today"):
        for world in ("slack", "psu_saturated", "dps_saturated"):
            without, with_it = (load_scenario(baseline, world=world, reforms=laid) for laid in ((), ("backlog_surge",)))
            day = with_it.reforms["backlog_surge"].in_force_on
            assert day is not None
            posts = [
                value_on(one.numbers[key], day)
                for one in (with_it, without)
                for key in ("psu.investigators", "dps.investigators")
            ]
            told[baseline, world] = f"{posts[0] + posts[1] - posts[2] - posts[3]:g}"
    mine, other = (
        [told[baseline, world] for world in ("slack", "psu_saturated", "dps_saturated")]
        for baseline in ("casey_2022", "today")
    )
    assert (
        f"in casey_2022 {mine[0]} more in slack, {mine[1]} in psu_saturated and {mine[2]} in dps_saturated"
        in description
    )
    assert f"in today {other[0]}, {other[1]} and {other[2]}." in description


def test_a_measure_and_a_scenario_that_do_not_exist_are_told_with_the_nearest_that_do(tmp_path: Path) -> None:
    text = (shipped_folder() / "reforms" / "caseload_cap.toml").read_text(encoding="utf-8")
    folder = tmp_path / "reforms"
    folder.mkdir()
    (folder / "mine.toml").write_text(
        text.replace('"slot_utilisation"', '"slot_utilization"').replace("today =", "todays ="), encoding="utf-8"
    )
    _, problems = validate([folder / "mine.toml"])
    told = {problem.key: problem.expected for problem in problems}
    assert set(told) == {"expected[0].measure", "in_force_on.todays"}
    assert told["expected[0].measure"] == "a known one; did you mean 'slot_utilisation'?"
    assert told["in_force_on.todays"] == "a known one; did you mean 'today'?"
