"""Does the model see a year it was never shown? The year after September 2022, and the switch of chairs in 2016, held against what was kept back.

Nothing here is fitted. Inputs are reported inflow, staffing and the stand-off of chairs (`scenarios/after_2022.toml`); what is compared are rows of
the register, most of role ``validate``. The tolerance of a count is two standard deviations of chance, that of a ratio of two counts the
same on its logarithm, and is worked out here, never chosen.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date
from math import exp, log, sqrt
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from sim.evidence import SourceRow
from sim.experiment.spans import Estimate, Span, estimate, play_spans
from sim.scenario import Scenario, load_scenario

if TYPE_CHECKING:
    import pandas as pd

SCENARIO = "after_2022"
DEVIATIONS = 2.0
"""Standard deviations of chance that a published count is given either way."""

REPORTED, ALL_SOURCES, STAND_OFF, NOTHING = "as reported", "inflow of all sources", "stand-off in full", "nothing fed"
ARMS: Mapping[str, str] = {
    REPORTED: "inflow of officers and staff up by a third, 130 more central investigators and about 90 lent, two of three chairs",
    ALL_SOURCES: "all recorded cases, public ones too, up as all reports to the force were (876 to 1,668), the rest as reported",
    STAND_OFF: "one of three chairs while they stood off, the low end of the range, the rest as reported",
    NOTHING: "inflow, staffing and chairs as in September 2022: what a model that was told nothing would say",
}
"""What each arm is fed with. Only the first is scored."""

TURN = date(2022, 10, 1)
"""The first day of the year that is looked at."""
SPANS: Mapping[str, Span] = {
    "year before": Span(date(2021, 10, 1), TURN),
    "year after": Span(TURN, date(2023, 10, 1)),
    "half before": Span(date(2022, 4, 1), TURN),
    "half after": Span(TURN, date(2023, 4, 1)),
    "2020": Span(date(2020, 1, 1), date(2021, 1, 1)),
    "2022": Span(date(2022, 1, 1), date(2023, 1, 1)),
    "2023": Span(date(2023, 1, 1), date(2024, 1, 1)),
    "years": Span(date(2018, 4, 1), date(2025, 4, 1)),
}


@dataclass(frozen=True)
class Figure:
    """A figure of the model: some measures added up, over what several others add up to if there are any."""

    span: str
    measures: tuple[str, ...]
    group: str = ""
    period: str = ""
    """As in the tables of measures; that of the whole span if empty."""
    over: tuple[str, ...] = ()
    counted: str = ""
    """What is counted, where a measure counts several things."""
    per: float = 1.0
    """Divided by this."""


@dataclass(frozen=True)
class Published:
    """What was published: the value of a row of the register, or of two, one over the other."""

    row: str
    over: str = ""
    value: float | None = None
    """Where the row is words, the number in them."""
    scale: float = 1.0

    def number(self, register: Mapping[str, SourceRow]) -> float:
        """As a number in the unit of the figure."""
        printed = register[self.row].value if self.value is None else self.value
        assert printed is not None, f"{self.row} has no number"
        below = register[self.over].value if self.over else 1.0
        assert below is not None, f"{self.over} has no number"
        return printed / below * self.scale

    def tolerance(self, register: Mapping[str, SourceRow]) -> tuple[float, float]:
        """Low and high: two standard deviations of chance of a count, or of a share of a count."""
        number = self.number(register)
        if self.over:
            whole = register[self.over].value
            assert whole is not None
            half = DEVIATIONS * sqrt(number * (1 - number) / whole)
        else:
            count = number / self.scale
            half = DEVIATIONS * sqrt(count) * self.scale
        return number - half, number + half


@dataclass(frozen=True)
class Side:
    """A published figure beside the model's."""

    when: str
    figure: Figure
    published: Published


@dataclass(frozen=True)
class Question:
    """One thing that is looked at: a figure, or the same figure before and after."""

    key: str
    label: str
    unit: str
    after: Side
    before: Side | None = None
    suggests: str = ""
    """What it would mean if the model missed it: said beforehand, for either way."""
    unscored: str = ""
    """Why it has no vote: what was published is of another population, or is the same fact as another question. Both figures are shown."""


_AWAITING = Figure("years", ("awaiting_hearing",), period="2022-09-30")
_SUSPENDED = Figure("years", ("people_suspended",), "employment=officer", "2022-09-30")
_DISMISSED = Figure("year before", ("dismissals",), "employment=officer")
_OR_WOULD_HAVE_BEEN = Figure("2022", ("dismissals", "would_have_been_dismissed"), "employment=officer")
_MEETINGS = Figure(
    "years",
    ("misconduct_meetings",),
    period="2022-23",
    over=("misconduct_meetings", "gross_misconduct_hearings", "accelerated_hearings"),
)
_REGULATION_13 = Figure("years", ("exits_while_under_investigation",), "route=regulation_13", "2018-19")
_BARRED = Figure("years", ("added_to_barred_list",), period="2024-25")


def _resignations(year: str, row: str) -> Question:
    return Question(
        f"regulation_13_resignations_{year.replace('-', '_')}",
        f"Probationers who resigned under regulation 13, {year}",
        "people",
        Side(year, replace(_REGULATION_13, period=year), Published(row)),
        suggests="The rate of such matters is flat in the model; recruits of the uplift, who were probationers in 2021-22, are not.",
    )


QUESTIONS: tuple[Question, ...] = (
    Question(
        "awaiting_hearing",
        "Officers awaiting a gross misconduct hearing",
        "people",
        Side("September 2023", replace(_AWAITING, period="2023-09-30"), Published("bl_awaiting_sep23")),
        Side("September 2022", _AWAITING, Published("bl_awaiting_sep22")),
        """Cases come to a hearing a year or more after they are received, so inflow of this year cannot have made this queue: more cases must have been
referred out of those already open (a lower bar for gross misconduct, old cases taken up again, files finished faster), or fewer were heard.""",
    ),
    Question(
        "awaiting_hearing_spring_2024",
        "Officers still serving awaiting a hearing",
        "people",
        Side(
            "spring 2024",
            Figure("years", ("awaiting_hearing",), "former=no", "2024-03-31"),
            Published("bl_awaiting_2024_serving"),
        ),
        suggests="""As for September 2023. Of those published about 13% had left before (N086): a queue of which much more has left says that leaving,
or how long former officers wait, is wrong.""",
    ),
    Question(
        "suspended",
        "Officers suspended",
        "people",
        Side("September 2023", replace(_SUSPENDED, period="2023-09-30"), Published("sus_sep23")),
        Side("September 2022", _SUSPENDED, Published("sus_sep22")),
        """The share suspended is one number for all years, for internal matters; a level below the published one says it is too small or ends
too soon, a ratio below it that practice changed in that year, which nothing fed in tells the model.""",
    ),
    Question(
        "suspended_mid",
        "Officers suspended, half-way",
        "people",
        Side("March 2023", replace(_SUSPENDED, period="2023-03-31"), Published("sus_mar23")),
        suggests="Half of the rise came in the first six months: policy, not inflow.",
    ),
    Question(
        "dismissals_year",
        "Officers dismissed in twelve months",
        "people",
        Side("to September 2023", replace(_DISMISSED, span="year after"), Published("out_dismissed_12m_sep23")),
        Side("to September 2022", _DISMISSED, Published("out_historic_rate_implied")),
        """The figure before is worked back from the one after and its +66%. Too low a level with the right ratio says that the model has too few
dismissals of officers; too low a ratio that cases were decided faster or more severely than the inflow explains.""",
    ),
    Question(
        "dismissals_half_year",
        "Officers and staff dismissed in six months",
        "people",
        Side("to March 2023", Figure("half after", ("dismissals",)), Published("out_dismissed_6m_mar23")),
        Side("to September 2022", Figure("half before", ("dismissals",)), Published("out_dismissed_6m_sep22")),
        "As for twelve months, with more chance in it.",
    ),
    Question(
        "dismissed_or_would_have_been",
        "Officers dismissed, or who would have been",
        "people",
        Side("2023", replace(_OR_WOULD_HAVE_BEEN, span="2023"), Published("out_dismissed_2023")),
        Side("2022", _OR_WOULD_HAVE_BEEN, Published("out_dismissed_2022")),
        "Those dismissed for incompetence are in the published figure and not in the model's.",
    ),
    Question(
        "dismissed_or_would_have_been_2020",
        "Officers dismissed, or who would have been, 2020",
        "people",
        Side("2020", replace(_OR_WOULD_HAVE_BEEN, span="2020"), Published("out_dismissed_2020")),
        suggests="How far hearings were closed in 2020 is assumed.",
    ),
    Question(
        "accelerated",
        "Accelerated hearings in six months",
        "cases",
        Side("to March 2023", Figure("half after", ("accelerated_hearings",)), Published("bl_expedited_mar23")),
        Side("to September 2022", Figure("half before", ("accelerated_hearings",)), Published("bl_expedited_sep22")),
        "Published are cases put on that route, here those heard. A doubling is a choice of the force that nothing fed in tells the model.",
    ),
    Question(
        "barred_list",
        "Officers placed on the barred list",
        "people",
        Side("2024-25", _BARRED, Published("N056")),
        suggests="The model stands still after September 2023 but for the law and the chairs; the force did not.",
    ),
    Question(
        "barred_list_rate",
        "Officers placed on the barred list, for each thousand officers",
        "a thousand",
        Side("2024-25", replace(_BARRED, per=33.293), Published("N056", scale=1 / 33.293)),
        unscored="the same fact as the count above, over 33,293 officers",
    ),
    Question(
        "barred_list_national",
        "Regular officers placed on the barred list: growth",
        "people",
        Side("2024-25", _BARRED, Published("N045")),
        Side("2023-24", replace(_BARRED, period="2023-24"), Published("N046")),
        "Only the growth can be held against the model's.",
        "forty-three forces; the model is of one",
    ),
    Question(
        "meeting_share",
        "Share of proceedings that are meetings",
        "share",
        Side("2023-24", replace(_MEETINGS, period="2023-24"), Published("N004", "N002")),
        Side("2022-23", _MEETINGS, Published("N009", "N007")),
        """The published series counts only what came to attention since February 2020: slow cases, more often hearings, come in late, so part of
the published fall is made by that rule; the model counts all that is held, of the internal stream.""",
        "forty-three forces; the model is of one",
    ),
    _resignations("2018-19", "r13_resign_2018_19"),
    _resignations("2019-20", "r13_resign_2019_20"),
    _resignations("2020-21", "r13_resign_2020_21"),
    _resignations("2021-22", "r13_resign_2021_22"),
)


def register_rows() -> frozenset[str]:
    """Ids of all rows that something is held against."""
    sides = [side for one in QUESTIONS for side in (one.before, one.after) if side]
    ids = {side.published.row for side in sides} | {side.published.over for side in sides}
    return frozenset(ids - {""})


# --- what is played -------------------------------------------------------------------------------------------------------


def arms(world: str, scenario: str = SCENARIO, folder: Path | None = None) -> dict[str, Scenario]:
    """The arms in one world, by name.

    Raises:
        ScenarioError: with every problem of the scenario.
    """
    fed = load_scenario(scenario, world=world, folder=folder)

    def before(key: str) -> float:
        return _value(fed, key, date(2022, 9, 30))

    register = fed.evidence.register
    growth = Published("in_reports_2022_23", "in_reports_prior_2022_23").number(register)
    calls = before("source.share.internal.hotline")
    came, comes = (_value(fed, "reporting.by_source.hotline", day) for day in (date(2022, 9, 30), date(2022, 12, 1)))
    by_hotline = (1 - calls + calls * comes) / (1 - calls + calls * came)
    settings: dict[str, dict[str, float]] = {
        REPORTED: {},
        ALL_SOURCES: {
            "demand.internal_incidents@2022-10-01": before("demand.internal_incidents") * growth / by_hotline,
            "public.cases@2022-10-01": before("public.cases") * growth,
        },
        STAND_OFF: {"hearings.legally_qualified_chairs@2022-11-01": 1},
        NOTHING: {
            "demand.internal_incidents@2022-10-01": before("demand.internal_incidents"),
            "reporting.by_source.hotline@2022-10-01": came,
            "dps.investigators@2022-10-01": before("dps.investigators"),
            "hearings.legally_qualified_chairs@2022-10-01": before("hearings.legally_qualified_chairs"),
        },
    }
    made = {}
    for arm, laid in settings.items():
        said = {path: f"{value:.10g}" for path, value in laid.items()}
        if arm == STAND_OFF:
            said["hearings.legally_qualified_chairs@2023-06-01"] = f"{before('hearings.legally_qualified_chairs'):g}"
        made[arm] = load_scenario(scenario, world=world, settings=said, folder=folder) if said else fed
    return made


def _value(scenario: Scenario, key: str, day: date) -> float:
    """A number as laid, on a day."""
    steps = scenario.numbers[key].steps
    return next((value for start, value in reversed(steps) if start <= day), steps[0][1])


MEASURES = tuple(
    sorted(
        {
            name
            for one in QUESTIONS
            for side in (one.before, one.after)
            if side
            for name in (*side.figure.measures, *side.figure.over)
        }
        | {"cases_received"}
    )
)


def play_backtest(
    *,
    seed: int = 1,
    replications: int = 10,
    scenario: str = SCENARIO,
    folder: Path | None = None,
    worlds: tuple[str, ...] = (),
    workers: int | None = None,
) -> tuple[pd.DataFrame, Mapping[str, SourceRow]]:
    """Every figure of every future of every arm (`spans.SPANNED`), and the register they are held against.

    Raises:
        ScenarioError: with every problem of the scenario.
        UnplayableError: a plan led into something that cannot be played.
    """
    first = load_scenario(scenario, folder=folder)
    chosen = worlds or first.baseline.worlds or ("",)
    made = {world: arms(world, scenario, folder) for world in chosen}
    plans = {(arm, world): made[world][arm].plan for arm in ARMS for world in chosen}
    played = play_spans(plans, SPANS, MEASURES, seed=seed, replications=replications, workers=workers)
    return played, first.evidence.register


# --- what is said ---------------------------------------------------------------------------------------------------------

HIT, NEAR, MISS, UNSCORED = "hit", "near", "miss", "not scored"
VERDICTS: Mapping[str, str] = {
    HIT: "the model's mean lies within the tolerance of what was published",
    NEAR: "it does not, but one future in five or more does",
    MISS: "neither",
    UNSCORED: "another population than the model's, the same fact once more, or an arm that is shown for comparison",
}
LEVEL, RATIO = "number", "ratio after/before"
SCORED = (
    "key", "label", "kind", "when", "unit", "row", "role", "published", "published_low", "published_high", "arm", "world", "model",
    "low", "high", "chance_low", "chance_high", "replications", "times_published", "verdict",
)  # fmt: skip
"""`low` and `high` are the computing interval (95%), `chance_low` and `chance_high` the 10% and 90% points of single futures."""


def score(played: pd.DataFrame, register: Mapping[str, SourceRow]) -> pd.DataFrame:
    """Every question, as numbers and as ratios of before and after, in every arm and world: `SCORED`."""
    import pandas as pd

    replications = int(played["replication"].max()) + 1
    index = ["arm", "world", "span", "measure", "counted", "group", "period"]
    columns = [played[name].tolist() for name in (*index, "replication")]
    values: dict[tuple[object, ...], float] = dict(
        zip(zip(*columns, strict=True), played["value"].tolist(), strict=True)
    )
    periods = played[["span", "period"]].drop_duplicates()
    whole = {str(span): str(label) for span, label in periods.itertuples(index=False) if "/" in str(label)}
    rows = []
    for arm, world in dict.fromkeys(zip(played["arm"], played["world"], strict=True)):
        found = _Found(values, whole, arm, world, replications)
        for one in QUESTIONS:
            scored = arm == REPORTED and not one.unscored
            rows += [
                {**row, "arm": arm, "world": world, "verdict": row["verdict"] if scored else UNSCORED}
                for row in _lines(one, found, register)
            ]
    return pd.DataFrame(rows)[list(SCORED)]


@dataclass(frozen=True)
class _Found:
    values: Mapping[tuple[object, ...], float]
    whole: Mapping[str, str]
    arm: str
    world: str
    replications: int

    def of(self, figure: Figure) -> NDArray[np.float64]:
        """A figure in each future."""
        total = self._sum(figure, figure.measures)
        return total / (self._sum(figure, figure.over) if figure.over else 1.0) / figure.per

    def _sum(self, figure: Figure, measures: tuple[str, ...]) -> NDArray[np.float64]:
        total: NDArray[np.float64] = np.sum([self._one(figure, name, figure.group) for name in measures], axis=0)
        return total

    def _one(self, figure: Figure, measure: str, group: str) -> NDArray[np.float64]:
        if group == "former=no":  # those who still serve are all but those who have left
            return self._one(figure, measure, "") - self._one(figure, measure, "former=yes")
        counted = figure.counted or {"people_suspended": "person"}.get(measure, "subject")
        if measure in ("added_to_barred_list", "exits_while_under_investigation"):
            counted = "person"
        period = figure.period or self.whole[figure.span]
        key = (self.arm, self.world, figure.span, measure, counted, group, period)
        return np.array([self.values[(*key, replication)] for replication in range(self.replications)])


def _lines(one: Question, found: _Found, register: Mapping[str, SourceRow]) -> Iterator[dict[str, object]]:
    sides = [side for side in (one.before, one.after) if side]
    for side in sides:
        low, high = side.published.tolerance(register)
        yield _line(one, LEVEL, side, side.published.number(register), low, high, found.of(side.figure), register)
    if one.before:
        before, after = one.before.published, one.after.published
        ratio = after.number(register) / before.number(register)
        spread = DEVIATIONS * sqrt(_relative_variance(before, register) + _relative_variance(after, register))
        with np.errstate(divide="ignore", invalid="ignore"):
            model = found.of(one.after.figure) / found.of(one.before.figure)
        model[~np.isfinite(model)] = np.nan
        side = replace(one.after, when=f"{one.after.when} against {one.before.when}")
        low, high = exp(log(ratio) - spread), exp(log(ratio) + spread)
        yield _line(one, RATIO, side, ratio, low, high, model, register)


def _relative_variance(published: Published, register: Mapping[str, SourceRow]) -> float:
    """Variance of the logarithm: of a count, or of a share of a count."""
    number = published.number(register)
    low, _ = published.tolerance(register)
    return ((number - low) / DEVIATIONS / number) ** 2


def _line(
    one: Question, kind: str, side: Side, published: float, low: float, high: float,
    model: NDArray[np.float64], register: Mapping[str, SourceRow],
) -> dict[str, object]:  # fmt: skip
    found = estimate(model)
    return {
        "key": one.key, "label": one.label, "kind": kind, "when": side.when, "unit": "ratio" if kind == RATIO else one.unit,
        "row": side.published.row, "role": register[side.published.row].role, "published": published, "published_low": low,
        "published_high": high, "model": found.mean, "low": found.low, "high": found.high, "chance_low": found.chance_low,
        "chance_high": found.chance_high, "replications": found.replications, "times_published": found.mean / published,
        "verdict": verdict(found, model, low, high),
    }  # fmt: skip


def verdict(found: Estimate, model: NDArray[np.float64], low: float, high: float) -> str:
    """`VERDICTS`: within the tolerance on the mean, or in one future of five, or neither."""
    if low <= found.mean <= high:
        return HIT
    inside = np.mean((model >= low) & (model <= high))
    return NEAR if inside >= 0.2 else MISS


# --- the switch of chairs in 2016 -----------------------------------------------------------------------------------------

SWITCH = date(2016, 7, 1)
"""From when legally qualified chairs sat: cases under the rule of January 2016 came to a hearing later. The study counts from their first hearing, whose
day was not published; that 44 months lie in 2014 to 2018 leaves the middle of 2016."""
SWITCH_SPANS: Mapping[str, Span] = {
    "before": Span(date(2014, 9, 1), SWITCH),
    "after": Span(SWITCH, date(2018, 5, 1)),
    "all years": Span(date(2013, 4, 1), date(2022, 4, 1)),
}
"""Twenty-two months either side, as in the study of 234 hearings; and nine years, in which there are enough hearings to see an effect."""
PUBLISHED_FALL = (2.0, 28.0)
"""Points by which the share dismissed fell in the Met: a half to a third, 13 to 15 points, with the chance of 142 and 92 hearings (N070, N071)."""

NO_EFFECT, EFFECT, STRONG = "chairs make no difference", "police chairs dismiss more", "police chairs dismiss much more"
READINGS: Mapping[str, tuple[str, tuple[str, ...], Mapping[str, str]]] = {
    NO_EFFECT: ("the base: dismissal does not depend on who sits in the chair", (), {}),
    EFFECT: (
        "the reform `chair_regime`: a police chair gives dismissal 1.3 times the weight that a legally qualified one does",
        ("chair_regime",),
        {},
    ),
    STRONG: (
        "the same with 1.9, the top of the range in the evidence",
        (),
        {"hearing.dismissed_by_chair.senior_officer": "1.9", "hearing.dismissed_by_chair.chief_officer": "1.9"},
    ),
    "mix of cases": (
        "no effect of chairs; from July 2016 the strong cases go to accelerated hearings 1.6 times as often, so weaker ones are left for panels",
        (),
        {"accelerated.share@2016-07-01": "0.4"},
    ),
    "staff leave first": (
        """no effect of chairs; from 2016 those under investigation for gross misconduct leave three times as fast, before they are heard; the law
did not let officers go until December 2017, so this can hardly show""",
        (),
        {"leaving.by_severity.gross@2016-01-01": "0.1167"},
    ),
    "presumption before": (
        "no effect of chairs; a presumption of dismissal (1.5 times the weight) for cases received before 2016 only, as if a policy of those years had ended",
        (),
        {
            "law.presumption_of_dismissal@2013-04-01": "1",
            "law.presumption_of_dismissal@2016-01-01": "0",
        },
    ),
}
"""Each reading: what it says, the reforms and the settings that play it. Every size is put in."""
SWITCHED = (
    "reading", "world", "police", "legally_qualified", "fall", "low", "high", "chance_low", "chance_high", "heard_by_police",
    "heard_by_legally_qualified", "all_years_fall", "all_years_low", "all_years_high", "replications", "verdict",
)  # fmt: skip
"""`fall` in points, on the published basis: ordinary hearings before police chairs in the 22 months before, less those before legally
qualified ones in the 22 months after. `all_years_fall` is the same over all nine years, with intervals."""


def play_switch(
    *,
    seed: int = 1,
    replications: int = 8,
    scenario: str = "casey_2022",
    folder: Path | None = None,
    worlds: tuple[str, ...] = (),
    workers: int | None = None,
) -> pd.DataFrame:
    """What the model shows around 1 January 2016 under each reading: `SWITCHED`.

    Raises:
        ScenarioError: with every problem of the scenario.
        UnplayableError: a plan led into something that cannot be played.
    """
    import pandas as pd

    chosen = worlds or load_scenario(scenario, folder=folder).baseline.worlds or ("",)
    plans = {
        (name, world): load_scenario(scenario, world=world, reforms=reforms, settings=settings, folder=folder).plan
        for name, (_, reforms, settings) in READINGS.items()
        for world in chosen
    }
    played = play_spans(
        plans,
        SWITCH_SPANS,
        ("dismissal_rate_per_hearing", "subjects_heard"),
        seed=seed,
        replications=replications,
        workers=workers,
    )
    played = played[played["group"].str.startswith("chair=") & played["period"].str.contains("/")]
    wide = played.pivot_table(
        index=["arm", "world", "replication"], columns=["span", "measure", "group"], values="value", dropna=False
    )
    rows = []
    for reading, world in plans:
        mine = (wide.index.get_level_values("arm") == reading) & (wide.index.get_level_values("world") == world)
        rows.append(_switched(wide[mine], reading, world))
    return pd.DataFrame(rows)[list(SWITCHED)]


POLICE, LAWYER = ("chair=senior_officer", "chair=chief_officer"), ("chair=legally_qualified",)


def _switched(futures: pd.DataFrame, reading: str, world: str) -> dict[str, object]:
    def of(span: str, chairs: tuple[str, ...]) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """Share dismissed at ordinary hearings before these chairs, and how many were heard."""
        heard = np.array([futures[span, "subjects_heard", chair].to_numpy() for chair in chairs])
        share = np.array([futures[span, "dismissal_rate_per_hearing", chair].to_numpy() for chair in chairs])
        number = np.nansum(heard, axis=0)
        with np.errstate(divide="ignore", invalid="ignore"):
            return np.nansum(heard * np.nan_to_num(share), axis=0) / number, number

    (police, by_police), (lawyer, by_lawyer) = of("before", POLICE), of("after", LAWYER)
    falls = 100 * (police - lawyer)
    fall, every = estimate(falls), estimate(100 * (of("all years", POLICE)[0] - of("all years", LAWYER)[0]))
    return {
        "reading": reading, "world": world, "police": np.nanmean(police), "legally_qualified": np.nanmean(lawyer), "fall": fall.mean,
        "low": fall.low, "high": fall.high, "chance_low": fall.chance_low, "chance_high": fall.chance_high,
        "heard_by_police": by_police.mean(), "heard_by_legally_qualified": by_lawyer.mean(), "all_years_fall": every.mean,
        "all_years_low": every.low, "all_years_high": every.high, "replications": fall.replications,
        "verdict": verdict(fall, falls, *PUBLISHED_FALL),
    }  # fmt: skip
