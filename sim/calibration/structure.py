"""Does the answer depend on which reading of the literature is right? Conflicts, each played both ways, and the rule that says when it matters.

Nothing decides between the readings here: both are played, with the same futures, and what is compared is the answer.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from sim.experiment.spans import Span, estimate, play_spans
from sim.plan import Plan
from sim.scenario import load_scenario

if TYPE_CHECKING:
    import pandas as pd


@dataclass(frozen=True)
class Reading:
    """One way to read the literature, and what plays it."""

    says: str
    rows: tuple[str, ...] = ()
    """Of the register, that speak for it."""
    reforms: tuple[str, ...] = ()
    settings: Mapping[str, str] = field(default_factory=dict)
    """Laid over the scenario together with the reforms. Neither: the base plays it."""


@dataclass(frozen=True)
class Conflict:
    """Two readings that cannot both be right."""

    key: str
    title: str
    a: Reading
    b: Reading
    scenario: str = "casey_2022"
    beyond: str = ""
    """What neither reading plays."""


CONFLICTS: tuple[Conflict, ...] = (
    Conflict(
        "chairs",
        "Do chairs differ in how often they dismiss?",
        Reading("No: what changed was the mix of cases, or chance.", ("N074", "hrg_lqc_caution")),
        Reading(
            "Yes: police chairs give dismissal 1.3 times the weight (assumed).",
            ("hrg_dismiss_co", "hrg_dismiss_lqc"),
            ("chair_regime",),
        ),
        beyond="Chairs who differ from one another. In casey_2022 a police chair sits on cases received before 2016 only.",
    ),
    Conflict(
        "recurrence",
        "Why are some people named in several cases?",
        Reading(
            "People differ in how often they are reported, for whatever reason (a propensity, spread 1.8; assumed).",
            ("rep_multi_case_people",),
        ),
        Reading(
            "They do not: a second case is chance (spread 0).", ("peer_effect",), settings={"reporting.spread": "0"}
        ),
        beyond="""Contagion, where a case, or peers, make the next one likelier (`peer_effect`). Counts of people by number of cases cannot tell it from
a propensity, and potential incidents are drawn before play, so no case can raise the rate of another; it would take a stream that listens.""",
    ),
    Conflict(
        "repeat_dismissals",
        "Are people with several cases dismissed less often, or more?",
        Reading(
            "Less: 13 of 1,809 (0.7%). Earlier cases weigh a tenth at the sanction (assumed, below its range in the evidence).",
            ("rep_multi_dismissed", "rep_multi_dismissed_share"),
            settings={"linkage.dismissed_by_record.several_earlier": "0.1", "linkage.dismissed_by_proven.yes": "0.1"},
        ),
        Reading(
            "More: 89 of 546 with three or more (16%). Earlier cases weigh at severity assessment and threefold at the sanction (assumed).",
            ("rep_foi_dismissed", "rep_foi_dismissed_share"),
            settings={
                "linkage.gross_by_record.one_earlier": "1.5",
                "linkage.gross_by_record.several_earlier": "2",
                "linkage.dismissed_by_record.several_earlier": "3",
                "linkage.dismissed_by_proven.yes": "2",
            },
        ),
        beyond="The two figures may count other outcomes, routes or dates; if they do, both may be right and neither reading is.",
    ),
    Conflict(
        "may_2024",
        "Whom did the change of chairs on 7 May 2024 catch?",
        Reading("Cases whose investigation began from that day on.", ("N078",)),
        Reading(
            "Cases referred to a panel from that day on, whenever they began.",
            ("hrg_regs_2024_date",),
            ("panel_read_at_referral",),
        ),
        scenario="today",
        beyond="Cases already listed before a chair who then changed.",
    ),
    Conflict(
        "quality_and_speed",
        "Do full caseloads make poor files?",
        Reading("No: quality and speed are apart.", ()),
        Reading(
            "Yes: under pressure more files come back or pass though poor, and poor ones fail (sizes assumed).",
            ("psu_overstretched", "psu_training_little"),
            ("quality_and_speed",),
        ),
        beyond="Poor files that are found out on appeal.",
    ),
)

LEVERS: Mapping[str, str] = {
    "more_psu_investigators": "12 more local investigators",
    "more_dps_investigators": "12 more central investigators",
    "psu_training": "training for local investigators",
}


@dataclass(frozen=True)
class Headline:
    """A figure that questions are asked of, and from which difference on it matters."""

    label: str
    counted: str
    basis: str
    material: float
    relative: bool = False
    """Whether `material` is a share of the figure under reading A, not an amount."""
    at_end: bool = False
    """The last quarter, not the whole window."""


HEADLINES: Mapping[str, Headline] = {
    "mean_days_to_finalise": Headline("mean days to finalise", "allegation", "received_cohort", 5),
    "share_within_1_year": Headline("share finalised within a year", "allegation", "received_cohort", 0.01),
    "share_still_open_at_extract": Headline("share still open", "allegation", "received_in_period", 0.01),
    "case_to_answer_rate": Headline("case to answer", "allegation", "received_cohort", 0.01),
    "dismissals": Headline("dismissals", "subject", "in_period", 0.05, relative=True),
    "dismissal_rate_per_hearing": Headline("dismissals per hearing", "subject", "in_period", 0.02),
    "dismissal_rate_of_people_in_more_than_one_case": Headline(
        "dismissals per person in several cases", "person", "received_in_period", 0.005
    ),
    "share_of_people_in_more_than_one_case": Headline("people in several cases", "person", "received_in_period", 0.01),
    "awaiting_hearing": Headline("awaiting a hearing at the end", "subject", "at_period_end", 0.1, True, True),
}

DEPENDS, SAME, UNTOLD = "depends", "does not", "cannot be told"
RULE: Mapping[str, str] = {
    DEPENDS: "the 95% interval of the difference between the readings leaves out zero, and the difference is material",
    SAME: "the whole interval is smaller than what is material",
    UNTOLD: "neither, with this many futures",
}
LEVEL = "level"
"""The question what a figure is; the others are what a lever changes it by."""
COLUMNS = (
    "conflict", "scenario", "question", "world", "measure", "a", "a_low", "a_high", "b", "b_low", "b_high", "difference", "low", "high",
    "material", "replications", "verdict", "turns",
)  # fmt: skip
"""`a` and `b` are the level of a figure, or a lever's change of it, under either reading; `turns`: both changes are sure, and of opposite sign."""


def decide(difference: NDArray[np.float64], material: float) -> str:
    """`RULE`, from the difference between readings in each future."""
    found = estimate(difference)
    if found.replications < 2:
        return UNTOLD
    if max(abs(found.low), abs(found.high)) < material:
        return SAME
    sure = found.low > 0 or found.high < 0
    return DEPENDS if sure and abs(found.mean) >= material else UNTOLD


def overall(verdicts: set[str]) -> str:
    """Of a question in all worlds: it depends if it does in one of them, and does not only if it does not in any."""
    if DEPENDS in verdicts:
        return DEPENDS
    return SAME if verdicts == {SAME} else UNTOLD


def play_structure(
    *,
    seed: int = 1,
    replications: int = 4,
    conflicts: tuple[Conflict, ...] = CONFLICTS,
    instead: Mapping[str, str] | None = None,
    worlds: tuple[str, ...] = (),
    workers: int | None = None,
) -> pd.DataFrame:
    """Every question under both readings of every conflict: `COLUMNS`.

    Args:
        seed: any whole number; both readings, with and without a lever, have the same futures.
        replications: how many.
        conflicts: which to play.
        instead: scenarios to play in place of others, by name: ``{"casey_2022": "village"}``.
        worlds: all of each scenario's if empty.
        workers: threads of the fast engine.

    Raises:
        ScenarioError: with every problem of a scenario.
        UnplayableError: a plan led into something that cannot be played.
    """
    import pandas as pd

    tables = []
    for scenario in dict.fromkeys(one.scenario for one in conflicts):
        mine = [one for one in conflicts if one.scenario == scenario]
        tables.append(_of_scenario(mine, (instead or {}).get(scenario, scenario), worlds, seed, replications, workers))
    return pd.concat(tables, ignore_index=True)


def _of_scenario(
    conflicts: list[Conflict], scenario: str, worlds: tuple[str, ...], seed: int, replications: int, workers: int | None
) -> pd.DataFrame:
    import pandas as pd

    chosen = worlds or load_scenario(scenario).baseline.worlds or ("",)
    plans: dict[tuple[str, str], Plan] = {}
    for one in conflicts:
        for reading in (one.a, one.b):
            for lever in ("", *LEVERS):
                for world in chosen:
                    plan = _plan(scenario, world, reading, lever)
                    plans[_name(reading, lever), world] = plan
    first = next(iter(plans.values()))
    seen = first.observation
    window = Span(first.day(seen.window_from), first.day(seen.window_to))
    played = play_spans(
        plans, {"window": window}, tuple(HEADLINES), seed=seed, replications=replications, workers=workers
    )
    played = played[played["group"] == ""]
    rows: list[dict[str, object]] = []
    for one in conflicts:
        for world in chosen:
            for measure, headline in HEADLINES.items():
                here = _Figures(played, world, measure, headline)
                rows += [_row(one, scenario, question, here) for question in (LEVEL, *LEVERS)]
    return pd.DataFrame(rows)[list(COLUMNS)]


def _name(reading: Reading, lever: str) -> str:
    return "|".join([*reading.reforms, *(f"{key}={value}" for key, value in reading.settings.items()), lever])


def _plan(scenario: str, world: str, reading: Reading, lever: str) -> Plan:
    reforms = (*reading.reforms, *([lever] if lever else []))
    return load_scenario(scenario, world=world or None, reforms=reforms, settings=reading.settings).plan


class _Figures:
    """One figure in one world, by arm."""

    def __init__(self, played: pd.DataFrame, world: str, measure: str, headline: Headline) -> None:
        mine = played[(played["world"] == world) & (played["measure"] == measure)]
        mine = mine[(mine["counted"] == headline.counted) & (mine["basis"] == headline.basis)]
        periods = mine["period"]
        period = periods.max() if headline.at_end else next(one for one in periods if "/" in one)
        mine = mine[periods == period].sort_values("replication", kind="stable")
        self.world, self.measure, self.headline = world, measure, headline
        arms = mine.groupby("arm", sort=False)["value"]
        self._values: dict[str, NDArray[np.float64]] = {str(arm): part.to_numpy(np.float64) for arm, part in arms}

    def of(self, reading: Reading, question: str) -> NDArray[np.float64]:
        """In each future the level, or what a lever changes it by."""
        base = self._values[_name(reading, "")]
        return base if question == LEVEL else self._values[_name(reading, question)] - base


def _row(one: Conflict, scenario: str, question: str, here: _Figures) -> dict[str, object]:
    a, b = (here.of(reading, question) for reading in (one.a, one.b))
    level = float(np.nanmean(here.of(one.a, LEVEL)))
    material = here.headline.material * (level if here.headline.relative else 1.0)
    first, second, apart = estimate(a), estimate(b), estimate(b - a)
    sure = [found.low > 0 or found.high < 0 for found in (first, second)]
    return {
        "conflict": one.key, "scenario": scenario, "question": question, "world": here.world, "measure": here.measure, "a": first.mean,
        "a_low": first.low, "a_high": first.high, "b": second.mean, "b_low": second.low, "b_high": second.high, "difference": apart.mean,
        "low": apart.low, "high": apart.high, "material": material, "replications": apart.replications, "verdict": decide(b - a, material),
        "turns": question != LEVEL and all(sure) and bool(np.sign(first.mean) != np.sign(second.mean)),
    }  # fmt: skip


def write_tables(folder: Path, replications: int) -> None:
    """Play the study and write ``structure.csv`` into a folder."""
    folder.mkdir(parents=True, exist_ok=True)
    table = play_structure(replications=replications)
    table.to_csv(folder / "structure.csv", index=False, float_format="%.10g", lineterminator="\n")
