"""What did it cost, and who paid? Posts, sitting days and days of suspension, costed by hand."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from test_measures import LAW, NODES, PLACE, PUBLIC, START, WINDOW, Event, a_plan, a_record, a_team, took, value

from sim.engines import reference
from sim.evidence import load_evidence
from sim.measures import labels, measure, money
from sim.pathway.misconduct import PATHWAY
from sim.plan import MINUTES_A_DAY, Diary, Plan
from sim.record import What
from sim.scenario import load_scenario

FIRST, SECOND = "2013-14", "2014-15"
LAST_DAY = date(2014, 3, 31)
"""The last day of the first financial year, a Monday."""
POST = 60_000.0


def at(day: date, hour: int = 0) -> int:
    return (day - START).days * MINUTES_A_DAY + 60 * hour


def waiting(cases: int) -> list[Event]:
    return [(0, case, 0, "await the officer", What.WAITS) for case in range(cases)]


def costs(plan: Plan, events: list[Event] | None = None, cases: int = 1, **exposure: Any) -> pd.DataFrame:
    """Figures of a record in which nothing happened but these events; until then every case waits for the officer."""
    events = waiting(cases) + (events or [])
    return measure(plan, a_record(plan, [took(500)] * cases, events=events, exposure=exposure))


def priced(prices: Mapping[str, float | Mapping[date, float]]) -> Mapping[str, Mapping[date, float]]:
    """`LAW` with these unit costs."""
    steps = {name: price if isinstance(price, Mapping) else {START: price} for name, price in prices.items()}
    return {**LAW, **{f"costs.{name}": step for name, step in steps.items()}}


# --- posts --------------------------------------------------------------------------------------------------


def test_a_post_that_is_there_for_a_financial_year_costs_its_unit_cost_exactly() -> None:
    table = costs(a_plan(posts=4))
    assert value(table, "cost", group="item=investigators", period=FIRST) == 4 * POST
    assert value(table, "cost", group="item=investigators", period=SECOND) == 4 * POST
    assert value(table, "cost", group="item=investigators") == 2 * 4 * POST
    assert value(table, "cost") == 2 * 4 * POST


@given(st.integers(0, 40), st.integers(0, 40))
@settings(deadline=None, max_examples=10)
def test_more_posts_cost_posts_times_unit_cost_times_years_more(posts: int, more: int) -> None:
    one, other = (value(costs(a_plan(posts=float(number))), "cost") for number in (posts, posts + more))
    assert other - one == more * POST * 2


def test_a_post_that_comes_within_a_year_costs_the_days_it_is_there() -> None:
    comes = date(2014, 10, 1)
    there = (date(2015, 4, 1) - comes).days
    table = costs(a_plan(posts={date(2010, 1, 1): 4.0, comes: 6.0}))
    assert value(table, "cost", period=FIRST) == 4 * POST
    assert value(table, "cost", period=SECOND) == pytest.approx((4 + 2 * there / 365) * POST)


def test_a_unit_cost_holds_from_its_own_day() -> None:
    dearer = date(2014, 10, 1)
    after = (date(2015, 4, 1) - dearer).days
    law = priced({"psu_investigator": {date(2010, 1, 1): POST, dearer: 2 * POST}})
    table = costs(a_plan(law=law, posts=1))
    assert value(table, "cost", period=FIRST) == POST
    assert value(table, "cost", period=SECOND) == pytest.approx(POST * (1 + after / 365))


def test_of_a_part_of_a_job_only_what_is_used_counts() -> None:
    """Two decision-makers may give a quarter of their time, and two fifths of that was used."""
    law = {**priced({"decision_maker": 100_000.0}), "authority.productive_share": {START: 0.25}}
    plan = a_plan(law=law, posts=2)
    plan = replace(plan, teams=(a_team("appropriate_authority", "force", 0, -1), plan.teams[1]))
    months = np.full(33, 100.0)
    exposure = {"busy_minutes.appropriate_authority": 0.4 * months, "open_minutes.appropriate_authority": months}
    table = costs(plan, **exposure)
    assert value(table, "cost", group="item=decision_makers", period=FIRST) == pytest.approx(2 * 0.25 * 0.4 * 100_000)
    assert value(table, "cost", group="kind=opportunity") == value(table, "cost")
    assert "cost" not in set(costs(plan)["measure"])  # how much was used is not told


# --- officers away ------------------------------------------------------------------------------------------


def suspended(case: int, since: int, until: int) -> list[Event]:
    return [(since, case, 1, "suspended", What.WAITS), (until, case, 1, "end", What.LEFT)]


def test_pay_during_suspension_is_an_item_of_its_own_and_cover_is_another() -> None:
    """Ten midnights, of 36,500 a year in pay; half of the duties are covered at 73,000 a year."""
    plan = a_plan(posts=0)
    table = costs(plan, suspended(0, at(date(2014, 5, 1), 9), at(date(2014, 5, 11), 9)))
    assert value(table, "officer_days_suspended", period=SECOND) == 10
    assert value(table, "cost", group="item=suspension_pay", period=SECOND) == pytest.approx(10 * 100)
    assert value(table, "cost", group="item=backfill", period=SECOND) == pytest.approx(10 * 0.5 * 200)
    assert value(table, "cost", group="kind=opportunity") == pytest.approx(1000)
    assert value(table, "cost", group="kind=cashable") == pytest.approx(1000)
    assert value(table, "cost", period=FIRST) == 0


@settings(deadline=None, max_examples=25)
@given(st.integers(0, 700), st.integers(0, 300), st.integers(1, 300))
def test_no_cost_of_any_kind_falls_because_somebody_is_suspended_longer(begins: int, days: int, longer: int) -> None:
    plan, first = a_plan(), date(2013, 4, 1) + timedelta(days=begins)
    until = (min(first + timedelta(days=length), date(2015, 9, 30)) for length in (days, days + longer))
    one, other = (costs(plan, suspended(0, at(first, 9), at(max(last, first), 10))) for last in until)
    assert list(one["measure"]) == list(other["measure"])
    mine = one["measure"].isin(["cost", "discounted_cost"])
    assert (other.loc[mine, "value"] >= one.loc[mine, "value"]).all()
    posts = mine & one["group"].eq("item=investigators")
    assert other.loc[posts, "value"].equals(one.loc[posts, "value"])


# --- sitting days -------------------------------------------------------------------------------------------

CHAIR, MEMBER, ADVISER = 500.0, 300.0, 511.0


def a_hearing(node: str = "hear") -> Plan:
    """Posts cost nothing; a chair and two members sit."""
    law = priced(
        {"psu_investigator": 0.0, "legally_qualified_chair": CHAIR, "panel_member": MEMBER, "legal_adviser": ADVISER}
    )
    diaries = (Diary("legally_qualified_chairs", "panels", 0, 0), Diary("panel_members", "panels", 0, 0))
    hear = replace(NODES[PLACE["hear"]], name=node, diaries=((0, 1), (1, 2)))
    nodes = tuple(hear if one.name == "hear" else one for one in NODES)
    return replace(a_plan(law=law), diaries=diaries, nodes=nodes)


def hearing(first: date, ends: int, case: int = 0, booked: date = date(2014, 1, 6)) -> list[Event]:
    return [(at(booked, 9), case, 0, "hear", What.BOOKED, at(first, 9)), (ends, case, 0, "end", What.LEFT)]


def test_each_day_sat_costs_every_place_in_a_diary_on_the_day() -> None:
    """A Monday and a Tuesday, on either side of the year's end."""
    table = costs(a_hearing(), hearing(LAST_DAY, at(date(2014, 4, 1), 17)))
    for period, days in ((FIRST, 1), (SECOND, 1), (WINDOW, 2)):
        assert value(table, "cost", group="item=chairs", period=period) == days * CHAIR
        assert value(table, "cost", group="item=panel_members", period=period) == days * 2 * MEMBER
        assert value(table, "cost", group="payer=local_policing_body", period=period) == days * (CHAIR + 2 * MEMBER)


def test_days_on_which_nobody_sits_cost_nothing() -> None:
    table = costs(a_hearing(), hearing(date(2014, 5, 2), at(date(2014, 5, 5), 17)))  # a Friday and a Monday
    assert value(table, "cost", group="item=chairs") == 2 * CHAIR


def test_a_hearing_called_off_costs_the_days_that_were_used() -> None:
    first = date(2014, 5, 6)
    before = costs(a_hearing(), hearing(first, at(date(2014, 5, 1), 12)))
    on_the_day = costs(a_hearing(), hearing(first, at(first, 12)))
    assert value(before, "cost", group="item=chairs") == 0
    assert value(on_the_day, "cost", group="item=chairs") == CHAIR


def test_two_hearings_cost_as_much_as_each() -> None:
    plan = a_hearing()
    one, other = (
        hearing(date(2014, 5, 6), at(date(2014, 5, 7), 17)),
        hearing(date(2014, 6, 3), at(date(2014, 6, 3), 17), 1),
    )
    both = sorted([*one, *other], key=lambda event: event[0])
    apart = [value(costs(plan, events, cases=2), "cost") for events in (one, other)]
    assert value(costs(plan, both, cases=2), "cost") == sum(apart) > 0


def test_a_chief_officer_has_an_adviser_beside_the_chair() -> None:
    plan = a_hearing("chief_officer_hearing")
    table = costs(plan, hearing(date(2014, 5, 6), at(date(2014, 5, 7), 17)))
    assert value(table, "cost", group="item=legal_advisers") == 2 * ADVISER
    assert "item=legal_advisers" not in set(labels(a_hearing())["group"])


# --- sums, discounting, cases -------------------------------------------------------------------------------


def split(table: pd.DataFrame, part: str) -> dict[str, float]:
    """The sum over the groups of one part, by period."""
    mine = table[table["measure"].eq("cost") & table["group"].str.startswith(f"{part}=")]
    return {str(period): float(total) for period, total in mine.groupby("period")["value"].sum().items()}


def test_items_payers_and_kinds_each_add_up_to_the_whole_and_years_to_the_window() -> None:
    events = hearing(LAST_DAY, at(date(2014, 4, 1), 17)) + suspended(
        0, at(date(2014, 5, 1), 9), at(date(2014, 8, 1), 9)
    )
    table = costs(a_hearing(), sorted(events, key=lambda event: event[0]))
    whole = {period: value(table, "cost", period=period) for period in (FIRST, SECOND, WINDOW)}
    for part in ("item", "payer", "kind"):
        assert split(table, part) == pytest.approx(whole)
    assert whole[FIRST] + whole[SECOND] == pytest.approx(whole[WINDOW])
    assert whole[FIRST] > 0


def test_only_the_discounted_total_is_discounted_and_the_first_year_is_not() -> None:
    table = costs(a_plan(posts=4))  # a rate of a quarter
    assert value(table, "discounted_cost") == pytest.approx(4 * POST * (1 + 1 / 1.25))
    assert value(table, "cost") == 2 * 4 * POST


def test_the_cost_of_a_case_is_over_all_streams_and_null_where_none_was_finalised() -> None:
    plan = a_plan(posts=4)
    finished = [took(100), took(100, stream=PUBLIC), took(9000)]  # the third is open at the extract date
    table = measure(plan, a_record(plan, finished, events=waiting(3)))
    assert value(table, "cases_finalised_in_every_stream", period=FIRST) == 2
    assert value(table, "cost_per_finalised_case", period=FIRST) == 4 * POST / 2
    assert value(table, "cases_finalised_in_every_stream", period=SECOND) == 0
    assert np.isnan(value(table, "cost_per_finalised_case", period=SECOND))


def test_where_no_unit_cost_stands_there_is_no_cost() -> None:
    plan = a_plan(law={name: steps for name, steps in LAW.items() if not name.startswith("costs.")})
    assert not {"cost", "discounted_cost", "cost_per_finalised_case"} & set(costs(plan)["measure"])


# --- the shipped pathway ------------------------------------------------------------------------------------

EVIDENCE = Path(__file__).resolve().parent.parent / "scenarios" / "evidence"
EVERY_LINE = (*money.POSTS.values(), *money.SITTINGS.values(), *money.BESIDE.values(), *money.AWAY)


def test_every_team_and_every_diary_costs_something_and_is_told() -> None:
    assert {team.name for team in PATHWAY.teams} == money.POSTS.keys()
    assert {diary.name for diary in PATHWAY.diaries} == money.SITTINGS.keys()
    assert money.BESIDE.keys() <= {node.name for node in PATHWAY.nodes}
    read = {key for line in EVERY_LINE for key in (line.price, line.part) if key} | {money.DISCOUNT_RATE}
    assert read == {key for key in PATHWAY.told if not key.startswith(("law.", "capacity."))}


def test_unit_costs_are_of_one_price_base_and_all_but_one_are_assumed_within_a_range() -> None:
    numbers = {key: one for key, one in load_evidence(EVIDENCE).numbers.items() if key.startswith("costs.")}
    published = set()
    for key, number in numbers.items():
        for step in number.steps:
            if number.unit.startswith("GBP"):
                assert "pounds of 2024-25" in step.because, key
            if step.grade == "published":
                published.add(key)
            else:
                assert step.grade == "assumed", key
                assert step.low < step.value < step.high, key
    assert published == {"costs.legal_adviser"}


def test_the_shipped_pathway_adds_up() -> None:
    plan = load_scenario("village", world="psu_saturated").plan
    table = measure(plan, reference.play(plan, 3, 0))
    windows = split(table, "item")
    whole = {period: value(table, "cost", period=period) for period in windows}
    for part in ("item", "payer", "kind"):
        assert split(table, part) == pytest.approx(whole)
    assert {group for group in table.loc[table["measure"].eq("cost"), "group"] if group.startswith("payer")} == {
        "payer=force",
        "payer=local_policing_body",
        "payer=iopc",
    }
    chairs = [
        value(table, "cost", group=f"item={item}", period=period) for item in ("chairs", "rooms") for period in whole
    ]
    assert min(chairs) >= 0 < max(chairs)
