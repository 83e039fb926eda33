"""Which missing number is worth collecting next? What a lever's effect would still be unsure of, had one number been learnt.

All of it is from given data: the members of an ensemble as they were played, their numbers and what the base shows of them beside what a lever changes. Nothing is
played for it.

* *Share of the ignorance* that learning something would take away: the variance of the expected effect given what is learnt, over the variance between
  members. The expectation is a regression on natural cubic splines of ranks, adjusted for its degrees of freedom. A statistic of a force is taken from one
  future and the effect from the member's other futures, so chance in both does not pass for knowledge.
* *Gain in days* of knowing before choosing between two options: the expected value of partial perfect information by regression (Strong, Oakley and Brennan,
  Medical Decision Making 34, 2014, 311-326), with an interval from the uncertainty of the regression, in
  which members are counted, not their futures.
* *First-order share* of each number that the members differ in, by RBD-FAST from given data (Tarantola, Gatelli and Mara, Reliability Engineering and System Safety 91,
  2006, 717-727; SALib), and a *total* one: what a random forest explains out of its bags with all numbers, less without this one. Members count as
  they weigh. Numbers that were calibrated together go together, so the shares need not add up to one, and a total may be nothing because others stand in.

Each has a noise floor: what the same reckoning finds, 19 times in 20 at most, where effects are dealt to members at random.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from scipy.stats import rankdata

from sim.experiment.nested import components, in_members
from sim.experiment.study import Figures, Floats, Played

KNOTS = (0.05, 0.35, 0.65, 0.95)
"""Shares of the ranks at which the splines bend."""
ROWS_A_COLUMN = 5
"""With fewer members for each column of the regression it is a straight line."""
SHUFFLES = 200
DRAWS = 500
FLOOR = 0.95
GAIN = (0.025, 0.975)
HARMONICS = 4
TREES = 100
SHUFFLES_OF_FIRST_ORDER = 40

FOR_WHOM = "allegation"
WINDOW, LAST_DAY = "window", "last"


@dataclass(frozen=True)
class Statistic:
    """A figure of the base that a force could count."""

    measure: str
    counted: str
    group: str = ""
    when: str = WINDOW


@dataclass(frozen=True)
class Collectable:
    """Something that nobody publishes and somebody could."""

    name: str
    what: str
    """In words of evidence: of what, by what."""
    statistics: tuple[Statistic, ...] = ()
    """What the model shows of it."""
    numbers: tuple[str, ...] = ()
    """Or the numbers of the model that it would tell."""


def _by_team(measure: str, counted: str, when: str = WINDOW) -> tuple[Statistic, ...]:
    return tuple(Statistic(measure, counted, f"team={team}", when) for team in ("psu", "dps"))


COLLECTABLE = (
    Collectable(
        "unallocated cases",
        "Open cases not yet given to an investigator on one day, by team",
        _by_team("unallocated_cases", "case", LAST_DAY),
    ),
    Collectable(
        "ages of open cases",
        "Open cases on one day, and how many are over one and over two years old",
        (
            Statistic("cases_open", "case", "", LAST_DAY),
            Statistic("cases_open", "case", "age=1_to_2_years", LAST_DAY),
            Statistic("cases_open", "case", "age=over_2_years", LAST_DAY),
        ),
    ),
    Collectable(
        "caseload",
        "Live cases for each investigator in post, by team",
        _by_team("caseload_per_investigator", "case"),
    ),
    Collectable("live cases", "Live cases, by team", _by_team("live_cases", "case")),
    Collectable(
        "days to allocation",
        "Stage dates: days from referral to a team until an investigator has the case, by team",
        _by_team("mean_days_waiting_for_a_slot", "allocation"),
    ),
    Collectable(
        "days by stage",
        "Stage dates: days being worked on, and days waiting for the force's own staff",
        (
            Statistic("days_in_own_work", "allegation"),
            Statistic("days_in_waiting_for_own_staff", "allegation"),
        ),
    ),
    Collectable(
        "days with others",
        "Stage dates: days with other bodies, and days paused by law",
        (Statistic("days_in_another_body", "allegation"), Statistic("days_in_legal_pause", "allegation")),
    ),
    Collectable(
        "hours on cases",
        "Time sheets: share of investigators' hours that goes into cases, by team",
        _by_team("utilisation", "post"),
    ),
    Collectable(
        "IOPC share",
        "Share of internal cases that the IOPC investigates or directs",
        (Statistic("share_of_cases_by_team", "case", "team=iopc"),),
    ),
    Collectable(
        "returned files",
        "Share of investigation files that came back for more work, by team",
        _by_team("returned_files_rate", "case"),
    ),
    Collectable(
        "awaiting a hearing",
        "Officers awaiting a hearing on one day",
        (Statistic("awaiting_hearing", "subject", "", LAST_DAY),),
    ),
    Collectable(
        "posts and caps",
        "Investigators in post who do this work, and how many cases each may hold, by team",
        numbers=("psu.investigators", "psu.caseload", "dps.investigators", "dps.caseload"),
    ),
)


@dataclass(frozen=True)
class Known:
    """Something that could be learnt of every member, beside what it would tell of."""

    rows: Floats
    """Of the regression, shape (rows, columns)."""
    member: np.ndarray
    """Of each row."""
    future: np.ndarray
    """Of each row the replication it is read from; -1 for a number of the member itself."""


# --- what could be learnt ---------------------------------------------------------------------------------------------


def statistics_of(played: Played, base: str, asked: Collectable) -> Known | None:
    """A collectable as the base shows it in each single future, or as the numbers of each member; None where nothing of it differs."""
    members = len(played.members)
    if asked.numbers:
        keys = [key for key in asked.numbers if key in played.parameters]
        return _numbers(played, keys) if keys else None
    figures = played.figures[base]
    places = [place for one in asked.statistics if (place := _place(figures, one)) is not None]
    cube = in_members(figures.matrix[:, places], members)
    told = [at for at in range(len(places)) if not np.isnan(cube[:, :, at]).any() and np.ptp(cube[:, :, at]) > 0]
    if not told:
        return None
    futures = cube.shape[1]
    rows = cube[:, :, told].reshape(members * futures, len(told))
    return Known(rows, np.repeat(np.arange(members), futures), np.tile(np.arange(futures), members))


def _numbers(played: Played, keys: Sequence[str]) -> Known:
    members = len(played.members)
    return Known(played.parameters[list(keys)].to_numpy(float), np.arange(members), np.full(members, -1))


def _worlds(played: Played) -> Known:
    names = list(dict.fromkeys(played.worlds))
    dummies = np.asarray([[world == name for name in names[1:]] for world in played.worlds], float)
    return Known(
        dummies.reshape(len(played.members), len(names) - 1),
        np.arange(len(played.members)),
        np.full(len(played.members), -1),
    )


def _place(figures: Figures, one: Statistic) -> int | None:
    names = figures.names
    mine = names[(names["measure"] == one.measure) & (names["counted"] == one.counted) & (names["group"] == one.group)]
    window = mine["period"].str.contains("/", regex=False)
    mine = mine[window] if one.when == WINDOW else mine[~window].sort_values("period", kind="stable").tail(1)
    return None if mine.empty else int(mine.index[0])


# --- what it would tell -----------------------------------------------------------------------------------------------


def effects(played: Played, label: str, base: str, basis: str) -> Floats:
    """The change of mean days by a lever in each future, shape (members, replications)."""
    names = played.figures[label].names
    chosen = _days_place(names, basis)
    other = _days_place(played.figures[base].names, basis)
    difference = played.figures[label].matrix[:, chosen] - played.figures[base].matrix[:, other]
    return difference.reshape(len(played.members), -1)


def _days_place(names: pd.DataFrame, basis: str) -> int:
    mine = names[
        (names["measure"] == "mean_days_to_finalise")
        & (names["counted"] == FOR_WHOM)
        & (names["basis"] == basis)
        & (names["group"] == "")
        & names["period"].str.contains("/", regex=False)
    ]
    return int(mine.index[0])


def _beside(known: Known, effect: Floats) -> Floats:
    """The effect beside each row: of a statistic of one future, the mean of the member's other futures."""
    futures = effect.shape[1]
    if (known.future < 0).all() or futures < 2:
        return np.asarray(effect.mean(axis=1)[known.member])
    others = (effect.sum(axis=1, keepdims=True) - effect) / (futures - 1)
    return np.asarray(others[known.member, known.future])


@dataclass(frozen=True)
class Fit:
    """A regression of whatever stands beside the rows of something known, ready for many of them."""

    columns: Floats
    """Orthonormal, of the weighted rows, shape (rows, columns): the first is the mean."""
    weights: Floats
    """Of the rows, of mean one."""
    spare: float
    """Degrees of freedom left, as members count: rows of one member share what it adds, so more futures are no more evidence."""
    member: np.ndarray
    """Of each row."""

    @classmethod
    def of(cls, known: Known, weights: Floats) -> Fit:
        """Splines of the ranks of each column where there are members enough, else straight lines; of two levels, those two."""
        members = 1 / float(np.sum((weights / weights.sum()) ** 2))
        columns = [_columns(column, curved=True) for column in known.rows.T]
        if 1 + sum(part.shape[1] for part in columns) > members / ROWS_A_COLUMN:
            columns = [_columns(column, curved=False) for column in known.rows.T]
        design = np.column_stack([np.ones(len(known.rows)), *columns])
        mine = weights[known.member]
        mine = mine / mine.mean()
        left, size, _ = np.linalg.svd(design * np.sqrt(mine)[:, None], full_matrices=False)
        columns_kept = left[:, size > size[0] * 1e-9]
        return cls(columns_kept, mine, max(members - columns_kept.shape[1], 1.0), known.member)

    def fitted(self, beside: Floats) -> Floats:
        """The expectation at each row; `beside` may have several columns."""
        root = np.sqrt(self.weights) if beside.ndim == 1 else np.sqrt(self.weights)[:, None]
        return np.asarray(self.columns @ (self.columns.T @ (beside * root)) / root)

    def explained(self, beside: Floats) -> Floats:
        """The variance explained, adjusted for degrees of freedom as members count, not below zero; of each column.

        Where rows of one member differ, members have more to tell than that: it errs on the side of little.
        """
        weight = self.weights[:, None] / self.weights.sum()
        members = self.spare + self.columns.shape[1]
        centred = beside - (weight * beside).sum(axis=0)
        total = (weight * centred**2).sum(axis=0) * members / max(members - 1, 1.0)
        rest = (weight * (beside - self.fitted(beside)) ** 2).sum(axis=0) * members / self.spare
        return np.asarray(np.maximum(total - rest, 0.0), np.float64)

    def shaken(self, beside: Floats, times: int, seed: int) -> Floats:
        """The expectation at each row as it may be as well, shape (rows, times): coefficients drawn from their distribution.

        Their covariance is that of leaving out one member at a time, all its rows together, whatever the rows of one member share (Bell and McCaffrey,
        Survey Methodology 28, 2002, 169-181), and they are as heavy in the tails as Student's t with the degrees of freedom left.
        """
        root = np.sqrt(self.weights)
        rest = (beside - self.fitted(beside)) * root
        members = np.unique(self.member)
        moved = np.zeros((len(members), self.columns.shape[1]))
        for at, member in enumerate(members):
            mine = self.columns[self.member == member]
            apart = np.eye(len(mine)) - mine @ mine.T
            moved[at] = mine.T @ (np.linalg.pinv(apart, hermitian=True) @ rest[self.member == member])
        draws = np.random.default_rng(seed)
        tails = np.sqrt(self.spare / draws.chisquare(self.spare, times))
        shifts = moved.T @ draws.normal(size=(len(members), times)) * tails * np.sqrt(1 - 1 / len(members))
        return np.asarray(self.fitted(beside)[:, None] + self.columns @ shifts / root[:, None])


def _columns(column: Floats, *, curved: bool) -> Floats:
    """Natural cubic splines of the ranks of a column, from 0 to 1; a straight line where it is not to be curved or has few levels."""
    rank = (np.asarray(rankdata(column), np.float64) - 0.5) / len(column)
    if not curved or len(np.unique(column)) <= len(KNOTS):
        return np.asarray(rank[:, None])
    last = KNOTS[-1]

    def bend(knot: float) -> Floats:
        return np.asarray((np.maximum(rank - knot, 0) ** 3 - np.maximum(rank - last, 0) ** 3) / (last - knot))

    return np.column_stack([rank, *(bend(knot) - bend(KNOTS[-2]) for knot in KNOTS[:-2])])


def _dealt(effect: Floats, times: int, seed: int) -> Iterator[Floats]:
    """The effects dealt to the members at random."""
    draws = np.random.default_rng(seed)
    for _ in range(times):
        yield effect[draws.permutation(len(effect))]


def learnt(known: Known, effect: Floats, weights: Floats) -> tuple[float, float]:
    """The variance of an effect that something known would take away, and the noise floor of that."""
    fit = Fit.of(known, weights)
    beside = [_beside(known, effect), *(_beside(known, one) for one in _dealt(effect, SHUFFLES, 1))]
    found = fit.explained(np.column_stack(beside))
    return float(found[0]), float(np.quantile(found[1:], FLOOR))


def gain(known: Known, better: Floats, weights: Floats) -> tuple[float, float, float, float]:
    """The expected gain of knowing something before choosing between two options: value, low, high and noise floor.

    Args:
        known: what is learnt.
        better: by how much the first option is better than the second, shape (members, replications).
        weights: of the members.
    """
    fit = Fit.of(known, weights)
    beside = np.column_stack([_beside(known, better), *(_beside(known, one) for one in _dealt(better, SHUFFLES, 2))])
    found = _gain(fit.fitted(beside), fit.weights)
    low, high = np.quantile(_gain(fit.shaken(beside[:, 0], DRAWS, 3), fit.weights), GAIN)
    return float(found[0]), float(low), float(high), float(np.quantile(found[1:], FLOOR))


def _gain(expected: Floats, weights: Floats) -> Floats:
    """Mean of the better of the two less the better of the two in the mean, of each column."""
    weight = (weights / weights.sum())[:, None]
    return np.asarray((weight * np.maximum(expected, 0)).sum(axis=0) - np.maximum((weight * expected).sum(axis=0), 0))


def perfect_gain(better: Floats, weights: Floats) -> float:
    """The gain of knowing everything: an upper bound. Members' means are drawn in, so chance does not pass for knowledge."""
    found = components(better[:, :, None], weights)
    return float("nan") if np.isnan(found.means).any() else float(_gain(found.means, weights)[0])


# --- tables -----------------------------------------------------------------------------------------------------------

VALUE = (
    "scenario",
    "basis",
    "kind",
    "name",
    "what",
    "ignorance_sd",
    "share_of_ignorance",
    "noise_floor",
    "above_noise",
)
CHOICE = (
    "first",
    "second",
    "name",
    "what",
    "gain_days",
    "low",
    "high",
    "noise_floor",
    "perfect_gain_days",
    "above_noise",
)
SENSITIVITY = ("scenario", "basis", "number", "grade", "first_order", "noise_floor", "total")


def candidates(played: Played, base: str) -> Iterator[tuple[str, str, str, Known]]:
    """Kind, name, what and what would be known of all that could be learnt: the world, what could be collected, each number."""
    if len(set(played.worlds)) > 1:
        yield "world", "world", "Which world is ours (nothing that can be counted as such)", _worlds(played)
    for one in COLLECTABLE:
        known = statistics_of(played, base, one)
        if known is not None:
            yield "evidence", one.name, one.what, known
    for key in played.parameters.columns:
        yield "number", str(key), f"The number {key} itself", _numbers(played, [str(key)])


def value_table(played: Played, base: str, bases: Sequence[str]) -> pd.DataFrame:
    """`VALUE`: of each lever and each thing that could be learnt, the share of the ignorance of the change in mean days that it would take away."""
    learnable = list(candidates(played, base))
    rows = []
    for label in played.figures:
        for basis in bases if label != base else ():
            effect = effects(played, label, base, basis)
            between = float(components(effect[:, :, None], played.weights).between[0])
            for kind, name, what, known in learnable:
                found, floor = learnt(known, effect, played.weights) if between > 0 else (np.nan, np.nan)
                share = min(found / between, 1.0) if between > 0 else np.nan
                least = min(floor / between, 1.0) if between > 0 else np.nan
                rows.append((label, basis, kind, name, what, np.sqrt(between), share, least, bool(found > floor)))
    return pd.DataFrame(rows, columns=list(VALUE))


def choice_table(played: Played, base: str, basis: str, first: str, second: str) -> pd.DataFrame:
    """`CHOICE`: the gain in days of learning each thing before choosing between two levers, the greatest first."""
    better = effects(played, second, base, basis) - effects(played, first, base, basis)
    perfect = perfect_gain(better, played.weights)
    rows = []
    for kind, name, what, known in candidates(played, base):
        if kind != "number":
            found, low, high, floor = gain(known, better, played.weights)
            rows.append((first, second, name, what, found, low, high, floor, perfect, found > floor))
    table = pd.DataFrame(rows, columns=list(CHOICE))
    return table.sort_values("gain_days", ascending=False, kind="stable").reset_index(drop=True)


def sensitivity_table(played: Played, base: str, bases: Sequence[str]) -> pd.DataFrame:
    """`SENSITIVITY`: first-order and total shares of the ignorance of each lever's change in mean days, by number."""
    numbers = played.parameters.to_numpy(float)
    keys = [str(key) for key in played.parameters.columns]
    rows = []
    for label in played.figures:
        for basis in bases if label != base and keys else ():
            effect = effects(played, label, base, basis)
            means = effect.mean(axis=1)
            between = float(components(effect[:, :, None], played.weights).between[0])
            if not between > 0:
                continue
            weights = np.asarray(played.weights, float)
            whole = _variance(means, weights) / between
            first = first_order(numbers, means, weights)
            dealt = [first_order(numbers, one, weights) for one in _dealt(means, SHUFFLES_OF_FIRST_ORDER, 4)]
            floor = np.quantile(np.stack(dealt), FLOOR, axis=0)
            total = total_order(numbers, means, weights)
            for at, key in enumerate(keys):
                told = (np.clip(share * whole, 0, 1) for share in (first[at], floor[at], total[at]))
                rows.append((label, basis, key, played.grades[key], *map(float, told)))
    return pd.DataFrame(rows, columns=list(SENSITIVITY))


def _variance(means: Floats, weights: Floats) -> float:
    share = weights / weights.sum()
    return float(share @ (means - share @ means) ** 2)


def resampled(weights: Floats) -> np.ndarray:
    """As many members as there are, by place, each as often as it weighs: a systematic sample, without chance. Of equal weights each comes once."""
    upto = np.cumsum(weights) / np.sum(weights)
    marks = (np.arange(len(weights)) + 0.5) / len(weights)
    return np.minimum(np.searchsorted(upto, marks), len(weights) - 1)


def first_order(numbers: Floats, means: Floats, weights: Floats) -> Floats:
    """First-order shares of the weighted variance of the members' means by RBD-FAST of members as often as they weigh; null with too few members.

    Args:
        numbers: shape (members, numbers).
        means: of the members.
        weights: of the members, of any sum.
    """
    from SALib.analyze import rbd_fast

    members, columns = numbers.shape
    chosen = resampled(weights)
    as_good_as = 1 / float(np.sum((weights / weights.sum()) ** 2))
    harmonics = min(HARMONICS, int(as_good_as + 1e-9) // 6)
    if harmonics < 1 or np.ptp(means[chosen]) == 0:
        return np.full(columns, np.nan)
    # Equal numbers are put in an order by chance, not by world.
    order = chosen[np.random.default_rng(5).permutation(members)]
    problem = {"num_vars": columns, "names": [f"x{at}" for at in range(columns)], "bounds": [[0, 1]] * columns}
    found = rbd_fast.analyze(
        problem, numbers[order], means[order], M=harmonics, num_resamples=2, seed=np.random.default_rng(6)
    )
    return np.asarray(found["S1"], float)


def total_order(numbers: Floats, means: Floats, weights: Floats) -> Floats:
    """What a random forest explains out of its bags with all numbers, less what it explains without each, as members weigh; not below zero."""
    from sklearn.ensemble import RandomForestRegressor

    def out_of_bag(chosen: Floats) -> float:
        forest = RandomForestRegressor(
            TREES, min_samples_leaf=3, max_features=1.0, oob_score=True, random_state=0, n_jobs=1
        )
        missed = means - forest.fit(chosen, means, sample_weight=weights).oob_prediction_
        return max(1 - float(weights @ missed**2 / weights.sum()) / spread, 0.0)

    spread = _variance(means, weights)
    if len(means) < 2 * ROWS_A_COLUMN or numbers.shape[1] < 2 or not spread > 0:
        return np.full(numbers.shape[1], np.nan)
    whole = out_of_bag(numbers)
    without = [out_of_bag(np.delete(numbers, at, axis=1)) for at in range(numbers.shape[1])]
    return np.maximum(whole - np.asarray(without), 0.0)
