"""What did it cost, and who paid? Posts, sitting days and officers away, each times a unit cost of one price base. Every stream.

A cost is a quantity the record or the plan already has times a unit cost that stands in the plan (`costs.*`, pounds of one year, so that years add up):

* posts: whole posts times the financial years, and parts of one, that they were there. Where this work is part of a job (`part`), only as much of that
  part as was used: the rest went to other work;
* sitting days: the days that diaries were used, whatever was decided on them. What was called off before its first day costs nothing here;
* officers away: the days of those suspended. Their pay is an item of its own and of the kind `opportunity`: it is shown as a cost and is never taken
  off another, so that no saving can come of it. The part of their duties that others are paid to cover is the item `backfill`.

Time is cut into spans in which every number of posts and every unit cost stays the same and which lie in one financial year, so nothing is averaged.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from itertools import pairwise

import numpy as np

from sim.compile import compiled
from sim.measures import suspension
from sim.measures.cohort import IN_PERIOD, View
from sim.measures.counting import run
from sim.measures.figures import Figures, by_group, ratio
from sim.measures.groups import ALL
from sim.measures.lens import Lens
from sim.measures.moves import BOOKED, STATUSES, Positions, has_events, moves_of
from sim.measures.periods import APRIL, Floats, Ints, Period, financial_year, month_edges, shares_inside
from sim.plan import MINUTES_A_DAY, Kind
from sim.record import Record

FORCE, LOCAL_POLICING_BODY, IOPC = "force", "local_policing_body", "iopc"
CASHABLE, OPPORTUNITY = "cashable", "opportunity"
"""Money that is paid because of it and would not be otherwise; time or pay that is there anyway and is lost to other work."""
DISCOUNT_RATE = "costs.discount_rate"


@dataclass(frozen=True)
class Line:
    """What something costs: `price` is the key of its unit cost, `part` that of the part of it that counts, if that is not all. Of posts it is the part
    of a job that this work may have, and what is used of it counts."""

    item: str
    payer: str
    kind: str
    price: str
    part: str = ""


POSTS = {
    "psu": Line("investigators", FORCE, CASHABLE, "costs.psu_investigator"),
    "dps": Line("investigators", FORCE, CASHABLE, "costs.dps_investigator"),
    "specialist": Line("investigators", FORCE, CASHABLE, "costs.specialist_investigator"),
    "anti_corruption": Line("investigators", FORCE, CASHABLE, "costs.anti_corruption_investigator"),
    "appropriate_authority": Line(
        "decision_makers", FORCE, OPPORTUNITY, "costs.decision_maker", "authority.productive_share"
    ),
    "iopc": Line("iopc_investigators", IOPC, CASHABLE, "costs.iopc_investigator"),
    "vetting": Line("vetting", FORCE, OPPORTUNITY, "costs.vetting_reviewer", "vetting.productive_share"),
    "intake": Line("intake", FORCE, CASHABLE, "costs.intake_assessor"),
    "iopc_caseworkers": Line("iopc_caseworkers", IOPC, CASHABLE, "costs.iopc_caseworker"),
    "case_managers": Line("case_managers", FORCE, CASHABLE, "costs.case_manager"),
    "human_resources": Line("human_resources", FORCE, CASHABLE, "costs.human_resources_adviser"),
}
"""Of each team, what a post costs a year."""

SITTINGS = {
    "senior_officer_chairs": Line("chairs", FORCE, OPPORTUNITY, "costs.senior_officer_chair"),
    "legally_qualified_chairs": Line("chairs", LOCAL_POLICING_BODY, CASHABLE, "costs.legally_qualified_chair"),
    "chief_officer_chairs": Line("chairs", FORCE, OPPORTUNITY, "costs.chief_officer_chair"),
    "panel_members": Line("panel_members", LOCAL_POLICING_BODY, CASHABLE, "costs.panel_member"),
    "hearing_rooms": Line("rooms", FORCE, OPPORTUNITY, "costs.hearing_room"),
    "counsel": Line("counsel", FORCE, CASHABLE, "costs.counsel"),
    "friends": Line("friends", FORCE, OPPORTUNITY, "costs.friend"),
    "tribunal_panels": Line("tribunal", LOCAL_POLICING_BODY, CASHABLE, "costs.tribunal"),
}
"""Of each diary, what a place in it costs a sitting day."""

BESIDE = {"chief_officer_hearing": Line("legal_advisers", LOCAL_POLICING_BODY, CASHABLE, "costs.legal_adviser")}
"""At which node somebody without a diary sits beside the chair, and what that costs a sitting day."""

AWAY = (
    Line("suspension_pay", FORCE, OPPORTUNITY, "costs.suspended_officer"),
    Line("backfill", FORCE, CASHABLE, "costs.backfill", "costs.backfilled_share"),
)
"""What a year of a suspended officer costs."""


def figures(lens: Lens) -> Iterator[Figures]:
    """The cost, all and by item, payer and kind; discounted; and for each case finalised. None where no unit cost stands in the plan."""
    costing = Costing(lens)
    if not costing.lines:
        return
    told = costing.told
    yield Figures(("cost",), "pound", by_group(IN_PERIOD, costing.groups, lens.labels), costing.cost, told)
    if lens.has_value(DISCOUNT_RATE):
        lines = by_group(IN_PERIOD, [ALL], [lens.window.label])
        yield Figures(("discounted_cost",), "pound", lines, costing.discounted, told)
    if lens.has("case.finalised_on"):
        lines = by_group(IN_PERIOD, [ALL], lens.labels)
        names = ("cost_per_finalised_case", "cases_finalised_in_every_stream")
        yield Figures(names, "case", lines, costing.per_case, told)


@dataclass(frozen=True, eq=False)
class Costing:
    """How a plan's records are costed. Lines stand in the order posts, sittings, beside them, away; shapes are told as (lines, spans)."""

    lens: Lens

    # --- what is costed ---------------------------------------------------------------------------

    @cached_property
    def _teams(self) -> list[tuple[int, Line]]:
        """The position of each team in the plan, and what its posts cost."""
        teams = enumerate(self.lens.plan.teams)
        return [(at, POSTS[team.name]) for at, team in teams if team.name in POSTS and self._known(POSTS[team.name])]

    @cached_property
    def _sittings(self) -> list[tuple[Ints, Line]]:
        """How many of it sit at each node, shape (nodes,), and what each costs."""
        plan, found = self.lens.plan, []
        for at, diary in enumerate(plan.diaries):
            if diary.name in SITTINGS:
                places = [sum(number for one, number in node.diaries if one == at) for node in plan.nodes]
                found.append((np.asarray(places), SITTINGS[diary.name]))
        for name, line in BESIDE.items():
            found.append((np.asarray([int(node.name == name) for node in plan.nodes]), line))
        return [(places, line) for places, line in found if places.any() and self._known(line)]

    @cached_property
    def _away(self) -> list[Line]:
        suspends = any(node.name == STATUSES[0] for node in self.lens.plan.nodes)
        return [line for line in AWAY if suspends and self._known(line)]

    def _known(self, line: Line) -> bool:
        return self.lens.has_value(line.price) and (not line.part or self.lens.has_value(line.part))

    @cached_property
    def lines(self) -> list[Line]:
        """Everything that costs something."""
        return [*(line for _, line in self._teams), *(line for _, line in self._sittings), *self._away]

    @cached_property
    def groups(self) -> list[str]:
        """All, then each item, payer and kind there is."""
        parts = [f"{name}={getattr(line, name)}" for name in ("item", "payer", "kind") for line in self.lines]
        return list(dict.fromkeys([ALL, *parts]))

    @cached_property
    def _belongs(self) -> Floats:
        """Whether each line is in each group: shape (groups, lines)."""
        mine = [{ALL, f"item={line.item}", f"payer={line.payer}", f"kind={line.kind}"} for line in self.lines]
        return np.asarray([[float(group in of_line) for of_line in mine] for group in self.groups])

    # --- when -------------------------------------------------------------------------------------

    @cached_property
    def _edges(self) -> Ints:
        """Where spans begin, and last where the last one ends, in minutes."""
        plan, window = self.lens.plan, self.lens.window
        dated = [self.lens.value(key) for line in self.lines for key in (line.price, line.part) if key]
        dated += [plan.values[plan.teams[at].posts] for at, _ in self._teams]
        steps = [time for value in dated for time in value.times]
        years = range(plan.day(window.start).year, plan.day(window.end).year + 1)
        starts = [financial_year(plan, year).start for year in years]
        edges = np.unique([*steps, *starts, *self.lens.pieces.edges.tolist()])
        return edges[(edges >= window.start) & (edges <= window.end)]

    @cached_property
    def _year(self) -> Ints:
        """The calendar year in which the financial year of each span begins."""
        days = [self.lens.plan.day(minute) for minute in self._edges[:-1].tolist()]
        return np.asarray([day.year - (day.month < APRIL) for day in days])

    @cached_property
    def _days_of_year(self) -> Ints:
        """How many days the financial year of each span has."""
        return np.asarray([(date(year + 1, APRIL, 1) - date(year, APRIL, 1)).days for year in self._year.tolist()])

    @cached_property
    def _within(self) -> Floats:
        """Whether each span lies in each period: shape (spans, periods)."""
        begins, ends = self._edges[:-1, None], self._edges[1:, None]
        starts, stops = np.asarray([(period.start, period.end) for period in self.lens.periods]).T
        return np.asarray((begins >= starts) & (ends <= stops), dtype=np.float64)

    # --- at what price ----------------------------------------------------------------------------

    @cached_property
    def _prices(self) -> Floats:
        """What a unit of each line costs in each span: shape (lines, spans)."""
        return np.asarray([self._read(line.price) * (self._read(line.part) if line.part else 1) for line in self.lines])

    def _read(self, key: str) -> Floats:
        value = self.lens.value(key)
        return np.asarray([value.at(minute) for minute in self._edges[:-1].tolist()])

    @cached_property
    def _post_years(self) -> Floats:
        """Whole posts times years of each team, the same in every record: shape (teams, spans)."""
        plan, begins = self.lens.plan, self._edges[:-1].tolist()
        years = np.diff(self._edges) / (MINUTES_A_DAY * self._days_of_year)
        posts = [[round(plan.values[plan.teams[at].posts].at(minute)) for minute in begins] for at, _ in self._teams]
        return np.asarray(posts, dtype=np.float64).reshape(len(self._teams), -1) * years

    # --- what a record adds -----------------------------------------------------------------------

    def told(self, record: Record) -> bool:
        """Whether a record has events, and what was used of every team of which that counts."""
        teams = [self.lens.plan.teams[at].name for at, line in self._teams if line.part]
        return has_events(record) and all(f"busy_minutes.{name}" in record.exposure for name in teams)

    def by_span(self, view: View) -> Floats:
        """The cost of each line in each span, in pounds: shape (lines, spans)."""

        def find() -> Floats:
            quantities = [
                years * self._used(view, at) if line.part else years
                for years, (at, line) in zip(self._post_years, self._teams, strict=True)
            ]
            if self._sittings:
                days = self._sitting_days(view)
                quantities += [places @ days for places, _ in self._sittings]
            if self._away:
                quantities += [self._suspended_years(view)] * len(self._away)
            costs: Floats = self._prices * np.asarray(quantities)
            return costs

        return view.once((Costing, "by span"), find)

    def cost(self, view: View) -> Floats:
        """Shape (groups, periods)."""
        result: Floats = self._belongs @ self.by_span(view) @ self._within
        return result

    def discounted(self, view: View) -> Floats:
        """The cost of the window, that of each financial year after the first less by the rate for every year in between."""
        rate = self.lens.value(DISCOUNT_RATE).at(self.lens.window.start)
        counts = (1 + rate) ** -(self._year - self._year[0]).astype(np.float64)
        return np.asarray([self.by_span(view).sum(axis=0) @ counts])

    def per_case(self, view: View) -> Floats:
        """The cost for each case finalised, and how many were: shape (2, periods)."""
        pieces = self.lens.pieces
        finalised = pieces.add_up(np.bincount(view.finalised_in, minlength=len(pieces)))
        return np.stack([ratio(self.cost(view)[0], finalised), finalised.astype(np.float64)])

    def _used(self, view: View, team: int) -> Floats:
        """The share of a team's attention in use in each span; of a month cut by spans, the same in each."""
        exposure, name = view.record.exposure, self.lens.plan.teams[team].name
        busy, opened = exposure[f"busy_minutes.{name}"], exposure[f"open_minutes.{name}"]

        inside = self._inside(len(busy), view.record.ended_at)
        there = inside @ opened
        used: Floats = (inside @ busy) / np.where(there == 0, 1, there)
        return used

    def _inside(self, months: int, ended_at: int) -> Floats:
        """The share of each month of play that lies in each span, found once for all records that ended then: shape (spans, months)."""

        def find() -> Floats:
            edges = month_edges(self.lens.plan.starts_on, months)
            spans = [Period("", *ends) for ends in pairwise(self._edges.tolist())]
            return shares_inside(edges, ended_at, spans)

        return self.lens.once((Costing, months, ended_at), find)

    def _suspended_years(self, view: View) -> Floats:
        """Midnights of people suspended in each span, as years."""
        days: Ints = np.diff(suspension.suspended_before(view, self._edges // MINUTES_A_DAY))
        return days / self._days_of_year

    def _sitting_days(self, view: View) -> Floats:
        """Days sat at each node in each span: shape (nodes, spans)."""
        node, first, last = _bookings(view)
        edges = self._edges[:, None] // MINUTES_A_DAY
        days = np.zeros((len(self.lens.plan.nodes), len(self._edges) - 1))
        for at, opened in self._opened.items():
            mine = node == at
            begins, after = first[mine], np.maximum(last[mine] + 1, first[mine])
            days[at] = np.diff((opened[np.clip(edges, begins, after)] - opened[begins]).sum(axis=1))
        return days

    @cached_property
    def _opened(self) -> dict[int, Ints]:
        """Of each node that books, how many days every diary of it had sat before each day."""
        plan, found = self.lens.plan, {}
        for at, node in enumerate(plan.nodes):
            if node.kind == Kind.BOOK and node.diaries:
                open_days = [plan.calendars[plan.diaries[diary].calendar].open_days for diary, _ in node.diaries]
                is_open = np.all(
                    [np.frombuffer(days.encode(), dtype=np.uint8) == ord("1") for days in open_days], axis=0
                )
                last = plan.ends_at // MINUTES_A_DAY + 1
                counted = np.concatenate([[0], np.cumsum(is_open)])
                found[at] = counted[np.minimum(np.arange(last + 2), len(counted) - 1)]
        return found


def _bookings(view: View) -> Ints:
    """Node, first day and last day of every run of sitting days, as far as it was used: shape (3, bookings). The last is before the first where none was."""

    def find() -> Ints:
        moves, nodes = moves_of(view), len(view.lens.plan.nodes)
        kept, booked = moves.kept, moves.kept.bookings
        found = np.empty((len(booked), 3), dtype=np.int64)
        number = run(
            find_bookings,
            found,
            *(column[booked] for column in (kept.packed, kept.case, kept.value)),
            moves.packed,
            moves.first,
            BOOKED * nodes,
            moves.state_bits,
            moves.token_bits,
            view.record.ended_at,
        )
        return found[:number].T

    return view.once(_bookings, find)


@compiled
def find_bookings(
    found: Ints,
    booking: Ints,
    case: Positions,
    value: Positions,
    packed: Ints,
    first: Positions,
    first_booking: int,
    state_bits: int,
    token_bits: int,
    ended_at: int,
) -> int:
    """Write every run of sitting days into `found`: its node, its first day and the last day it was used. Return how many there are.

    A token that is taken away gives back its days from the next day on.

    Args:
        found: as many rows as there are bookings.
        booking: moves that are bookings, in any order; `case` and `value` are those of their rows.
        packed: moves, as in `Moves`, and so are `first`, `state_bits` and `token_bits`.
        first_booking: the state of a booking at the first node.
        ended_at: the minute play stopped.
    """
    state_mask, token_mask, minute_at = (1 << state_bits) - 1, (1 << token_bits) - 1, state_bits + token_bits
    number = 0
    for row in range(len(booking)):
        if value[row] < 0:
            continue  # there was no such run
        at, after_all, token = first[case[row]], first[case[row] + 1], booking[row] & token_mask
        while packed[at] != booking[row]:
            at += 1
        at += 1
        while at < after_all and packed[at] & token_mask != token:
            at += 1
        end = ended_at
        if at < after_all:
            end = packed[at] >> minute_at
        found[number, 0] = ((booking[row] >> token_bits) & state_mask) - first_booking
        found[number, 1] = value[row] // MINUTES_A_DAY
        found[number, 2] = end // MINUTES_A_DAY
        number += 1
    return number
