"""What was asked, and what came out? Futures of one or several arms in one or several worlds, as tidy tables."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from sim.experiment import glance
from sim.plan import Plan
from sim.scenario.beyond import Beyond
from sim.scenario.ensemble import Member
from sim.scenario.files import Overlay
from sim.scenario.opening_sheet import OpeningSheet
from sim.scenario.settings import written
from sim.scenario.staffing import Sheet

if TYPE_CHECKING:
    import pandas as pd  # not needed until something has been played

    from sim.experiment.counted import Weighed

Floats = NDArray[np.float64]

LIMITS = "illustrative, not calibrated"
"""Stamped on every table and figure whose plans no check has passed (`sim/experiment/standing.py`)."""

OPPOSITE = " (opposite)"
"""How the label of an arm ends that does the opposite of an assumed effect."""

ASSUMED_OF_SHEETS = "How long posts of a staffing sheet take to fill, how fast newcomers are, what they take of colleagues' time and what a skill changes is put in."

AGAIN = "; weighed again by your own count"
"""Stamped besides where members were weighed again (`sim/experiment/counted.py`), which no check was of."""

KEYS = ("measure", "counted", "basis", "group", "period")
"""What names a figure, within an arm and a world."""
MEASURES = ("scenario", "world", "replication", *KEYS, "value", "unit")
SUMMARY = ("scenario", "world", *KEYS, "unit", "mean", "low", "high", "interval", "replications")
DIFFERENCES = (
    "base",
    "scenario",
    "world",
    *KEYS,
    "unit",
    "mean",
    "low",
    "high",
    "interval",
    "probability_of_increase",
    "replications",
)
INTERVALS = (
    "base",
    "scenario",
    "world",
    *KEYS,
    "unit",
    "mean",
    "low",
    "high",
    "interval",
    "variance",
    "set_to_zero",
    "members",
    "replications",
)
"""A figure of one scenario where `base` is empty, else its difference from the base."""
FOLLOWS_FROM = "follows_from"
"""The column of written changes that says whether their size was put in: ``assumption``, or ``structure``."""


@dataclass(frozen=True)
class Arm:
    """One plan of a study: a scenario in a world, with reforms and settings laid over it."""

    label: str
    """What tables call it, the same in every world: ``casey_2022``, ``psu_training (opposite)``."""
    scenario: str
    world: str
    """Empty where the scenario has no worlds."""
    reforms: tuple[str, ...] = ()
    settings: tuple[tuple[str, str], ...] = ()
    opposite: bool = False
    """Scales by the inverse and adds the negative of what the reforms do."""
    staffing: str = ""
    """Path of the staffing sheet laid over it; empty where there is none."""
    opening: str = ""
    """Path of the opening caseload that it begins with; empty where it begins with no open case."""
    own: tuple[tuple[str, str], ...] = ()
    """Single changes that this arm has and the base has not; `settings` are those of both."""


@dataclass(frozen=True, eq=False)
class Figures:
    """What an arm added up to in a world."""

    names: pd.DataFrame
    """A row for each figure: `KEYS` and unit."""
    matrix: Floats
    """Replications by figures; NaN is null, a rate of nothing."""

    def tidy(self, arm: Arm, first: int = 0, last: int | None = None) -> pd.DataFrame:
        """`MEASURES`, a row for each figure of each replication from `first` until before `last`. Texts are categories."""
        import pandas as pd

        values = self.matrix[first:last]
        here, figures = values.shape
        columns: dict[str, object] = {
            "scenario": pd.Categorical.from_codes(np.zeros(values.size, np.int8), pd.Index([arm.label])),
            "world": pd.Categorical.from_codes(np.zeros(values.size, np.int8), pd.Index([arm.world])),
            "replication": np.repeat(np.arange(first, first + here, dtype=np.int64), figures),
            "value": values.ravel(),
        }
        for name in (*KEYS, "unit"):
            text = pd.Categorical(self.names[name])
            columns[name] = pd.Categorical.from_codes(np.tile(text.codes, here), dtype=text.dtype)
        return pd.DataFrame(columns, columns=list(MEASURES))


@dataclass(frozen=True, eq=False)
class Played:
    """What the members of an ensemble added up to."""

    ensemble: str
    """The scenario that the ensemble was fitted to."""
    size: int
    """How many members it has; those played are a stratified part of it."""
    members: tuple[Member, ...]
    """Those played, with the weight each stands for; the weights add up to one."""
    provisional: bool
    """Whether its record says that it is no calibration yet."""
    parameters: pd.DataFrame
    """What the members differ in: a row for each, a column for each number by its key, as laid, on the first day of the window."""
    grades: Mapping[str, str]
    """The grade of each of those numbers in the evidence."""
    figures: Mapping[str, Figures] = field(repr=False)
    """By label; the replications of the first member, then those of the second..."""
    intervals: pd.DataFrame
    """`INTERVALS`."""
    share_assumed: Mapping[tuple[str, str], float | None]
    """By label and measure, of the observed and true mean days, the share of the ignorance that rests on assumed numbers."""
    base_plans: tuple[Plan, ...] = field(default=(), repr=False)
    """Of each member, what the base was played by."""
    weighed: Weighed | None = field(default=None, repr=False)
    """Where the user has counted something: how all that were played agree with it. Members are those that are left, with their weights after."""

    @property
    def limits(self) -> str:
        """What is stamped on what the members alone add up to; see `Study.limits`. A check was of the weights before any count of the user's."""
        from sim.experiment.standing import limits_of

        again = self.weighed is not None and self.weighed.agrees
        return limits_of(self.base_plans) + (AGAIN if again else "")

    @property
    def worlds(self) -> tuple[str, ...]:
        """Of each member."""
        return tuple(member.world for member in self.members)

    @property
    def weights(self) -> Floats:
        """Of each member."""
        return np.asarray([member.weight for member in self.members])


MOST_SETTINGS = 4
"""Single changes that a caption names; more are counted."""


def caption(label: str, settings: Sequence[tuple[str, str]]) -> str:
    """What was played, single changes included: ``village with psu.investigators = 10 from 2018-04-01``."""
    said = [written(path, value) for path, value in settings[:MOST_SETTINGS]]
    more = len(settings) - MOST_SETTINGS
    said += [f"{more} more, in run.json"] if more > 0 else []
    return f"{label} with {', '.join(said)}" if said else label


@dataclass(frozen=True, eq=False, repr=False)
class Study:
    """The tables of a run or a comparison. In them `scenario` is the label of an arm.

    Shown at a prompt or in a notebook it is a few lines: what was played, the headline, and where to go on.
    """

    title: str
    base: str
    """Label of the arm that the others are compared with; the name of its scenario, unless reforms are laid over it."""
    arms: tuple[Arm, ...]
    """One for each label and world it was run in, those of the base first."""
    worlds: tuple[str, ...]
    seed: int
    replications: int
    figures: Mapping[tuple[str, str], Figures]
    """By label and world, in the order of the arms."""
    summary: pd.DataFrame
    """Means with intervals: `SUMMARY`. A figure has a row of computing error and, from ten replications, one of chance."""
    differences: pd.DataFrame
    """Other minus base, paired by replication: `DIFFERENCES`; empty where nothing was compared."""
    plans: Mapping[tuple[str, str], Plan]
    """By label and world."""
    headers: Mapping[str, Overlay]
    """What the files of the reforms and worlds say of themselves, by name."""
    share_assumed: float | None
    """Of the dated values that the base plan reads, the share graded assumed."""
    wall_seconds: float
    engine: str
    """Which engine played what was not known yet; the digits are the same whichever does."""
    caught: pd.DataFrame | None = None
    """Which open cases each reform catches, where that was asked: `SUMMARY`."""
    staffing: pd.DataFrame | None = None
    """Posts and people of every arm by team and quarter, where a sheet was laid over one: `STAFFING`."""
    sheets: Mapping[str, Sheet] = field(default_factory=dict)
    """The staffing sheets, by name."""
    beyond: Mapping[tuple[str, str], tuple[Beyond, ...]] = field(default_factory=dict)
    """By label and world, where an arm takes a number beyond what is known."""
    opening: OpeningSheet | None = None
    """The cases that are open on the first day of every arm; None where there are none."""
    played: Played | None = None
    """The ensemble, where it was asked for."""
    notes: tuple[str, ...] = ()
    """Sentences to be read with the tables: which arms follow from assumption, which opposite could not be run."""
    not_run: tuple[str, ...] = ()
    """Worlds of the scenario that were not run."""
    folder: Path | None = field(default=None)
    """Where it was written."""

    @property
    def limits(self) -> str:
        """What is stamped on every table and figure: `LIMITS`, unless the base's plans are those of a check that passed."""
        from sim.experiment.standing import limits_of  # which reads `LIMITS` here

        return limits_of(plan for (label, _), plan in self.plans.items() if label == self.base)

    @property
    def caption(self) -> str:
        """What the base is, with the single changes that were laid over it and over every other arm."""
        return caption(self.base, self.arms[0].settings)

    def __repr__(self) -> str:
        return "\n".join([*glance.opening(self), *glance.text_lines(self), *glance.way_on(self)])

    def _repr_html_(self) -> str:
        return glance.as_html(self)

    @property
    def labels(self) -> tuple[str, ...]:
        """The labels of the arms, the base first."""
        return tuple(dict.fromkeys(arm.label for arm in self.arms))

    @cached_property
    def given_up(self) -> pd.DataFrame:
        """What units give up for the posts of staffing sheets, against the base: `sim.experiment.staffing.GIVEN`; empty without a sheet."""
        from sim.experiment import staffing

        return staffing.given_up(self.staffing, self.base, self.plans)

    @cached_property
    def measures(self) -> pd.DataFrame:
        """Every figure of every replication: `MEASURES`. It is built when first asked for."""
        import pandas as pd

        table = pd.concat([self.figures[arm.label, arm.world].tidy(arm) for arm in self.arms], ignore_index=True)
        return table.astype(dict.fromkeys(set(MEASURES) - {"replication", "value"}, "str"))

    @property
    def caveat(self) -> str:
        """That the answer depends on worlds that were not run, where staff were changed and there are such; else empty."""
        return caveat(self.arms, self.plans, self.headers, self.worlds, self.not_run)

    def at_quarter_ends(self, measure: str, group: str = "") -> pd.DataFrame:
        """Means of a measure of stocks (``cases_open``) by quarter: a row for each last day, a column for each label and world; empty if there is no such measure or group."""
        ends = self.summary["period"].str.fullmatch(r"\d{4}-\d{2}-\d{2}")
        mine = self.summary[
            (self.summary["measure"] == measure)
            & (self.summary["group"] == group)
            & ends
            & self.summary["interval"].str.startswith("computing")
        ]
        wide = mine.pivot_table(index="period", columns=["scenario", "world"], values="mean", sort=False)
        return wide.rename_axis(index="quarter_end")

    def assumptions(self, label: str) -> tuple[str, ...]:
        """What is put in and not found by the arm of this label: the points of its reforms that follow from assumption, the terms of a sheet, and
        single changes of its own, unless they say how many there are or what the law is: what comes of that follows from structure."""
        arm = next((arm for arm in self.arms if arm.label == label), None)
        if arm is None:
            return ()
        put_in = [
            point.text
            for reform in arm.reforms
            for point in self.headers[Path(reform).stem].points
            if point.follows_from == "assumption"
        ]
        put_in += [
            f"What {path.partition('@')[0]} is changed to is put in."
            for path, _ in arm.own
            if is_put_in(path, self.plans[arm.label, arm.world])
        ]
        return (*put_in, *([ASSUMED_OF_SHEETS] if self._rests_on_terms(arm) else []))

    def _rests_on_terms(self, arm: Arm) -> bool:
        """Whether the sheet of an arm brings people in, replaces those who leave or sets a pool up; posts that are only given up need no such number."""
        sheet = self.sheets.get(Path(arm.staffing).stem) if arm.staffing else None
        if sheet is None or self.staffing is None:
            return bool(arm.staffing)
        leavers = self.staffing.loc[self.staffing["scenario"] == arm.label, "leavers"]
        return bool((leavers > 0).any()) or any(row.rests_on_terms for row in sheet.rows)

    def follows_from(self, label: str) -> str:
        """``assumption`` if any part of what the arm of this label does is put in, else ``structure``."""
        return "assumption" if self.assumptions(label) else "structure"

    def labelled(self, changes: pd.DataFrame) -> pd.DataFrame:
        """Changes (`DIFFERENCES` or `INTERVALS`) with the column `FOLLOWS_FROM` behind the others; empty for what is no change."""
        known = {label: self.follows_from(label) for label in dict.fromkeys(changes["scenario"])}
        told = [known[label] if base else "" for label, base in zip(changes["scenario"], changes["base"], strict=True)]
        return changes.assign(**{FOLLOWS_FROM: told})


LAW = "law."
"""How numbers begin that say what the law is."""


def is_put_in(path: str, plan: Plan) -> bool:
    """Whether a single change is the size of an effect. It is not where it says how many cases come, how many posts, places in caseloads, units
    or sitting places there are, or what the law is."""
    key = path.partition("@")[0]
    teams = (at for team in plan.teams for at in (team.posts, team.slots, team.units, team.pools) if at >= 0)
    others = (*(diary.size for diary in plan.diaries), *(stream.rate for stream in plan.streams))
    counts = {plan.values[at].name for at in (*teams, *others)}  # noqa: PD011 (a plan's, not a table's)
    return key not in counts and not key.startswith(LAW)


def changes_staff(arm: Arm, plan: Plan, headers: Mapping[str, Overlay]) -> bool:
    """Whether an arm says how many posts a team has, by a sheet, a reform or a setting."""
    posts = {plan.values[team.posts].name for team in plan.teams}  # noqa: PD011 (a plan's, not a table's)
    reforms = [headers[name] for reform in arm.reforms if (name := Path(reform).stem) in headers]
    keys = {key for header in reforms for point in header.points for key in point.changes}
    keys |= {key.partition("@")[0] for key, _ in (*arm.settings, *arm.own)}
    return bool(arm.staffing) or bool(keys & posts)


def caveat(
    arms: Sequence[Arm],
    plans: Mapping[tuple[str, str], Plan],
    headers: Mapping[str, Overlay],
    worlds: Sequence[str],
    not_run: Sequence[str],
) -> str:
    """The sentence to stand with every number where staff were changed in some worlds only; else empty."""
    if not not_run or not any(changes_staff(arm, plans[arm.label, arm.world], headers) for arm in arms):
        return ""
    ran, missing = (" and ".join(filter(None, (", ".join(names[:-1]), *names[-1:]))) for names in (worlds, not_run))
    were = "was" if len(not_run) == 1 else "were"
    return (
        f"Played in {ran} only; {missing} {were} not run. What a change of staff does depends on the world: "
        f"these numbers hold in {ran}, and the others may say otherwise."
    )
