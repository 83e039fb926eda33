"""Which limits does an answer cross? Each is named beside the numbers, never left for the reader to find.

Ten kinds:

* ``queue never settles``: a mean wait, and days that hold it, say how long the run was (`sim/measures/settling.py`);
* ``outside its evidence``: a team has more or fewer posts, or slots for each, than the range of what the evidence knows for that day, or a number
  that the arm changes is outside that range;
* ``more than doubled``: an arm gives a team more than twice the posts that it has without it;
* ``a world's posts replaced``: a staffing sheet tells of other posts there than the world has, so that what changes is that too;
* ``beyond the dates``: the window goes on after the last published figure, or a change begins when the window is over;
* ``not in the caseload``: every arm begins with an opening caseload, whose table holds no suspensions of the past, so that they start near zero, and
  nothing of who has left the force, so that more cases come in;
* ``a caseload of another world``: the model made the opening caseload in a world whose queues are not those of the world it is played in;
* ``a caseload against its world``: it says that cases wait for a place with a team where the world has room for them, or that more have one than
  there are (`sim/scenario/opening_places.py`);
* ``a caseload of another size``: it is so many years' worth of the cases received that it looks like that of another force;
* ``too few replications``: the computing interval of a change includes no change, so that more replications might turn it round.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import asdict, dataclass, replace
from datetime import date, timedelta
from functools import lru_cache
from math import isnan

import pandas as pd

from sim.experiment.study import Study
from sim.plan import Dated, Plan
from sim.report import queues, tables, words
from sim.scenario.beyond import DOUBLED, OUT_OF_RANGE, REPLACED
from sim.scenario.opening_places import Places, places_on_the_first_day

QUEUE, EVIDENCE, TWICE, REPLACES, DATES, CASELOAD, OTHER_WORLD, AGAINST, SIZE, REPLICATIONS = (
    "queue never settles",
    "outside its evidence",
    "more than doubled",
    "a world's posts replaced",
    "beyond the dates",
    "not in the caseload",
    "a caseload of another world",
    "a caseload against its world",
    "a caseload of another size",
    "too few replications",
)
SHOWN = (
    ("mean_days_to_finalise", "allegation", "received_cohort", "observed mean days"),
    ("mean_days_to_finalise", "allegation", "survival", "true mean days"),
    ("dismissals", "subject", "in_period", "dismissals"),
)
"""Changes over the window that are printed. Beside them the cases open at its end."""
STOCK = ("cases_open", "case", "at_period_end", "cases open at the end")
MARK = "[!]"


@dataclass(frozen=True)
class Limit:
    """One limit that one arm crosses in one world."""

    scenario: str
    world: str
    limit: str
    key: str
    value: float
    unit: str
    low: float
    high: float
    says: str
    """What is crossed, without arm and world."""


NONE = float("nan")


@lru_cache(maxsize=4)
def limits(study: Study) -> tuple[Limit, ...]:
    """Every limit that is crossed, kind by kind."""
    return (
        *_queues(study),
        *_evidence(study),
        *_beyond(study),
        *_dates(study),
        *_caseload(study),
        *_replications(study),
    )


def table(study: Study) -> pd.DataFrame:
    """The limits crossed, a row each."""
    return pd.DataFrame([asdict(one) for one in limits(study)], columns=list(Limit.__dataclass_fields__))


def sentences(study: Study) -> list[str]:
    """A line for each limit, worlds that share it together."""
    together: dict[tuple[str, str, str], list[str]] = {}
    for one in limits(study):
        together.setdefault((one.limit, one.says, one.scenario), []).append(one.world)
    arms: dict[tuple[str, str, tuple[str, ...]], list[str]] = {}
    for (limit, says, scenario), crossed in together.items():
        arms.setdefault((limit, says, tuple(crossed)), []).append(scenario)
    lines = []
    for (limit, says, worlds), labels in arms.items():
        named = [world for world in worlds if world]
        where = words.listed(labels) + (
            f" in {words.listed(named)}" if named and set(named) != set(study.worlds) else ""
        )
        lines.append(f"{MARK} {limit[:1].upper()}{limit[1:]}: {says} ({where}).")
    return lines


def marks(study: Study) -> list[str]:
    """One line for the notes of a figure or table: how many limits of each kind are crossed; none where none is."""
    kinds: dict[str, list[str]] = {}
    for one in limits(study):
        kinds.setdefault(one.limit, []).append(one.world)
    if not kinds:
        return []
    parts = []
    for kind, worlds in kinds.items():
        named = [world for world in study.worlds if world and world in worlds]
        parts.append(kind + (f" (in {words.listed(named)})" if named and len(named) < len(study.worlds) else ""))
    return [f"{MARK} Limits crossed: {'; '.join(parts)}. Each is named in limits.csv."]


def _queues(study: Study) -> Iterator[Limit]:
    for one in queues.growing(study):
        says = f"{one.name} grew to the end, so means of days there say how long the run was"
        yield Limit(
            one.scenario, one.world, QUEUE, f"{one.queue}{f', {one.team}' if one.team else ''}", one.a_quarter, "cases a quarter", NONE, 0.0, says
        )  # fmt: skip


def _evidence(study: Study) -> Iterator[Limit]:
    """Posts and slots against the evidence's range on the same day. The evidence is of a force like the Met, so others are not held against it."""
    if not tables.like_the_met(study):
        return
    for (label, world), plan in study.plans.items():
        dated: tuple[Dated, ...] = plan.values  # noqa: PD011 (a plan's, not a table's)
        for value in dict.fromkeys(dated[at] for team in plan.teams for at in (team.posts, team.slots) if at >= 0):
            found = _furthest(plan, value)
            if found is not None:
                level, low, high, unit, day = found
                says = (
                    f"{value.name} is {level:,.4g} from {words.day(day)}, extrapolated beyond {low:,.4g} to {high:,.4g}, the range of "
                    "its evidence on that day"
                )
                yield Limit(label, world, EVIDENCE, value.name, level, unit, low, high, says)


def _beyond(study: Study) -> Iterator[Limit]:
    """Numbers that an arm changes beyond their evidence, which `_evidence` has not named yet, and teams that it more than doubles."""
    named = {(one.scenario, one.world, one.key) for one in _evidence(study)}
    for (label, world), found in study.beyond.items():
        for one in found:
            since = f"{one.key} is {one.level:,.4g} from {words.day(one.on)}"
            other = f"{one.key} at {one.level:,.4g} from {words.day(one.on)}"
            if one.what == OUT_OF_RANGE and (label, world, one.key) not in named:
                scaled = "" if one.times == 1 else f" (times {one.times:g}, as the scenario scales it)"
                says = f"{since}, outside its range in the evidence, {one.low:,.4g} to {one.high:,.4g}{scaled}"
                yield Limit(label, world, EVIDENCE, one.key, one.level, one.unit, one.low, one.high, says)
            elif one.what == DOUBLED:
                says = f"{since}: {one.level - one.before:,.4g} posts added to {one.before:,.4g}"
                yield Limit(label, world, TWICE, one.key, one.level, one.unit, 0.0, 2 * one.before, says)
            elif one.what == REPLACED:
                says = f"an established row puts {other} in place of the world's own {one.before:,.4g}, and what changes is that too"
                yield Limit(label, world, REPLACES, one.key, one.level, one.unit, one.before, one.before, says)


def _furthest(plan: Plan, value: Dated) -> tuple[float, float, float, str, date] | None:
    """The level in the window that is furthest outside the evidence's range of that day, with the range and the day."""
    number = tables.evidence().numbers.get(value.name)
    seen = plan.observation
    days = {plan.day(seen.window_from)}
    days |= {plan.day(at) for at in value.times if seen.window_from < at < seen.window_to}
    if number is None:
        return None
    days |= {step.from_ for step in number.steps if plan.day(seen.window_from) < step.from_ < plan.day(seen.window_to)}
    worst: tuple[float, tuple[float, float, float, str, date]] | None = None
    for day in sorted(days):
        if day < number.steps[0].from_:
            continue
        step, level = number.at(day), value.at(plan.minute(day))
        low, high = step.low, step.high
        beyond = max(low - level, level - high) / max(high - low, 1.0)
        if beyond > 1e-9 and (worst is None or beyond > worst[0]):
            worst = (beyond, (level, low, high, number.unit, day))
    return worst[1] if worst else None


def _dates(study: Study) -> Iterator[Limit]:
    plan = tables.plan_of(study)
    ends = plan.day(plan.observation.window_to)
    last = max((target.window_to for target in tables.evidence().targets.values()), default=ends)
    if last < ends and tables.like_the_met(study):
        says = (
            f"the window runs to {words.day(ends - timedelta(days=1))}; the last figure that the model is held against is of "
            f"{words.day(last - timedelta(days=1))}, and what is later rests on levels held on"
        )
        for world in study.worlds:
            yield Limit(study.base, world, DATES, "window", (ends - last).days, "days", NONE, 0.0, says)
    for (label, world), other in study.plans.items():
        if label == study.base or (study.base, world) not in study.plans:
            continue
        begins = first_difference(study.plans[study.base, world], other)
        if begins is not None and begins >= other.observation.window_to:
            says = f"its first change is on {words.day(other.day(begins))}, when the window is over: it shows nothing of it"
            over = (other.day(begins) - ends).days
            yield Limit(label, world, DATES, "first change", over, "days", NONE, 0.0, says)


SUSPENDED = "officer_days_suspended"
PAST_SUSPENSIONS = (
    "suspensions of before the first day are not in the opening caseload, so officer-days suspended start near zero and their level is too low at first; "
    "the change holds only suspensions that begin later"
)


INFLOW = "cases_received"
FRESH_FORCE = (
    "the force is drawn afresh, and nobody who was often reported has left it yet, so more internal cases come in than after the years before are played "
    "(about 8% more over five years in today, slack): read changes, not levels"
)
"""Measured: six futures each of `today` in the world `slack`, seed 1: 7,715 internal cases received from an opening caseload, 7,128 after the years before."""
LEAST_CASES, LEAST_SHARE = 5, 0.1
"""How many cases, and what share of those said to wait or to have a place, a world has to place otherwise for that to be named."""
YEARS_WORTH, TIMES = 1.0, 3.0
"""How many years' worth of the internal cases received a warmed-up force of the model has open, and how many times more or less of it is named.

Of the shipped scenarios, in each of their worlds and with the years before played, it is 0.8 to 1.4. In a steady state it is the mean time in the
system (Little's law), so it depends on neither the size of the force nor the posts that a world gives a team, as cases per officer or per post would;
and it needs no play of the years before, since the run itself says how many are received."""


def _caseload(study: Study) -> Iterator[Limit]:
    """Where a run begins with a table of cases: what that table leaves out, and where it is not of this world, or of this force."""
    if study.opening is None:
        return
    if (study.summary["measure"] == SUSPENDED).any():
        for label, world in study.figures:
            yield Limit(label, world, CASELOAD, SUSPENDED, NONE, "days", NONE, NONE, PAST_SUSPENSIONS)
    for label, world in study.figures:
        yield Limit(label, world, CASELOAD, INFLOW, NONE, "cases", NONE, NONE, FRESH_FORCE)
    made_in = study.opening.made_in
    for label, world in study.figures:
        if world and set(made_in) - {world}:
            made = words.listed(list(made_in))
            says = f"the model made the open cases in {made}, so the run begins with the queues of {made} and not with those of this world"
            yield Limit(label, world, OTHER_WORLD, "world", NONE, "", NONE, NONE, says)
    for (label, world), plan in study.plans.items():
        for team in places_on_the_first_day(plan):
            yield from _against(label, world, team)
    yield from _size(study, study.opening.of_the_first_stream)


def _against(label: str, world: str, team: Places) -> Iterator[Limit]:
    """A team that has room for cases said to wait for it, or none for cases said to be with it."""
    name = words.short(team.team)
    if team.placed >= LEAST_CASES and team.placed > LEAST_SHARE * team.waiting:
        says = (
            f"the caseload has {team.waiting:,} waiting for a place with {name}, of whom this world places {team.placed:,} on the first day: "
            f"it has {team.places:,} places, and the caseload says that {team.holding:,} are taken"
        )
        yield Limit(label, world, AGAINST, f"waiting, {team.team}", team.placed, "cases", NONE, LEAST_SHARE * team.waiting, says)  # fmt: skip
    if team.without >= LEAST_CASES and team.without > LEAST_SHARE * team.holding:
        says = (
            f"the caseload has {team.holding:,} under investigation with {name}, for whom this world has {team.places:,} places on the first day: "
            f"{team.without:,} begin by waiting for one"
        )
        yield Limit(label, world, AGAINST, f"investigated, {team.team}", team.without, "cases", NONE, LEAST_SHARE * team.holding, says)  # fmt: skip


def _size(study: Study, cases: int) -> Iterator[Limit]:
    """A caseload of far more or far fewer internal cases than a force that receives as many as this one has open."""
    window, years = tables.window_label(study), tables.window_years(study)
    rows = tables.pick(tables.base_rows(study, "cases_received"), counted="case", group="", period=window)
    for world in study.worlds:
        a_year = tables.value_of(rows[rows["world"] == world]) / years
        if not a_year > 0:
            continue
        worth = cases / a_year
        if not YEARS_WORTH / TIMES <= worth <= YEARS_WORTH * TIMES:
            says = (
                f"{cases:,} internal cases are open on the first day, {float(f'{worth:.2g}'):,g} years' worth of the {float(f'{a_year:.2g}'):,.0f} received in a year; "
                f"with the years before played this model has about {YEARS_WORTH:g} year's worth, so these look like the cases of another force, or like some of this one's only"
            )
            yield Limit(study.base, world, SIZE, "cases open", worth, "years of cases received", YEARS_WORTH / TIMES, YEARS_WORTH * TIMES, says)  # fmt: skip


def first_difference(base: Plan, other: Plan) -> int | None:
    """The first minute at which a dated value differs between two plans; None where none does."""
    dated: tuple[Dated, ...] = base.values  # noqa: PD011 (a plan's, not a table's)
    mine = {value.name: value for value in dated}
    dated = other.values  # noqa: PD011
    found = []
    for value in dated:
        before = mine.get(value.name)
        if before is not None and before != value:
            found += [at for at in sorted({*before.times, *value.times}) if before.at(at) != value.at(at)][:1]
    return min(found, default=None)


def _replications(study: Study) -> Iterator[Limit]:
    """Changes whose interval includes no change, or that have none. Of an arm that plays the very plan of the base no change is one of chance."""
    shown = [
        (measure, basis, name, tables.differences(study, measure, counted=counted, basis=basis))
        for measure, counted, basis, name in SHOWN
    ]
    shown.append((STOCK[0], STOCK[2], STOCK[3], tables.last_differences(study, STOCK[0], counted=STOCK[1])))
    for measure, basis, name, rows in shown:
        for one in rows.to_dict("records"):
            label, world = str(one["scenario"]), str(one["world"])
            mean, low, high = (float(one[column]) for column in ("mean", "low", "high"))
            surely = mean == low == high == 0
            if (
                isnan(mean)
                or surely
                or not (isnan(low) or includes_no_change(low, high))
                or _same_plan(study, label, world)
            ):
                continue
            if isnan(low):
                why = "is of a single replication" if study.replications == 1 else "is not known in every future"
                says = f"the change in {name} {why}, without an interval"
            else:
                says = f"the interval of the change in {name} includes no change, so its sign is not known"
            yield Limit(label, world, REPLICATIONS, f"{measure}, {basis}", mean, str(one["unit"]), low, high, says)


def includes_no_change(low: float, high: float) -> bool:
    """Whether zero lies within an interval, its ends included."""
    return low <= 0 <= high


def _same_plan(study: Study, label: str, world: str) -> bool:
    plans = study.plans.get((label, world)), study.plans.get((study.base, world))
    return all(plans) and replace(plans[0], name="") == replace(plans[1], name="")  # type: ignore[type-var]
