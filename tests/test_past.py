"""A reform's future that begins where the base's past ends is the future from the start, digit for digit."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from sim.engines.past import same_until
from sim.engines.reference import go_on, play
from sim.record import Record
from sim.scenario import load_scenario
from sim.scenario.load import reforms_for

TABLES = ("events", "people", "cases", "subjects", "allegations", "exposure")


def equal(one: Record, two: Record) -> None:
    for table in TABLES:
        mine, others = getattr(one, table), getattr(two, table)
        assert mine.keys() == others.keys()
        for column, values in mine.items():
            assert values.tolist() == others[column].tolist(), (table, column)
    assert one.plan == two.plan


@pytest.mark.parametrize(
    "reform", ["fewer_returned_files", "lower_gross_misconduct_threshold", "one_pool_of_local_units"]
)
@pytest.mark.parametrize("world", ["slack", "psu_saturated"])
def test_going_on_from_the_past_gives_the_digits_of_a_play_from_the_start(
    reform: str, world: str, tmp_path: Path
) -> None:
    base = load_scenario("village", world=world).plan
    other = load_scenario("village", world=world, reforms=[reform]).plan
    minute = same_until(base, other)
    assert base.day(minute) == date(2016, 4, 1)
    past = tmp_path / "past"
    kept = play(base, 5, 1, keep={minute: past})
    equal(kept, play(base, 5, 1))
    whole, resumed = play(other, 5, 1), go_on(other, past)
    equal(whole, resumed)
    assert len(whole.events["minute"]) != len(kept.events["minute"])  # the reform did something


def test_going_on_under_the_same_plan_changes_nothing(tmp_path: Path) -> None:
    plan = load_scenario("village", world="dps_saturated").plan
    minute = plan.minute(date(2014, 7, 9))
    whole = play(plan, 2, keep={minute: tmp_path / "past"})
    equal(whole, go_on(plan, tmp_path / "past"))


def test_plans_that_differ_in_who_comes_or_in_diaries_share_no_past() -> None:
    base = load_scenario("village").plan
    for key, value in (("demand.internal_incidents@2018-04-01", "70"), ("hearings.rooms@2018-04-01", "2")):
        other = load_scenario("village", settings={key: value}).plan
        assert same_until(base, other) == 0


def test_a_law_that_attaches_to_the_day_of_receipt_shares_no_past() -> None:
    base = load_scenario("village").plan
    other = load_scenario("village", reforms=["chief_officer_chairs_sooner"]).plan
    assert same_until(base, other) == 0


def test_a_plan_shares_all_of_its_past_with_itself() -> None:
    plan = load_scenario("village").plan
    assert same_until(plan, plan) == plan.ends_at


def test_no_reform_shares_a_past_beyond_its_date() -> None:
    base = load_scenario("casey_2022").plan
    for name in reforms_for("casey_2022"):
        scenario = load_scenario("casey_2022", reforms=[name])
        starts_on = scenario.reforms[name].in_force_on
        assert starts_on is not None
        assert same_until(base, scenario.plan) in (0, base.minute(starts_on)), name
