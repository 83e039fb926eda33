"""Where did the days go? Each midnight of a case has one owner, and they add up."""

from datetime import date, timedelta
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from test_measures import COHORT, EXTRACT, MISCONDUCT, NODES, PUBLIC, Event, Row, a_plan, a_record, took, value

from sim.measures import ledger, measure
from sim.plan import MINUTES_A_DAY, Kind, Plan, TimeIs
from sim.record import Record, What

RECEIVED = date(2014, 1, 1)
OWN, WAITING = "own_work", "waiting_for_own_staff"
OFFICER, WITNESSES, PAUSE, LISTING = "officer_and_representatives", "victim_and_witnesses", "legal_pause", "listing"


def day(number: int, hour: int = 0) -> int:
    """The minute, in the plan of `a_plan`, so many days after receipt."""
    return (RECEIVED + timedelta(days=number) - date(2013, 1, 1)).days * MINUTES_A_DAY + hour * 60


def days_of(events: list[Event], days: int | None, **case: object) -> dict[tuple[str, str, str], int]:
    """Owner, kind and stage of the days of one case."""
    row: Row = took(days, RECEIVED, **case) if days is not None else {"received_on": RECEIVED, **case}
    plan = a_plan()
    table = ledger(plan, a_record(plan, [row], events=events))
    return {(r.owner, r.kind, r.stage): r.days for r in table.itertuples()}


def test_a_case_is_followed_through_its_states() -> None:
    events = [
        (day(0, 9), 0, 0, "allocate", What.ARRIVED),
        (day(0, 9), 0, 0, "allocate", What.QUEUED),
        (day(10, 9), 0, 0, "allocate", What.ALLOCATED),
        (day(10, 9), 0, 0, "investigate", What.ASKED),
        (day(14, 9), 0, 0, "investigate", What.STARTED),
        (day(16, 17), 0, 0, "investigate", What.WORKED),
        (day(16, 17), 0, 0, "await the officer", What.WAITS),
        (day(30, 12), 0, 0, "await the trial", What.HELD),
        (day(60, 12), 0, 0, "advice", What.ASKED),
        (day(65, 12), 0, 0, "advice", What.STARTED),
        (day(70, 12), 0, 0, "hear", What.BOOKED),
        (day(100, 16), 0, 0, "end", What.LEFT),
    ]
    assert days_of(events, 100) == {
        ("local units", WAITING, "allocate"): 10,
        ("local units", WAITING, "investigate"): 4,
        ("local units", OWN, "investigate"): 2,
        ("officer", OFFICER, "await the officer"): 14,
        ("courts", PAUSE, "await the trial"): 30,
        ("legal services", "another_body", "advice"): 10,  # not the force's own staff, waiting or working
        ("panels", LISTING, "hear"): 30,
    }


def test_a_midnight_belongs_to_what_had_been_going_on() -> None:
    """The officer answers at 00:00 of day 5, and the case ends at 00:00 of day 8."""
    events = [
        (day(0, 9), 0, 0, "await the officer", What.WAITS),
        (day(5), 0, 0, "investigate", What.STARTED),
        (day(8), 0, 0, "end", What.LEFT),
    ]
    assert days_of(events, 8) == {("officer", OFFICER, "await the officer"): 5, ("local units", OWN, "investigate"): 3}


def test_an_open_case_is_followed_to_the_extract_date() -> None:
    events = [(day(0, 9), 0, 0, "await the trial", What.HELD)]
    assert days_of(events, None) == {("courts", PAUSE, "await the trial"): (EXTRACT - RECEIVED).days}


def test_a_case_that_ends_on_the_day_it_came_has_no_midnight() -> None:
    assert days_of([(day(0), 0, 0, "investigate", What.STARTED), (day(0, 9), 0, 0, "end", What.LEFT)], 0) == {}


def test_the_earliest_kind_of_time_wins_where_several_tokens_are_alive() -> None:
    """The parent joins two children: one waits for the officer for 20 days, the other is worked on for the last 5 of its 10."""
    events = [
        (day(0, 9), 0, 0, "split", What.ARRIVED),
        (day(0, 9), 0, 1, "await the officer", What.ARRIVED),
        (day(0, 9), 0, 0, "split", What.FORKED, 1),
        (day(0, 9), 0, 2, "await the trial", What.ARRIVED),
        (day(0, 9), 0, 0, "split", What.FORKED, 2),
        (day(0, 9), 0, 0, "all back", What.JOINING),
        (day(0, 9), 0, 1, "await the officer", What.WAITS),
        (day(0, 9), 0, 2, "await the trial", What.HELD),
        (day(5, 9), 0, 2, "investigate", What.STARTED),
        (day(10, 9), 0, 2, "end", What.LEFT),
        (day(20, 9), 0, 1, "end", What.LEFT),
        (day(20, 9), 0, 0, "hear", What.BOOKED),
        (day(30, 9), 0, 0, "end", What.LEFT),
    ]
    assert days_of(events, 30) == {
        ("officer", OFFICER, "await the officer"): 5 + 10,  # before a pause by law
        ("local units", OWN, "investigate"): 5,
        ("panels", LISTING, "hear"): 10,
    }


def test_of_two_tokens_with_the_same_kind_of_time_the_lower_has_it() -> None:
    events = [
        (day(0), 0, 0, "split", What.FORKED, 1),
        (day(0), 0, 1, "advice", What.STARTED),
        (day(0), 0, 0, "split", What.FORKED, 2),
        (day(0), 0, 2, "investigate", What.STARTED),
        (day(0), 0, 0, "all back", What.JOINING),
        (day(4, 9), 0, 2, "end", What.LEFT),
        (day(4, 9), 0, 1, "end", What.LEFT),
    ]
    both_own = [(*row[:3], "investigate", *row[4:]) if row[3] == "advice" else row for row in events]
    assert days_of(events, 4) == {("local units", OWN, "investigate"): 4}  # own work goes before another body's
    assert days_of(both_own, 4) == {("local units", OWN, "investigate"): 4}


def test_a_side_token_and_whatever_it_forks_own_nothing() -> None:
    events = [
        (day(0), 0, 0, "side track", What.FORKED, 1),
        (day(0), 0, 1, "split", What.FORKED, 2),
        (day(0), 0, 1, "investigate", What.STARTED),
        (day(0), 0, 2, "investigate", What.STARTED),
        (day(0), 0, 0, "hear", What.BOOKED),
        (day(9, 9), 0, 0, "end", What.LEFT),
    ]
    assert days_of(events, 9) == {("panels", LISTING, "hear"): 9}


def test_a_midnight_in_which_nobody_did_anything_goes_to_what_ended_last() -> None:
    """The token is finished on day 3 and the case only on day 5."""
    events = [
        (day(0), 0, 0, "await the officer", What.WAITS),
        (day(2, 9), 0, 0, "investigate", What.STARTED),
        (day(3, 9), 0, 0, "end", What.LEFT),
    ]
    assert days_of(events, 5) == {
        ("officer", OFFICER, "await the officer"): 2,
        ("local units", OWN, "investigate"): 1 + 2,
    }


def test_an_outside_wait_goes_on_while_the_case_gets_a_new_investigator() -> None:
    events = [
        (day(0), 0, 0, "await the officer", What.WAITS),
        (day(3, 9), 0, 0, "await the officer", What.ALLOCATED),
        (day(8, 9), 0, 0, "end", What.LEFT),
    ]
    assert days_of(events, 8) == {("officer", OFFICER, "await the officer"): 8}


def test_a_case_of_which_no_event_tells_is_refused() -> None:
    plan = a_plan()
    record = a_record(plan, [took(3), took(3)], events=[(date(2013, 6, 1), 1, 0, "hear", What.BOOKED)])
    with pytest.raises(ValueError, match="case 0"):
        ledger(plan, record)


def test_only_internal_recorded_cases_of_the_window_are_in_the_ledger() -> None:
    plan = a_plan()
    cases = [
        took(3),
        took(3, stream=PUBLIC),
        took(3, recorded="no"),
        took(3, date(2013, 2, 1)),
        took(3, date(2015, 5, 1)),
    ]
    events = [(plan.minute(case["received_on"]), number, 0, "hear", What.BOOKED) for number, case in enumerate(cases)]
    assert set(ledger(plan, a_record(plan, cases, events=events))["case"]) == {0}


def test_days_by_kind_add_up_to_the_headline() -> None:
    """Case 0 (two allegations): 4 days officer, 6 listing. Case 1 (one): 20 listing. Case 2 is open, and left out."""
    plan = a_plan()
    start = plan.minute(RECEIVED)
    events = [
        (start, 0, 0, "await the officer", What.WAITS),
        (start, 1, 0, "hear", What.BOOKED),
        (start, 2, 0, "hear", What.BOOKED),
        (start + 4 * MINUTES_A_DAY, 0, 0, "hear", What.BOOKED),
        (start + 10 * MINUTES_A_DAY, 0, 0, "end", What.LEFT),
        (start + 20 * MINUTES_A_DAY, 1, 0, "end", What.LEFT),
    ]
    cases = [took(10, RECEIVED), took(20, RECEIVED), {"received_on": RECEIVED}]
    record = a_record(plan, cases, allegations=[{"subject": s} for s in (0, 0, 1, 2)], events=events)
    table = measure(plan, record)
    assert value(table, "days_in_officer_and_representatives") == 2 * 4 / 3
    assert value(table, "days_in_listing") == (2 * 6 + 20) / 3
    assert value(table, "days_in_listing", group="owner=panels") == (2 * 6 + 20) / 3
    assert value(table, "days_in_listing", group="stage=hear") == (2 * 6 + 20) / 3
    assert value(table, "days_in_own_work", group="stage=investigate") == 0
    kinds = sum(value(table, f"days_in_{kind.name.lower()}") for kind in TimeIs)
    assert kinds == pytest.approx(value(table, "mean_days_to_finalise", **COHORT))


# --- any record -------------------------------------------------------------------------------------------------------

STATES = [
    ("allocate", What.QUEUED),
    ("allocate", What.ALLOCATED),
    ("investigate", What.ASKED),
    ("investigate", What.STARTED),
    ("advice", What.STARTED),
    ("await the officer", What.WAITS),
    ("await the witness", What.WAITS),
    ("await the trial", What.HELD),
    ("hear", What.BOOKED),
    ("all back", What.JOINING),
]

lasts = (
    st.integers(0, 4 * MINUTES_A_DAY)
    | st.integers(0, 4).map(lambda days: days * MINUTES_A_DAY)
    | st.just(100 * MINUTES_A_DAY)
)
walk = st.lists(st.tuples(st.sampled_from(STATES), lasts), min_size=1, max_size=6)


@st.composite
def played(draw: st.DrawFn) -> Record:
    """Cases whose tokens wander through any states, for any times, and end or stay; a token may fork others."""
    plan = a_plan()
    cases, events = [], []
    for number in range(draw(st.integers(1, 4))):
        received = plan.minute(RECEIVED) + draw(st.integers(0, 3 * MINUTES_A_DAY))
        ends = received + draw(lasts) + draw(lasts) + draw(lasts)
        open_ = draw(st.booleans()) and draw(st.booleans())
        cases.append({"received_on": received} if open_ else {"received_on": received, "finalised_on": ends})
        began = [received]
        for token in range(draw(st.integers(1, 4))):
            minute = received
            if token:
                parent = draw(st.integers(0, token - 1))
                minute = began[parent] + draw(lasts)
                began.append(minute)
                fork = draw(st.sampled_from(["split", "side track"]))
                events.append((minute, number, token, "split", What.ARRIVED))
                events.append((minute, number, parent, fork, What.FORKED, token))
            for (node, what), duration in draw(walk):
                events.append((minute, number, token, node, what))
                minute += duration
            if token == 0:  # of every case something is told
                events.append((minute, number, 0, *draw(st.sampled_from(STATES[:-1]))))
            elif draw(st.booleans()):
                events.append((minute, number, token, "end", What.LEFT))
    return a_record(plan, cases, events=sorted(events, key=lambda event: event[0]))


Stretch = tuple[int, int, int, int, int, int]
"""Case, token, first minute, last minute, node, what."""


def stretches_by_hand(record: Record) -> list[Stretch]:
    """What each token of the main line did, in the order of cases, tokens and time; the last of it until play ended."""
    rows = list(
        zip(*(record.events[c].tolist() for c in ("minute", "case", "token", "node", "what", "value")), strict=True)
    )
    side: set[tuple[int, int]] = set()
    for _, case, token, node, what, made in rows:
        if what == What.FORKED and (NODES[node].side or (case, token) in side):
            side.add((case, made))
    moves = sorted(
        (row for row in rows if row[4] != What.FORKED and (row[1], row[2]) not in side), key=lambda row: row[1:3]
    )
    return [
        (row[1], row[2], row[0], after[0] if after and after[1:3] == row[1:3] else record.ended_at, row[3], row[4])
        for row, after in zip(moves, [*moves[1:], None], strict=True)
    ]


def by_hand(plan: Plan, record: Record) -> dict[tuple[int, str, str, str], int]:
    """The same rules, one midnight at a time."""
    result: dict[tuple[int, str, str, str], int] = {}
    everything = [
        (case, start, end, token, *owner)
        for case, token, start, end, node, what in stretches_by_hand(record)
        if (owner := owner_by_hand(plan, node, what))
    ]
    for case, (received, finalised) in enumerate(
        zip(record.cases["received_on"], record.cases["finalised_on"], strict=True)
    ):
        extract = plan.observation.extract_on
        last = finalised if 0 <= finalised < extract else extract
        stretches = [stretch[1:] for stretch in everything if stretch[0] == case]
        for midnight in range((received // MINUTES_A_DAY + 1) * MINUTES_A_DAY, last + 1, MINUTES_A_DAY):
            alive = [s for s in stretches if s[0] < midnight <= s[1]]
            ended = [s for s in stretches if s[1] <= midnight]
            if alive:
                chosen = min(alive, key=lambda s: (s[3], s[2]))
            elif ended:
                chosen = [s for s in ended if s[1] == max(end for _, end, *_ in ended)][-1]
            else:
                chosen = min(stretches, key=lambda s: (s[1], s[2]))
            key = (case, chosen[4], TimeIs(chosen[3]).name.lower(), chosen[5])
            result[key] = result.get(key, 0) + 1
    return result


def owner_by_hand(plan: Plan, node: int, what: int) -> tuple[TimeIs, str, str] | None:
    here = NODES[node]
    if what in (What.WAITS, What.HELD, What.BOOKED):
        return here.time_is, here.owner, here.name
    if here.kind == Kind.WORK or what in (What.QUEUED, What.ALLOCATED):
        team = plan.teams[here.team]
        kind = TimeIs.OWN_WORK if what == What.STARTED else TimeIs.WAITING_FOR_OWN_STAFF
        return kind if team.own_staff else TimeIs.ANOTHER_BODY, team.owner, here.name
    return None


@settings(deadline=None, max_examples=150)
@given(played())
def test_the_ledger_is_what_counting_each_midnight_gives(record: Record) -> None:
    plan = a_plan()
    table = ledger(plan, record)
    assert {(r.case, r.owner, r.kind, r.stage): r.days for r in table.itertuples()} == by_hand(plan, record)


@settings(deadline=None, max_examples=50)
@given(played())
def test_the_ledger_of_a_case_adds_up_to_its_days(record: Record) -> None:
    plan = a_plan()
    table = ledger(plan, record)
    ended = record.cases["finalised_on"]
    end = np.where((ended < 0) | (ended >= plan.observation.extract_on), plan.observation.extract_on, ended)
    elapsed = end // MINUTES_A_DAY - record.cases["received_on"] // MINUTES_A_DAY
    given_ = table.groupby("case")["days"].sum().reindex(range(len(elapsed)), fill_value=0)
    assert list(given_) == list(elapsed)
    assert (table["days"] > 0).all()

    figures = measure(plan, record)
    kinds = figures[figures["measure"].str.startswith("days_in_") & figures["group"].eq("")]
    mean = value(figures, "mean_days_to_finalise", **COHORT)
    assert kinds["value"].sum(skipna=False) == pytest.approx(mean, nan_ok=True)
    owners = figures[figures["measure"].eq("mean_days_by_owner")]
    assert owners["value"].sum(skipna=False) == pytest.approx(mean, nan_ok=True)


@settings(deadline=None, max_examples=100)
@given(played())
def test_cases_without_a_slot_are_those_with_a_main_token_in_a_queue(record: Record) -> None:
    plan = a_plan()
    table = measure(plan, record)
    stock = table[table["measure"].eq("unallocated_cases") & table["group"].eq("")]
    queued = [(case, start, end) for case, _, start, end, _, what in stretches_by_hand(record) if what == What.QUEUED]
    for day, waiting in zip(stock["period"], stock["value"], strict=True):
        midnight = plan.minute(date.fromisoformat(day)) + MINUTES_A_DAY
        assert waiting == len({case for case, start, end in queued if start < midnight <= end}), day
        streams = table[table["measure"].eq("unallocated_cases") & table["period"].eq(day)]
        assert waiting == streams.loc[streams["group"].str.startswith("stream="), "value"].sum(), day


@settings(deadline=None, max_examples=50)
@given(played(), st.sampled_from([np.int8, np.int16, np.int32]))
def test_events_may_be_kept_in_narrow_columns(record: Record, narrow: type[np.signedinteger[Any]]) -> None:
    plan = a_plan()
    wide = {"minute": np.int32, "value": np.int32}
    events = {name: column.astype(wide.get(name, narrow)) for name, column in record.events.items()}
    narrow_record = Record(**{**vars(record), "events": events})
    pd.testing.assert_frame_equal(measure(plan, narrow_record), measure(plan, record))
    pd.testing.assert_frame_equal(ledger(plan, narrow_record), ledger(plan, record))


def test_the_ledger_needs_no_attribute_but_the_date_of_receipt() -> None:
    plan = a_plan({"case.received_on": MISCONDUCT["case.received_on"]}, streams=("complaints",))
    record = a_record(plan, [{"received_on": RECEIVED}], events=[(RECEIVED, 0, 0, "hear", What.BOOKED)])
    expected = pd.DataFrame(
        {"case": [0], "owner": ["panels"], "kind": [LISTING], "stage": ["hear"], "days": [(EXTRACT - RECEIVED).days]}
    )
    pd.testing.assert_frame_equal(ledger(plan, record), expected)
