"""What did it add up to? Small records made by hand, so that the arithmetic of every figure can be seen."""

import gc
import weakref
from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import date, timedelta
from typing import Any, NamedTuple

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from sim.measures import BASES, COLUMNS, MEASURES, labels, ledger, measure, values
from sim.measures.asked import asked_of
from sim.measures.durations import CURVE
from sim.measures.survival import first_at_most, product_limit, restricted_mean
from sim.plan import (
    MINUTES_A_DAY,
    PLAN_VERSION,
    UNSET,
    Attribute,
    Calendar,
    Clock,
    Dated,
    Kind,
    Node,
    Observation,
    Plan,
    Ref,
    Scope,
    Stream,
    Team,
    TimeIs,
)
from sim.record import EVENT_COLUMNS, Record, What

# --- plans and records by hand ----------------------------------------------------------------------------------------

DATE = "date"
MISCONDUCT: dict[str, tuple[str, ...] | str] = {
    "person.employment": ("officer", "staff"),
    "person.command": ("borough", "specialist", "headquarters"),
    "person.ethnicity": ("white", "black", "asian", "mixed", "other"),
    "person.sex": ("female", "male"),
    "person.gone": ("no", "dismissed", "resigned", "retired", "severance"),
    "person.gone_on": DATE,
    "person.leaves_on": DATE,
    "person.barred": ("no", "yes"),
    "case.received_on": DATE,
    "case.recorded": ("no", "yes"),
    "case.iopc_mode": ("none", "returned", "local", "directed", "independent"),
    "case.handled_by": ("nobody", "psu", "dps", "iopc"),
    "case.returned": (),
    "case.revised": (),
    "case.report_on": DATE,
    "case.finalised_on": DATE,
    "case.first_finalised_on": DATE,
    "case.reopened": (),
    "subject.case_to_answer": ("none", "misconduct", "gross"),
    "subject.route": (
        "none",
        "reflective_practice",
        "meeting",
        "hearing",
        "accelerated_hearing",
        "regulation_13",
        "staff_hearing",
        "vetting",
    ),
    "subject.chair": ("none", "senior_officer", "legally_qualified", "chief_officer"),
    "subject.outcome": (
        "open",
        "left",
        "no_action",
        "not_proved",
        "final_written_warning",
        "incompetence",
        "discharged",
        "vetting_removed",
        "would_have_been_dismissed",
        "dismissed_with_notice",
        "dismissed",
    ),
    "subject.former": ("no", "yes"),
    "subject.suspended_on": DATE,
    "subject.restricted_on": DATE,
    "subject.referred_on": DATE,
    "subject.heard_on": DATE,
    "subject.ended_on": DATE,
    "allegation.breach": ("equality_and_diversity", "sexual_misconduct", "other"),
    "allegation.decision": ("open", "no_case_to_answer", "case_to_answer", "other_end"),
}
QUEUES: dict[str, tuple[str, ...] | str] = {"case.received_on": DATE, "case.done_on": DATE}

START, WINDOW_FROM, WINDOW_TO, EXTRACT = date(2013, 1, 1), date(2013, 4, 1), date(2015, 4, 1), date(2015, 10, 1)
WINDOW = "2013-04-01/2015-03-31"

NODES = (
    Node("allocate", Kind.ASSIGN, team=0),
    Node("investigate", Kind.WORK, team=0),
    Node("advice", Kind.WORK, team=1),
    Node("await the officer", Kind.WAIT, owner="officer", time_is=TimeIs.OFFICER_AND_REPRESENTATIVES),
    Node("await the witness", Kind.WAIT, owner="witnesses", time_is=TimeIs.VICTIM_AND_WITNESSES),
    Node("await the trial", Kind.HOLD, owner="courts", time_is=TimeIs.LEGAL_PAUSE),
    Node("hear", Kind.BOOK, owner="panels", time_is=TimeIs.LISTING),
    Node("split", Kind.FORK),
    Node("side track", Kind.FORK, side=True),
    Node("all back", Kind.JOIN),
    Node("suspended", Kind.WAIT, owner="force", time_is=TimeIs.LEGAL_PAUSE),
    Node("restricted", Kind.WAIT, owner="force", time_is=TimeIs.LEGAL_PAUSE),
    Node("suspension_review", Kind.DECIDE),
    Node("restriction_review", Kind.DECIDE),
    Node("end", Kind.EXIT),
)
PLACE = {node.name: position for position, node in enumerate(NODES)}


def a_team(name: str, owner: str, posts: int, slots: int, *, own_staff: bool = True) -> Team:
    return Team(name, owner, 0, posts, slots, -1, -1, None, 1, (0,), Ref(Scope.CASE, 0), (), posts, -1, 2220, own_staff)


LAW = {
    "law.delay_reports": {date(2010, 1, 1): 0.0, date(2020, 2, 1): 1.0},
    "law.delay_report_first": {date(2010, 1, 1): 12.0},
    "law.delay_report_again": {date(2010, 1, 1): 6.0},
    "law.barred_list": {date(2010, 1, 1): 0.0, date(2014, 12, 15): 1.0},
    "costs.psu_investigator": {date(2010, 1, 1): 60_000.0},
    "costs.suspended_officer": {date(2010, 1, 1): 36_500.0},
    "costs.backfill": {date(2010, 1, 1): 73_000.0},
    "costs.backfilled_share": {date(2010, 1, 1): 0.5},
    "costs.discount_rate": {date(2010, 1, 1): 0.25},
}
"""Dated values that measures read; the barred list comes early, to lie within the window."""


class Limit(NamedTuple):
    """A clock by names; `within` is a number, or what it is from each day."""

    starts: str
    ends: str
    within: float | Mapping[date, float]
    attach: str | None = None
    working: bool = False
    counted: Scope = Scope.SUBJECT


LIMITS = {
    "to the hearing": Limit("subject.referred_on", "subject.heard_on", 30, working=True),
    "to the report": Limit("case.received_on", "case.report_on", 90, counted=Scope.CASE),
    "of each allegation": Limit("case.received_on", "subject.heard_on", 400, counted=Scope.ALLEGATION),
}


def a_plan(
    attributes: Mapping[str, tuple[str, ...] | str] = MISCONDUCT,
    *,
    streams: tuple[str, ...] = ("internal", "public", "probation"),
    starts: date = START,
    window: tuple[date, date] = (WINDOW_FROM, WINDOW_TO),
    extract: date = EXTRACT,
    posts: float | Mapping[date, float] = 4.0,
    law: Mapping[str, Mapping[date, float]] = LAW,
    limits: Mapping[str, Limit] | None = None,
) -> Plan:
    """A plan with these attributes; what measures do not read is left empty."""
    steps = posts if isinstance(posts, Mapping) else {starts: posts}

    def minute(day: date) -> int:
        return (day - starts).days * MINUTES_A_DAY

    def attribute(name: str) -> Ref:
        scope = name.partition(".")[0]
        return Ref(Scope[scope.upper()], [n for n in attributes if n.startswith(f"{scope}.")].index(name))

    def stepped(name: str, unit: str, steps: Mapping[date, float], attach: str | None = None) -> Dated:
        ref = attribute(attach) if attach else None
        return Dated(name, unit, tuple(minute(day) for day in steps), tuple(steps.values()), ref)

    values = [
        stepped("psu.posts", "posts", steps),
        Dated("psu.slots", "cases", (0,), (10.0,), None),
        *(stepped(name, "", changes) for name, changes in law.items()),
    ]
    clocks = []
    for name, limit in ((LIMITS if attributes is MISCONDUCT else {}) if limits is None else limits).items():
        within = limit.within if isinstance(limit.within, Mapping) else {starts: limit.within}
        values.append(stepped(f"within {name}", "working_days" if limit.working else "days", within, limit.attach))
        refs = (limit.counted, attribute(limit.starts), attribute(limit.ends))
        clocks.append(Clock(name, *refs, len(values) - 1, *((480, 0) if limit.working else (MINUTES_A_DAY, -1))))
    weekdays = "".join("01"[(starts + timedelta(days=day)).weekday() < 5] for day in range((extract - starts).days))

    return Plan(
        version=PLAN_VERSION,
        name="by hand",
        world="",
        title="",
        starts_on=starts,
        ends_at=minute(extract),
        observation=Observation(minute(window[0]), minute(window[1]), minute(extract)),
        attributes=tuple(
            Attribute(
                name,
                Scope[name.partition(".")[0].upper()],
                () if levels == DATE else tuple(levels),
                UNSET if levels == DATE else 0,
            )
            for name, levels in attributes.items()
        ),
        values=tuple(values),
        shapes=(),
        calendars=(Calendar("office", 540, 1020, weekdays),),
        teams=(a_team("psu", "local units", 0, 1), a_team("lawyers", "legal services", 0, -1, own_staff=False)),
        diaries=(),
        signals=(),
        nodes=NODES,
        guards=(),
        draws=(),
        copies=(),
        streams=tuple(Stream(name, 0, 0, 0.0, 0, 0, 0, -1, ()) for name in streams),
        population=None,
        received=attribute("case.received_on"),
        clocks=tuple(clocks),
    )


Row = Mapping[str, Any]
"""Values by attribute, levels by name and dates as dates; what is not said keeps its start."""

Event = tuple[Any, ...]
"""Day or minute, case, token, node, what, then perhaps value."""


def a_record(
    plan: Plan,
    cases: Iterable[Row] = (),
    subjects: Iterable[Row] = (),
    allegations: Iterable[Row] = (),
    people: Iterable[Row] = (),
    events: Iterable[Event] = (),
    exposure: Mapping[str, Any] | None = None,
) -> Record:
    """A record of these rows. Cases are recorded and internal, and have one subject with one allegation, unless said."""
    cases = [{"recorded": "yes", **case} for case in cases]
    subjects = list(subjects) or [{"case": number, "person": number} for number in range(len(cases))]
    allegations = list(allegations) or [{"subject": number} for number in range(len(subjects))]
    people = list(people) or [{}] * (1 + max((subject["person"] for subject in subjects), default=-1))
    allegations = [{"case": subjects[row["subject"]]["case"], **row} for row in allegations]

    def number(name: str, value: Any) -> int:
        if isinstance(value, date):
            return plan.minute(value)
        return plan.level(name, value) if isinstance(value, str) else int(value)

    def table(scope: Scope, rows: list[Row], *links: str) -> dict[str, Any]:
        columns = {
            a.name.partition(".")[2]: [number(a.name, row.get(a.name.partition(".")[2], a.start)) for row in rows]
            for a in plan.attributes
            if a.scope == scope
        }
        columns |= {link: [int(row.get(link, 0)) for row in rows] for link in links}
        return {name: np.asarray(column, dtype=np.int64) for name, column in columns.items()}

    rows = [
        (plan.minute(when) if isinstance(when, date) else when, case, token, PLACE[node], what, -1, *(value or (-1,)))
        for when, case, token, node, what, *value in events
    ]
    return Record(
        plan=plan.fingerprint,
        seed=0,
        replication=0,
        ended_at=plan.ends_at,
        events=dict(
            zip(EVENT_COLUMNS, np.asarray(rows, dtype=np.int64).reshape(-1, len(EVENT_COLUMNS)).T, strict=True)
        ),
        people=table(Scope.PERSON, people, "seat"),
        cases=table(Scope.CASE, cases, "stream"),
        subjects=table(Scope.SUBJECT, subjects, "case", "person"),
        allegations=table(Scope.ALLEGATION, allegations, "subject", "case"),
        exposure={name: np.asarray(rows, dtype=np.float64) for name, rows in (exposure or {}).items()},
    )


def took(days: int, received: date = date(2013, 6, 1), **more: Any) -> Row:
    """A case that took so many days."""
    return {"received_on": received, "finalised_on": received + timedelta(days=days), **more}


def value(
    table: pd.DataFrame, name: str, *, counted: str = "", basis: str = "", group: str = "", period: str = WINDOW
) -> float:
    """The one figure of that name; whoever leaves out what is counted or the basis says there is only one."""
    rows = table[(table["measure"] == name) & (table["group"] == group) & (table["period"] == period)]
    rows = rows[(rows["counted"] == (counted or rows["counted"])) & (rows["basis"] == (basis or rows["basis"]))]
    assert len(rows) == 1, f"{len(rows)} rows of {name} {counted} {basis} {group} {period}"
    return float(rows["value"].iloc[0])


COHORT = {"counted": "allegation", "basis": "received_cohort"}
PUBLIC, PROBATION = 1, 2


# --- the registry -----------------------------------------------------------------------------------------------------


def a_full_record(plan: Plan) -> Record:
    """A record that has every table but few rows."""
    teams = {f"{name}.psu": np.ones(33) for name in ("busy_minutes", "open_minutes", "slots_held", "slots")}
    return a_record(
        plan,
        cases=[took(100)],
        events=[(date(2013, 6, 1), 0, 0, "allocate", What.QUEUED), (date(2013, 9, 9), 0, 0, "end", What.LEFT)],
        exposure={"person_days.ethnicity": np.ones((4, 5)), "person_days.sex": np.ones((4, 2)), **teams},
    )


def everything() -> pd.DataFrame:
    """The figures of a plan that has every attribute, for a record that tells of all of them."""
    plan = a_plan()
    return measure(plan, a_full_record(plan))


def test_every_figure_is_registered_and_every_registered_measure_is_given() -> None:
    table = everything()

    assert list(table.columns) == list(COLUMNS)
    assert list(table["measure"].drop_duplicates()) == list(MEASURES)
    for row in table.itertuples():
        meant = MEASURES[str(row.measure)]
        assert row.counted in meant.counted
        assert row.basis in meant.basis
        assert row.unit == meant.unit
        assert not row.group or str(row.group).partition("=")[0] in meant.groups


def test_every_word_of_the_registry_is_used() -> None:
    table = everything()
    for name, meant in MEASURES.items():
        mine = table[table["measure"] == name]
        assert set(meant.counted) == set(mine["counted"]), name
        assert set(meant.basis) == set(mine["basis"]), name
        groups = {group.partition("=")[0] for group in mine["group"] if group}
        assert set(meant.groups) == groups, name
        assert meant.label, name
        assert meant.definition.endswith("."), name
    assert set(table["basis"]) == set(BASES)


def test_no_figure_is_given_twice() -> None:
    assert not everything().duplicated(["measure", "counted", "basis", "group", "period"]).any()


def test_figures_of_nothing_are_null_and_counts_of_nothing_are_zero() -> None:
    plan = a_plan()
    table = measure(plan, a_record(plan))
    of_something = table["unit"].isin(["fraction", "days", "ratio"])
    assert table.loc[of_something, "value"].isna().all()
    assert (table.loc[~of_something, "value"] == 0).all()


def test_a_pathway_without_these_attributes_has_only_the_figures_that_need_none() -> None:
    plan = a_plan(QUEUES, streams=("complaints",))
    table = measure(plan, a_record(plan, [{"received_on": date(2013, 6, 1), "recorded": 1}]))
    assert value(table, "cases_received") == 1
    assert set(table["measure"]) == {
        "allegations_received",
        "cases_received",
        "subjects_received",
        "people_received",
        "share_of_people_in_more_than_one_case",
        "people_with_1_case",
        "people_with_2_cases",
        "people_with_3_to_5_cases",
        "people_with_6_or_more_cases",
        "most_cases_of_one_person",
    }


def test_a_record_without_events_has_no_figures_of_events() -> None:
    plan = a_plan()
    names = set(measure(plan, a_record(plan, [took(5)]))["measure"])
    assert not names & {"unallocated_cases", "mean_days_waiting_for_a_slot", "days_in_own_work"}
    with pytest.raises(ValueError, match="no events"):
        ledger(plan, a_record(plan, [took(5)]))


def test_what_is_said_of_a_figure_is_the_same_for_every_record_of_a_plan() -> None:
    plan = a_plan()
    said = labels(plan)
    assert tuple(said.columns) == tuple(name for name in COLUMNS if name != "value")
    for record in (a_full_record(plan), a_record(plan, [took(5), took(7)])):
        figures = values(plan, record)
        assert len(figures) == len(said)
        told = said.assign(value=figures).merge(
            measure(plan, record), on=list(said.columns), how="left", indicator=True
        )
        known = told["_merge"].eq("both")
        pd.testing.assert_series_equal(told.loc[known, "value_x"], told.loc[known, "value_y"], check_names=False)
        assert told.loc[~known, "value_x"].isna().all()


def test_whoever_is_told_the_labels_may_change_them() -> None:
    plan = a_plan()
    said = labels(plan)
    said["measure"] = ""
    assert set(labels(plan)["measure"]) == set(MEASURES)


def test_nothing_of_a_record_stays_in_memory_once_it_is_measured() -> None:
    plan = a_plan()
    record = a_full_record(plan)
    still_there = weakref.ref(record)
    gc.disable()
    try:
        values(plan, record)
        ledger(plan, record)
        del record
        assert still_there() is None
    finally:
        gc.enable()


def test_a_record_that_stops_before_the_extract_date_is_refused() -> None:
    plan = a_plan()
    record = a_record(plan)
    with pytest.raises(ValueError, match="extract date is 2015-10-01"):
        measure(plan, Record(**{**vars(record), "ended_at": plan.ends_at - 1}))


# --- who counts -------------------------------------------------------------------------------------------------------


def test_a_mean_of_allegations_weighs_each_case_by_its_allegations() -> None:
    plan = a_plan()
    record = a_record(plan, [took(100), took(400)], allegations=[{"subject": s} for s in (0, 0, 0, 1)])
    table = measure(plan, record)
    assert value(table, "mean_days_to_finalise", **COHORT) == (3 * 100 + 1 * 400) / 4
    assert value(table, "mean_days_to_finalise", counted="case", basis="received_cohort") == (100 + 400) / 2
    assert value(table, "median_days_to_finalise", **COHORT) == 100
    assert value(table, "allegations_finalised", basis="received_cohort") == 4
    assert value(table, "cases_finalised", basis="received_cohort") == 2


def test_days_are_a_difference_of_dates_not_of_minutes() -> None:
    plan = a_plan()
    late, early = plan.minute(date(2013, 6, 1)) + 1439, plan.minute(date(2013, 6, 3))
    record = a_record(plan, [{"received_on": late, "finalised_on": early}])
    assert value(measure(plan, record), "mean_days_to_finalise", **COHORT) == 2


def test_the_window_takes_its_first_day_and_leaves_out_its_end() -> None:
    plan = a_plan()
    record = a_record(plan, [took(5, day) for day in (date(2013, 3, 31), WINDOW_FROM, date(2015, 3, 31), WINDOW_TO)])
    assert value(measure(plan, record), "cases_received") == 2


def test_a_case_finalised_on_the_extract_date_or_after_is_still_open() -> None:
    plan = a_plan()
    received = date(2014, 6, 1)
    ends = (date(2015, 9, 30), EXTRACT, date(2016, 1, 1), None)
    record = a_record(plan, [{"received_on": received} | ({"finalised_on": end} if end else {}) for end in ends])
    table = measure(plan, record)
    assert value(table, "mean_days_to_finalise", **COHORT) == (date(2015, 9, 30) - received).days
    assert value(table, "share_still_open_at_extract", counted="case") == 3 / 4


def test_a_potential_case_that_was_never_recorded_counts_nowhere() -> None:
    """Not even if somebody wrote into its rows."""
    plan = a_plan()
    dates = {"referred_on": date(2013, 7, 1), "heard_on": date(2014, 1, 1), "ended_on": date(2014, 1, 1)}
    out = {"outcome": "dismissed", "case_to_answer": "gross", **dates}
    subjects = [
        {"case": 0, "person": 0},
        *({"case": 1, "person": 0, "route": r, **out} for r in ("meeting", "hearing", "accelerated_hearing")),
        {"case": 1, "person": 0, "route": "regulation_13", **out, "outcome": "discharged"},
    ]
    ghost = took(50, recorded="no")
    with_ghost = measure(plan, a_record(plan, [took(100), ghost], subjects, people=[{}]))
    without = measure(plan, a_record(plan, [took(100)], subjects[:1], people=[{}]))
    pd.testing.assert_frame_equal(with_ghost, without)


def test_public_complaints_are_a_group_of_their_own() -> None:
    plan = a_plan()
    table = measure(plan, a_record(plan, [took(100), took(300, stream=PUBLIC), took(500, stream=PUBLIC)]))
    assert value(table, "mean_days_to_finalise", **COHORT) == 100
    assert value(table, "mean_days_to_finalise", group="stream=public", **COHORT) == 400
    assert value(table, "cases_received") == 1
    assert value(table, "cases_received", group="stream=public") == 2


def test_one_person_in_two_cases_is_two_subjects_and_one_of_the_people() -> None:
    plan = a_plan()
    subjects = [{"case": 0, "person": 0}, {"case": 0, "person": 1}, {"case": 1, "person": 0}]
    table = measure(plan, a_record(plan, [took(1), took(1)], subjects))
    assert [value(table, f"{what}_received") for what in ("cases", "subjects", "people")] == [2, 3, 2]


# --- days -------------------------------------------------------------------------------------------------------------


def test_each_basis_counts_its_own_cases() -> None:
    plan = a_plan()
    before, inside = date(2013, 2, 1), date(2015, 3, 1)
    cases = [
        took(100, before),  # finalised in the window, received before it
        took(50, inside),  # received in the window, finalised after it
        took(10, inside),
        {"received_on": inside},  # open
    ]
    table = measure(plan, a_record(plan, cases))
    mean = {
        b: value(table, "mean_days_to_finalise", counted="case", basis=b)
        for b in ("received_cohort", "finalised_in_period")
    }
    assert mean == {"received_cohort": (50 + 10) / 2, "finalised_in_period": (100 + 10) / 2}


def test_a_steady_force_seems_to_improve_by_year_of_receipt() -> None:
    """Half the cases of each year take 30 days and half 500. Of the later year's long ones none has ended yet."""
    plan = a_plan(extract=WINDOW_TO)
    table = measure(
        plan, a_record(plan, [took(days, day) for day in (date(2013, 9, 1), date(2014, 9, 1)) for days in (30, 500)])
    )
    assert value(table, "mean_days_to_finalise", period="2013-14", **COHORT) == (30 + 500) / 2
    assert value(table, "mean_days_to_finalise", period="2014-15", **COHORT) == 30
    assert value(table, "share_still_open_at_extract", period="2014-15", counted="allegation") == 1 / 2


def test_a_year_is_365_days_and_two_years_730_and_four_1461() -> None:
    plan = a_plan(starts=date(2009, 1, 1), window=(date(2009, 4, 1), date(2010, 4, 1)))
    cases = [took(days, date(2009, 5, 1)) for days in (365, 366, 730, 731, 1461, 1462)]
    table = measure(plan, a_record(plan, cases))
    period = "2009-04-01/2010-03-31"
    assert value(table, "share_within_1_year", period=period, **COHORT) == 1 / 6
    assert value(table, "share_over_2_years", period=period, **COHORT) == 3 / 6
    assert value(table, "share_over_4_years", period=period, **COHORT) == 1 / 6


def test_a_case_without_iopc_involvement_may_have_been_referred_and_returned() -> None:
    plan = a_plan()
    modes = {"none": 100, "returned": 200, "local": 300, "directed": 500, "independent": 700}
    table = measure(plan, a_record(plan, [took(days, iopc_mode=mode) for mode, days in modes.items()]))
    without = (100 + 200 + 300) / 3
    assert value(table, "mean_days_to_finalise_without_iopc_involvement", **COHORT) == without
    assert value(table, "mean_days_to_finalise", group="iopc_involvement=no", **COHORT) == without
    assert value(table, "mean_days_to_finalise", group="iopc_involvement=yes", **COHORT) == (500 + 700) / 2


def test_groups_split_the_internal_cases() -> None:
    plan = a_plan()
    cases = [took(100, handled_by="psu"), took(300, handled_by="dps"), took(900, handled_by="dps", stream=PUBLIC)]
    breaches = [
        {"subject": 0, "breach": "sexual_misconduct"},
        {"subject": 1, "breach": "other"},
        {"subject": 2, "breach": "other"},
    ]
    table = measure(plan, a_record(plan, cases, allegations=breaches))
    assert value(table, "mean_days_to_finalise", group="team=psu", **COHORT) == 100
    assert value(table, "mean_days_to_finalise", group="team=dps", **COHORT) == 300
    assert value(table, "mean_days_to_finalise", group="breach=other", **COHORT) == 300
    assert np.isnan(value(table, "mean_days_to_finalise", group="breach=equality_and_diversity", **COHORT))
    assert value(table, "share_of_cases_by_team", group="team=psu") == 1 / 2


def curve_of(seen: Iterable[tuple[int, bool]]) -> Any:
    """The curve of one group, of whom we know after how many days each ended, or was last seen open."""
    counts = np.zeros((2, 1, 2100), dtype=np.int32)
    for days, ended in seen:
        counts[0 if ended else 1, 0, days] += 1
    return product_limit(*counts)


def test_the_survival_mean_counts_those_still_open() -> None:
    """Two end after 10 and 30 days; two are open after 20. Open: 1 to day 10, 3/4 to 30, then 0, as nobody else is watched."""
    curves = curve_of([(10, True), (20, False), (20, False), (30, True)])
    assert curves[0, 9] == 1
    assert curves[0, 10] == curves[0, 29] == 3 / 4
    assert curves[0, 30] == 0
    assert restricted_mean(curves, 40) == [10 * 1 + 20 * 3 / 4]
    assert first_at_most(curves, 0.5) == [30]


def test_what_nobody_was_watched_long_enough_to_see_is_null() -> None:
    curves = curve_of([(10, True), (20, False)])
    assert restricted_mean(curves, 20) == [10 + 10 / 2]
    assert np.isnan(restricted_mean(curves, 22)).all()
    assert np.isnan(first_at_most(curves, 0.4)).all()

    plan = a_plan()
    table = measure(plan, a_record(plan, [took(100), {"received_on": date(2013, 6, 1)}]))
    assert np.isnan(value(table, "mean_days_to_finalise", counted="case", basis="survival"))
    assert value(table, "median_days_to_finalise", counted="case", basis="survival") == 100
    within = [
        value(table, "share_finalised_within", counted="case", basis="survival", group=f"days={d}")
        for d in (90, 120, 840, 870)
    ]
    assert within[:3] == [0, 1 / 2, 1 / 2]
    assert np.isnan(within[3])  # the open case was watched for 852 days


@given(st.lists(st.tuples(st.integers(0, 2000), st.booleans()), min_size=1, max_size=60))
def test_the_product_limit_is_scipys(seen: list[tuple[int, bool]]) -> None:
    days, ended = np.array([d for d, _ in seen]), np.array([e for _, e in seen])
    curve = curve_of(seen)[0]
    theirs = stats.ecdf(stats.CensoredData(uncensored=days[ended], right=days[~ended])).sf
    points = np.arange(days.max() + 1)
    position = np.searchsorted(theirs.quantiles, points, side="right") - 1
    expected = np.where(position >= 0, theirs.probabilities[position], 1.0)
    np.testing.assert_allclose(curve[points], expected, atol=1e-12)
    assert (np.isnan(curve[len(points) :]) | (curve[len(points) :] == 0)).all()


@settings(deadline=None, max_examples=40)
@given(
    st.lists(
        st.tuples(
            st.integers(0, 900), st.none() | st.integers(0, 1000), st.integers(0, 1), st.booleans(), st.integers(0, 3)
        ),
        max_size=25,
    )
)
def test_what_must_be_true_of_any_record(rows: list[tuple[int, int | None, int, bool, int]]) -> None:
    plan = a_plan()
    cases = [
        (
            took(days, START + timedelta(days=after))
            if days is not None
            else {"received_on": START + timedelta(days=after)}
        )
        | {"stream": stream, "recorded": int(recorded)}
        for after, days, stream, recorded, _ in rows
    ]
    decisions = [{"subject": number, "decision": row[-1]} for number, row in enumerate(rows)]
    table = measure(plan, a_record(plan, cases, allegations=decisions))

    known = table[table["unit"].eq("fraction") & table["value"].notna()]
    assert known["value"].between(0, 1).all()
    assert (table.loc[table["value"].notna(), "value"] >= 0).all()

    for group in ("", "stream=public"):
        received = value(table, "cases_received", group=group)
        finalised = value(table, "cases_finalised", basis="received_cohort", group=group)
        still_open = value(table, "share_still_open_at_extract", counted="case", group=group)
        assert received == pytest.approx(finalised + (still_open * received if received else 0))
        rates = [
            value(table, f"{name}_rate", group=group)
            for name in ("case_to_answer", "no_case_to_answer", "other_end", "undecided")
        ]
        assert np.isnan(sum(rates)) if not finalised else sum(rates) == pytest.approx(1)

    curve = table[table["measure"].eq("share_finalised_within")]
    for _, line in curve.groupby(["counted", "basis"]):
        assert list(line["group"]) == [f"days={d}" for d in CURVE]
        assert line["value"].dropna().is_monotonic_increasing

    stocks = table[table["measure"].eq("cases_open")]
    ages = stocks[stocks["group"].str.startswith("age=")].groupby("period")["value"].sum()
    pd.testing.assert_series_equal(ages, stocks[stocks["group"].eq("")].set_index("period")["value"], check_names=False)


# --- stocks -----------------------------------------------------------------------------------------------------------


def test_open_cases_are_counted_at_the_end_of_each_quarter_by_age() -> None:
    plan = a_plan()
    quarter_end = date(2015, 6, 30)
    midnight_after = date(2015, 7, 1)
    cases = [
        {"received_on": midnight_after - timedelta(days=365), "finalised_on": midnight_after},  # just
        {"received_on": midnight_after - timedelta(days=366)},
        {"received_on": midnight_after - timedelta(days=730)},
        {"received_on": midnight_after - timedelta(days=731)},
        {"received_on": midnight_after, "finalised_on": date(2015, 8, 1)},  # not yet
        {"received_on": date(2014, 1, 1), "finalised_on": quarter_end},  # no more
        {"received_on": date(2014, 1, 1), "stream": PUBLIC},
    ]
    table = measure(plan, a_record(plan, cases))
    day = quarter_end.isoformat()
    assert value(table, "cases_open", period=day) == 4
    by_age = [
        value(table, "cases_open", group=f"age={age}", period=day)
        for age in ("under_6_months", "6_to_12_months", "1_to_2_years", "over_2_years")
    ]
    assert by_age == [0, 1, 2, 1]
    assert value(table, "cases_open_over_12_months", period=day) == 3
    assert value(table, "cases_open", group="stream=public", period=day) == 1


def test_a_quarter_has_the_mean_of_those_finalised_and_of_those_received_in_it() -> None:
    plan = a_plan()
    record = a_record(
        plan,
        [
            took(10, date(2013, 4, 1)),
            took(1000, date(2013, 6, 30)),  # not over by the extract date, and counted for two years
            took(30, date(2013, 6, 1)),  # over on 1 July
            {**took(500, date(2013, 5, 1)), "recorded": "no"},
            {**took(20, date(2013, 5, 1)), "stream": PUBLIC},
            took(700, date(2012, 6, 1)),  # over in the second quarter of 2014
        ],
    )
    table = measure(plan, record)

    def of(name: str, quarter: str, basis: str) -> float:
        return value(table, name, counted="allegation", basis=basis, period=quarter)

    assert of("allegations_received", "2013Q2", "received_in_period") == 3
    assert of("mean_days_to_two_years", "2013Q2", "survival") == (10 + 730 + 30) / 3
    ended = {"2013Q2": 10, "2013Q3": 30, "2014Q2": 700}
    for quarter, days in ended.items():
        assert of("allegations_finalised", quarter, "finalised_in_period") == 1
        assert of("mean_days_to_finalise", quarter, "finalised_in_period") == days
    assert of("allegations_finalised", "2013Q4", "finalised_in_period") == 0
    assert np.isnan(of("mean_days_to_finalise", "2013Q4", "finalised_in_period"))


def test_a_quarter_of_receipt_is_given_once_it_was_followed_for_two_years() -> None:
    plan = a_plan()
    cases = [took(10, date(2013, month, 1)) for month in (4, 7, 10)]
    table = measure(plan, a_record(plan, cases))
    means = [value(table, "mean_days_to_two_years", counted="case", period=f"2013Q{quarter}") for quarter in (2, 3, 4)]
    # The last day of September 2013 and 730 days come to 30 September 2015; the extract is made on 1 October.
    np.testing.assert_array_equal(means, [10, 10, np.nan])


def test_quarters_run_from_the_opening_of_the_window_to_the_extract_date() -> None:
    plan = a_plan()
    table = measure(plan, a_record(plan))
    days = list(table.loc[table["measure"].eq("awaiting_hearing") & table["group"].eq(""), "period"])
    assert days[:2] == ["2013-03-31", "2013-06-30"]
    assert days[-1] == "2015-09-30"
    assert len(days) == 11


def test_a_delay_report_is_due_at_12_18_and_24_months_while_the_case_is_open() -> None:
    """Received 29 February 2020: due on 28 February 2021, 29 August 2021 and 28 February 2022, the day it ends."""
    plan = a_plan(starts=date(2018, 1, 1), window=(date(2019, 4, 1), date(2023, 4, 1)), extract=date(2023, 4, 1))
    case = {"received_on": date(2020, 2, 29), "finalised_on": date(2022, 2, 28)}
    table = measure(plan, a_record(plan, [case]))
    due = [
        value(table, "twelve_month_reports_due", period=year) for year in ("2019-20", "2020-21", "2021-22", "2022-23")
    ]
    assert due == [0, 1, 2, 0]
    assert value(table, "twelve_month_reports_due", period="2019-04-01/2023-03-31") == 3


def test_no_delay_report_was_due_before_the_duty_began_in_february_2020() -> None:
    """Received 1 January 2018: of the dates at 12, 18, 24, 30 months only 1 July 2020 is after 1 February 2020."""
    plan = a_plan(starts=date(2018, 1, 1), window=(date(2018, 4, 1), date(2021, 1, 1)), extract=date(2021, 1, 1))
    table = measure(plan, a_record(plan, [{"received_on": date(2018, 1, 1)}]))
    assert value(table, "twelve_month_reports_due", period="2018-04-01/2020-12-31") == 1


def test_somebody_awaits_a_hearing_from_referral_until_heard_or_otherwise_ended() -> None:
    plan = a_plan()
    referred = {"referred_on": date(2014, 5, 1)}
    subjects = [
        {"route": "hearing", **referred},
        {"route": "accelerated_hearing", **referred, "heard_on": date(2014, 8, 1), "ended_on": date(2014, 8, 1)},
        {"route": "hearing", **referred, "ended_on": date(2014, 6, 1)},
        {"route": "meeting", **referred},
    ]
    table = measure(
        plan, a_record(plan, [took(900)] * 4, [{"case": n, "person": n, **s} for n, s in enumerate(subjects)])
    )
    assert [value(table, "awaiting_hearing", period=day) for day in ("2014-03-31", "2014-06-30", "2014-09-30")] == [
        0,
        2,
        1,
    ]


# --- decisions --------------------------------------------------------------------------------------------------------


def test_rates_of_decisions_are_of_finalised_allegations() -> None:
    plan = a_plan()
    given_ = ["case_to_answer", "no_case_to_answer", "no_case_to_answer", "other_end", "case_to_answer"]
    cases = [took(10)] * 4 + [{"received_on": date(2013, 6, 1)}]  # the last is still open
    allegations = [{"subject": number, "decision": decision} for number, decision in enumerate(given_)]
    allegations[0]["breach"] = "sexual_misconduct"
    table = measure(plan, a_record(plan, cases, allegations=allegations))
    rates = [value(table, f"{name}_rate") for name in ("case_to_answer", "no_case_to_answer", "other_end", "undecided")]
    assert rates == [1 / 4, 2 / 4, 1 / 4, 0]
    assert value(table, "case_to_answer_rate", group="breach=sexual_misconduct") == 1


def proceedings() -> pd.DataFrame:
    """Six people, all of whose cases are finalised; the last is a member of staff, the fourth had left.

    Four were heard in 2014-15 and their appeals ended in the year after.
    """
    plan = a_plan()
    heard = {"heard_on": date(2015, 3, 20), "ended_on": date(2015, 6, 1), "case_to_answer": "gross"}
    ended = {"ended_on": date(2013, 8, 1)}
    subjects: list[Row] = [
        {"route": "hearing", "chair": "legally_qualified", "outcome": "dismissed", **heard},
        {"route": "hearing", "chair": "legally_qualified", "outcome": "final_written_warning", **heard},
        {"route": "accelerated_hearing", "chair": "chief_officer", "outcome": "dismissed", **heard},
        {
            "route": "hearing",
            "chair": "legally_qualified",
            "outcome": "would_have_been_dismissed",
            "former": "yes",
            **heard,
        },
        {"route": "regulation_13", "outcome": "discharged", **ended},
        {"route": "staff_hearing", "outcome": "dismissed", **ended},
    ]
    record = a_record(
        plan,
        [took(800)] * 6,
        [{"case": n, "person": n, **subject} for n, subject in enumerate(subjects)],
        people=[{}] * 5 + [{"employment": "staff"}],
    )
    return measure(plan, record)


def test_a_dismissal_is_one_word_everywhere() -> None:
    table = proceedings()
    assert value(table, "dismissals") == 3
    assert value(table, "dismissals", period="2013-14") == 1
    assert value(table, "dismissals", period="2014-15") == 2
    assert value(table, "dismissals", group="employment=officer") == 2
    assert value(table, "dismissal_rate_per_subject") == 3 / 6
    assert value(table, "dismissal_rate_per_person") == 3 / 6
    assert value(table, "dismissal_rate_per_gross_case_to_answer") == 2 / 4


def test_a_panel_is_measured_by_those_it_could_dismiss() -> None:
    table = proceedings()
    assert value(table, "dismissal_rate_per_hearing") == 2 / 3
    assert value(table, "dismissal_rate_per_hearing", group="chair=legally_qualified") == 1 / 2
    # The chief officer's was an accelerated hearing, so it tells nothing of chairs.
    assert np.isnan(value(table, "dismissal_rate_per_hearing", group="chair=chief_officer"))
    assert np.isnan(value(table, "dismissal_rate_per_hearing", period="2013-14"))


def test_removals_are_dismissals_and_what_amounts_to_them() -> None:
    table = proceedings()
    assert value(table, "would_have_been_dismissed") == 1
    assert value(table, "removals") == 3 + 1 + 1
    assert value(table, "regulation_13_dismissal_rate") == 1


def test_hearings_count_the_officers_heard_in_the_year_of_the_hearing() -> None:
    table = proceedings()
    assert value(table, "gross_misconduct_hearings", period="2014-15") == 3
    assert value(table, "accelerated_hearings", period="2014-15") == 1
    assert value(table, "gross_misconduct_hearings", period="2013-14") == 0
    assert value(table, "misconduct_meetings") == 0


def test_hearings_of_staff_are_not_among_those_of_officers() -> None:
    plan = a_plan()
    subject = {"case": 0, "person": 0, "route": "meeting", "heard_on": date(2014, 5, 1)}
    for employment, meetings in (("officer", 1), ("staff", 0)):
        record = a_record(plan, [took(500)], [subject], people=[{"employment": employment}])
        assert value(measure(plan, record), "misconduct_meetings") == meetings


def test_leaving_counts_once_for_each_person_and_only_while_under_investigation() -> None:
    plan = a_plan()
    left = {"gone": "resigned", "gone_on": date(2014, 1, 1)}
    people = [left, left, {"gone": "dismissed", "gone_on": date(2014, 1, 1)}, {}, left]
    subjects: list[Row] = [
        {"case": 0, "person": 0},
        {"case": 1, "person": 0, "ended_on": date(2014, 1, 1), "outcome": "left"},
        {"case": 2, "person": 1, "ended_on": date(2013, 12, 31)},  # it was over before
        {"case": 3, "person": 2},
        {"case": 4, "person": 3},
        {"case": 4, "person": 4, "ended_on": date(2014, 1, 1), "outcome": "left"},
    ]
    table = measure(plan, a_record(plan, [took(600)] * 5, subjects, people=people))
    assert value(table, "exits_while_under_investigation") == 2
    assert value(table, "exits_while_under_investigation", period="2013-14") == 2
    assert value(table, "exits_while_under_investigation", period="2014-15") == 0


# --- people -----------------------------------------------------------------------------------------------------------


def test_people_are_counted_by_how_many_internal_cases_of_the_window_name_them() -> None:
    """Cases each: 1, 2, 3, 6, and one person only in a public complaint."""
    plan = a_plan()
    named = [person for person, cases in enumerate((1, 2, 3, 6)) for _ in range(cases)] + [4]
    cases = [took(10)] * 12 + [took(10, stream=PUBLIC)]
    subjects = [{"case": number, "person": person} for number, person in enumerate(named)]
    subjects[2] |= {"outcome": "dismissed", "ended_on": date(2013, 9, 1)}
    table = measure(plan, a_record(plan, cases, subjects))
    bands = ("people_with_1_case", "people_with_2_cases", "people_with_3_to_5_cases", "people_with_6_or_more_cases")
    assert [value(table, band) for band in bands] == [1, 1, 1, 1]
    assert value(table, "share_of_people_in_more_than_one_case") == 3 / 4
    assert value(table, "most_cases_of_one_person") == 6
    assert value(table, "dismissal_rate_per_person") == 1 / 4
    assert value(table, "dismissal_rate_of_people_in_more_than_one_case") == 1 / 3


def test_what_became_of_people_named_in_three_or_more_cases() -> None:
    """Of five: one was removed, one resigned, one left when the stay ended; one leaves after the extract and one is said to stay."""
    plan = a_plan()
    stays = [{"gone": "dismissed", "gone_on": date(2014, 1, 1)}, {"gone": "resigned", "gone_on": date(2014, 1, 1)}]
    stays += [{"leaves_on": date(2015, 1, 1)}, {"leaves_on": date(2016, 1, 1)}, {}]
    stays += [{"gone": "dismissed", "gone_on": date(2014, 1, 1)}]  # in two cases only
    named = [person for person in range(5) for _ in range(3)] + [5, 5]
    subjects = [{"case": number, "person": person} for number, person in enumerate(named)]
    subjects[0] |= {"outcome": "dismissed", "ended_on": date(2014, 1, 1)}
    table = measure(plan, a_record(plan, [took(10)] * len(named), subjects, people=stays))
    name = "status_of_people_in_three_or_more_cases"
    shares = [value(table, name, group=f"status={status}") for status in ("removed", "left", "serving")]
    assert shares == [0.2, 0.4, 0.4]
    assert value(table, "dismissal_rate_of_people_in_three_or_more_cases") == 0.2
    assert value(table, "dismissal_rate_of_people_in_more_than_one_case") == 1 / 6


def test_hearings_and_removals_by_quarter_go_on_to_the_extract_and_add_up_to_years() -> None:
    """Heard on 30 June and 1 July 2014, and in July 2015, which the window does not see; one is heard again and not proved."""
    plan = a_plan()
    cases = [took(10)] * 4
    gone = {"outcome": "dismissed", "route": "hearing", "referred_on": date(2014, 5, 1)}
    days = (date(2014, 6, 30), date(2014, 7, 1), date(2015, 7, 1))
    subjects = [{"case": at, "person": at, "heard_on": day, "ended_on": day, **gone} for at, day in enumerate(days)]
    subjects += [
        {"case": 3, "person": 3, "route": "hearing", "outcome": "not_proved", "heard_on": days[0], "ended_on": days[0]}
    ]
    subjects[1] |= {"route": "accelerated_hearing"}
    table = measure(plan, a_record(plan, cases, subjects))
    for name in ("dismissals", "removals"):
        assert [value(table, name, period=f"2014Q{q}") for q in (1, 2, 3, 4)] == [0, 1, 1, 0]
        assert value(table, name, period="2014-15") == 2
        assert value(table, name, period="2015Q3") == 1
    assert value(table, "gross_misconduct_hearings", period="2014Q2") == 2
    assert value(table, "accelerated_hearings", period="2014Q3") == 1
    assert value(table, "referred_to_hearing", period="2014Q2") == value(table, "referred_to_hearing") == 3
    assert value(table, "proved_rate", group="route=hearing", period="2014-15") == 1 / 2
    assert value(table, "proved_rate", group="route=accelerated_hearing", period="2014-15") == 1
    assert np.isnan(value(table, "proved_rate", group="route=meeting", period="2014-15"))
    assert set(table.loc[table["period"].str.contains("Q"), "period"]) == {
        *(f"2013Q{q}" for q in (2, 3, 4)), *(f"2014Q{q}" for q in (1, 2, 3, 4)), *(f"2015Q{q}" for q in (1, 2, 3))
    }  # fmt: skip


def test_a_relative_rate_is_per_person_day_and_by_financial_year() -> None:
    """Rows of exposure are the financial years 2012-13 (part), 2013-14, 2014-15, 2015-16 (part)."""
    plan = a_plan()
    people = [{"ethnicity": "white"}, {"ethnicity": "black"}]
    cases = [took(1, date(2013, 6, 1)), took(1, date(2013, 6, 2)), took(1, date(2014, 6, 1)), took(1, date(2014, 6, 2))]
    subjects = [{"case": 0, "person": 0}, {"case": 1, "person": 1}, {"case": 2, "person": 0}, {"case": 3, "person": 0}]
    days = [[9, 9, 9, 9, 9], [1000, 200, 50, 0, 0], [1000, 200, 50, 0, 0], [9, 9, 9, 9, 9]]
    table = measure(plan, a_record(plan, cases, subjects, people=people, exposure={"person_days.ethnicity": days}))
    assert value(table, "relative_rate_of_allegation", group="ethnicity=black", period="2013-14") == (1 / 200) / (
        1 / 1000
    )
    assert value(table, "relative_rate_of_allegation", group="ethnicity=black") == pytest.approx((1 / 400) / (3 / 2000))
    assert value(table, "relative_rate_of_allegation", group="ethnicity=asian") == 0
    assert np.isnan(value(table, "relative_rate_of_allegation", group="ethnicity=other"))


# --- teams ------------------------------------------------------------------------------------------------------------


def test_use_of_a_team_is_over_the_months_of_the_period() -> None:
    """33 months of play; the window is all but the first 3 and the last 6. Four posts until 2014, then eight."""
    plan = a_plan(posts={START: 4.4, date(2014, 4, 1): 7.6})  # there are no parts of posts
    months = np.arange(33)
    in_window = (months >= 3) & (months < 27)
    slot_minutes = 365 * MINUTES_A_DAY
    exposure = {
        "busy_minutes.psu": np.where(in_window, 60, 999),
        "open_minutes.psu": np.where(in_window, 80, 999),
        "slots_held.psu": np.where(in_window, 18 * slot_minutes / 12, 0),
        "slots.psu": np.where(in_window, 24 * slot_minutes / 12, 0),
    }
    table = measure(plan, a_record(plan, exposure=exposure))
    psu = {"group": "team=psu"}
    assert value(table, "utilisation", **psu) == 60 / 80
    in_window_hours = exposure["busy_minutes.psu"][3:27].sum() / 60
    assert value(table, "attention_hours", **psu) == pytest.approx(in_window_hours)
    assert value(table, "post_days", **psu) == 365 * 4 + 365 * 8
    assert value(table, "slot_utilisation", **psu) == pytest.approx(18 / 24)
    assert value(table, "live_cases", **psu) == pytest.approx(18)
    assert value(table, "caseload_per_investigator", **psu) == pytest.approx(18 / 6)
    assert value(table, "caseload_per_investigator", period="2013-14", **psu) == pytest.approx(18 / 4)
    assert value(table, "caseload_per_investigator", period="2014-15", **psu) == pytest.approx(18 / 8)


def test_part_of_a_month_counts_in_proportion() -> None:
    plan = a_plan(window=(date(2013, 4, 16), date(2013, 5, 1)))
    months = np.zeros(33)
    months[3] = 30 * MINUTES_A_DAY * 7.0
    exposure = {"slots_held.psu": months, "slots.psu": months}
    table = measure(plan, a_record(plan, exposure=exposure))
    assert value(table, "live_cases", group="team=psu", period="2013-04-16/2013-04-30") == pytest.approx(7)


def test_a_case_is_unallocated_from_the_queue_to_the_slot() -> None:
    plan = a_plan()
    queued, got = date(2014, 3, 1), date(2014, 7, 1)
    events = [
        (queued, 0, 0, "allocate", What.QUEUED),
        (queued, 1, 0, "allocate", What.QUEUED),
        (got, 0, 0, "allocate", What.ALLOCATED),
        (got, 0, 0, "investigate", What.ASKED),
        (got, 2, 0, "side track", What.FORKED, 1),
        (got, 2, 1, "allocate", What.QUEUED),
        (date(2014, 8, 1), 1, 0, "end", What.LEFT),  # called away: it never got one
    ]
    events.insert(0, (queued, 2, 0, "await the officer", What.WAITS))
    table = measure(plan, a_record(plan, [took(600, queued)] * 3, events=events))
    stock = [
        value(table, "unallocated_cases", group="team=psu", period=day)
        for day in ("2014-03-31", "2014-06-30", "2014-09-30")
    ]
    assert stock == [2, 2, 0]
    assert value(table, "mean_days_waiting_for_a_slot", group="team=psu") == (got - queued).days
    assert value(table, "mean_days_waiting_for_a_slot", period="2014-15") == (got - queued).days
    assert np.isnan(value(table, "mean_days_waiting_for_a_slot", period="2013-14"))


def test_each_stream_waits_for_a_slot_by_itself() -> None:
    plan, queued = a_plan(), date(2014, 3, 1)
    events = [(queued, case, 0, "allocate", What.QUEUED) for case in (0, 1, 2)]
    events += [
        (queued + timedelta(days=days), case, 0, "investigate", What.ALLOCATED) for case, days in ((0, 10), (1, 40))
    ]
    cases = [took(600, queued), took(600, queued, stream=PUBLIC), took(600, queued, stream=PUBLIC)]
    table = measure(plan, a_record(plan, cases, events=events))
    for group, days in (("", 25), ("stream=internal", 10), ("stream=public", 40), ("team=psu", 25)):
        assert value(table, "mean_days_waiting_for_a_slot", group=group) == days, group
    for group, waiting in (("", 2), ("stream=internal", 0), ("stream=public", 2)):
        assert value(table, "unallocated_cases", group=group, period="2014-03-31") == waiting, group


def test_what_was_measured_before_leaves_no_trace_in_memory_used_again() -> None:
    plan = a_plan()
    one = a_full_record(plan)
    other = a_record(
        plan,
        cases=[took(10), took(700), took(300, date(2014, 1, 7))],
        events=[
            (date(2013, 6, 1), 0, 0, "allocate", What.QUEUED),
            (date(2013, 7, 1), 0, 0, "end", What.LEFT),
            (date(2013, 8, 1), 1, 0, "allocate", What.QUEUED),
            (date(2014, 9, 1), 1, 0, "end", What.LEFT),
            (date(2014, 10, 1), 2, 0, "allocate", What.QUEUED),
            (date(2014, 11, 1), 2, 0, "end", What.LEFT),
        ],
    )
    before = values(plan, one)
    assert not np.array_equal(before, values(plan, other), equal_nan=True)
    np.testing.assert_array_equal(values(plan, one), before)


def test_a_plan_made_of_the_same_parts_is_asked_the_same_and_through_another_window_something_else() -> None:
    plan = a_plan()
    seen = plan.observation
    narrower = replace(plan, observation=replace(seen, window_from=plan.minute(date(2014, 4, 1))))

    assert asked_of(replace(plan, observation=replace(seen))) is asked_of(plan)
    assert set(labels(narrower)["period"]) != set(labels(plan)["period"])
