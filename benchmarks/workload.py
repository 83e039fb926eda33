"""Can this model play the workload? Its pathway, declared once in the vocabulary of `sim/pathway/kinds.py`, and the plan of it."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

import numpy as np
from numpy.typing import NDArray

from benchmarks.given import Numbers, Shares
from sim.pathway.kinds import (
    Assign,
    Attribute,
    Branch,
    Decide,
    Duration,
    Exit,
    Pathway,
    Set,
    Stream,
    Team,
    Wait,
    Work,
    Write,
)
from sim.plan import MINUTES_A_DAY, Plan
from sim.record import Record, What
from sim.scenario.build import Frame, Series, build

STARTS_ON = date(2010, 1, 1)
YES_OR_NO = ("no", "yes")
KINDS = tuple(f"kind_{n}" for n in range(6))
SEVERITIES = ("slight", "serious", "gross")
"""Mild to severe; the file lists them the other way round."""
VISITS = ("none", "one", "two", "three", "four", "five", "six")
OUTCOMES = tuple(f"outcome_{n}" for n in range(4))
PLAN_DAYS_A_YEAR = 365.25
"""Of a plan's rates."""
AHEAD_DAYS = 10_000
"""A head start of more than the horizon is strict priority."""


def _team(name: str, oldest: str = "case.queued_on", slots: str | None = None) -> Team:
    return Team(
        name,
        owner="force",
        posts=f"{name}.posts",
        slots=slots,
        calendar="all_hours",
        oldest=oldest,
        head_start={"case.severity": "ahead"},
    )


def _lasts(name: str, **by: str) -> Duration:
    return Duration(f"{name}.days", cv=f"{name}.cv", by={f"case.{attribute}": key for attribute, key in by.items()})


def _wait(name: str, owner: str, time_is: str, leads_to: str) -> Wait:
    return Wait(name, lasts=_lasts(name), owner=owner, time_is=time_is, next=leads_to)


# What a case is like is drawn as it arrives, so that it draws nothing on its way but lengths of time.
#
# A hearing takes a room and a chair at once. Here the room is taken first, as a slot, and the chair works while it is held.
# That is the same: there are fewer rooms than chairs and each hearing takes one of both, so whoever has a room finds a
# chair free in that instant, and whoever has none would have waited anyway. (The other way round it would not be: a case that
# holds a chair while it waits for the room is served before a graver one that came later.)
PATHWAY = Pathway(
    name="pathway-bench",
    attributes=(
        Attribute("case.received_on", date=True),
        Attribute("case.queued_on", date=True),
        Attribute("case.kind", levels=KINDS, drawn="kind"),
        Attribute("case.severity", levels=SEVERITIES, drawn="severity"),
        Attribute("case.visits_left", levels=VISITS, drawn="visits"),
        Attribute("case.iopc", levels=YES_OR_NO, drawn="iopc"),
        Attribute("case.psu", levels=YES_OR_NO, drawn="psu"),
        Attribute("case.case_to_answer", levels=YES_OR_NO, drawn="case_to_answer"),
        Attribute("case.referred", levels=YES_OR_NO, drawn="referred", given="case.severity"),
        Attribute("case.outcome", levels=OUTCOMES, drawn="outcome"),
    ),
    calendars=("all_hours",),
    teams=(
        _team("triage_assessors", oldest="case.received_on"),
        _team("psu_investigators"),
        _team("dps_investigators"),
        _team("appropriate_authority"),
        _team("rooms", slots="one"),
        _team("chairs"),
    ),
    streams=(Stream("cases", start="triage", rate="arrivals", spread="nothing", subjects="one", allegations="one"),),
    nodes=(
        Work("triage", team="triage_assessors", effort=_lasts("triage"), next="whose"),
        Decide("whose", branches=(Branch("iopc_wait", when=("case.iopc = yes",)), Branch("first_visit"))),
        _wait("iopc_wait", "iopc", "another_body", "first_visit"),
        Set("first_visit", writes=(Write("case.queued_on", "now"),), next="visit_or_decision"),
        Decide(
            "visit_or_decision",
            branches=(
                Branch("decision", when=("case.visits_left = none",)),
                Branch("psu_visit", when=("case.psu = yes",)),
                Branch("dps_visit"),
            ),
        ),
        Work("psu_visit", team="psu_investigators", effort=_lasts("visit", kind="kind_factor"), next="external_wait"),
        Work("dps_visit", team="dps_investigators", effort=_lasts("visit", kind="kind_factor"), next="external_wait"),
        _wait("external_wait", "witnesses", "victim_and_witnesses", "visited"),
        Set(
            "visited",
            writes=(Write("case.queued_on", "now"), Write("case.visits_left", "-1")),
            next="visit_or_decision",
        ),
        Work("decision", team="appropriate_authority", effort=_lasts("decision"), next="hearing_or_meeting"),
        Decide(
            "hearing_or_meeting",
            branches=(
                Branch("listing_delay", when=("case.case_to_answer = yes", "case.referred = yes")),
                Branch("meeting"),
            ),
        ),
        _wait("listing_delay", "force", "listing", "listed"),
        Set("listed", writes=(Write("case.queued_on", "now"),), next="room"),
        Assign("room", team="rooms", next="hearing"),
        Work("hearing", team="chairs", effort=_lasts("hearing"), next="closed"),
        _wait("meeting", "force", "listing", "closed"),
        Exit("closed"),
    ),
)


def plan_of(workload: Numbers) -> Plan:
    """The workload as a plan, observed from the end of its warm-up."""
    ends_on = STARTS_ON + timedelta(workload.horizon_days)
    counted_from = STARTS_ON + timedelta(workload.warm_up_days)
    frame = Frame("pathway-bench", "pathway-bench", "", STARTS_ON, ends_on, counted_from, ends_on, ends_on)
    plan = build(PATHWAY, _series(workload), frame)
    # The workload breaks no visit off, and nothing will raise its arrivals, so none are drawn to be thinned out.
    return replace(
        plan,
        teams=tuple(replace(team, longest_bout=plan.ends_at) for team in plan.teams),
        streams=tuple(replace(stream, ceiling=plan.values[stream.rate].values[0]) for stream in plan.streams),
    )


def days_of(plan: Plan, record: Record) -> NDArray[np.float64]:
    """Days from arrival to closing of every case closed after the warm-up."""
    events = record.events
    closed = (events["what"] == What.LEFT) & (events["minute"] >= plan.observation.window_from)
    minutes = events["minute"][closed] - record.cases["received_on"][events["case"][closed]]
    days: NDArray[np.float64] = minutes / MINUTES_A_DAY
    return days


def _series(workload: Numbers) -> dict[str, Series]:
    cases = workload.cases
    never = (1.0, 0.0)
    found: dict[str, tuple[str, float]] = {
        "one": ("ratio", 1),
        "nothing": ("ratio", 0),
        "arrivals": ("rate_per_year", workload.arrivals_a_day * PLAN_DAYS_A_YEAR),
        "ahead.serious": ("days", AHEAD_DAYS),
        "ahead.gross": ("days", 2 * AHEAD_DAYS),
        **_levels("kind", KINDS, cases.kind),
        **_levels("kind_factor", KINDS, cases.kind_factor),
        **_levels("severity", SEVERITIES, cases.severity[::-1]),
        **_levels("visits", VISITS, (0.0, *cases.visits)),
        **_levels("iopc", YES_OR_NO, _share(cases.iopc)),
        **_levels("psu", YES_OR_NO, _share(cases.psu)),
        **_levels("case_to_answer", YES_OR_NO, _share(cases.case_to_answer)),
        **_levels("outcome", OUTCOMES, cases.outcome),
    }
    for severity in SEVERITIES:
        found |= _levels(f"referred.{severity}", YES_OR_NO, never if severity == "slight" else _share(cases.referred))
    for team, posts in vars(workload.teams).items():
        found[f"{team}.posts"] = ("posts", posts)
    for name, time in vars(workload.times).items():
        found |= {f"{name}.days": ("days", time.mean), f"{name}.cv": ("ratio", time.cv)}
    return {key: Series(key, unit, ((STARTS_ON, value),)) for key, (unit, value) in found.items()}


def _levels(prefix: str, levels: tuple[str, ...], shares: Shares) -> dict[str, tuple[str, float]]:
    return {f"{prefix}.{level}": ("ratio", share) for level, share in zip(levels, shares, strict=True)}


def _share(of_yes: float) -> Shares:
    return (1 - of_yes, of_yes)
