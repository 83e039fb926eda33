"""Do days fall or rise under a reform? The closing sentences, which rest on the true mean with the observed one beside it.

The observed mean is of cases received and finalised within the window, as the published figure is, so it falls where slow cases stay open. The true mean
counts open cases too. Nothing is called a fall, or a rise, unless the interval of the true mean leaves no change out.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from math import isnan

from sim.experiment.study import Study
from sim.report import own_teams, queues, tables, words
from sim.report.tables import COHORT

SURVIVAL = "survival"
SAID_DAYS = 0.05
"""Days that change by less round to nothing."""
TWO_MEANS = "Observed mean days: of allegations received and finalised within the window, as published. True mean days: open ones counted, to 4 years."


@dataclass(frozen=True)
class Change:
    """A change of mean days with its computing interval, null where there is none."""

    mean: float
    low: float
    high: float

    @property
    def way(self) -> int:
        """1 or -1 where the interval leaves no change out, else 0; 0 too without an interval, or of days that round to nothing."""
        shown = not (isnan(self.low) or isnan(self.high)) and abs(self.mean) >= SAID_DAYS
        return tables.direction(self.mean, self.low, self.high) if shown else 0


UNKNOWN = Change(float("nan"), float("nan"), float("nan"))


@dataclass(frozen=True)
class InWorld:
    """How days change under an arm in one world."""

    world: str
    observed: Change
    true: Change

    @property
    def parts(self) -> bool:
        """Whether the two say different things: opposite ways; a way of the true mean to which the observed one lies opposite or stands still; or a fall of
        the observed mean alone. That one is surer than the other is none."""
        observed, true = self.observed.way, self.true.way
        if isnan(self.observed.mean) or isnan(self.true.mean):
            return False
        opposite = true != 0 and (observed == -true or (observed == 0 and self.observed.mean * true <= 0))
        return opposite or (observed < 0 and true == 0)


def in_worlds(study: Study, arm: str) -> list[InWorld]:
    """How days change under an arm, a row for each world where either mean is known."""
    by_basis: dict[str, dict[str, Change]] = {}
    for basis in (COHORT, SURVIVAL):
        rows = tables.differences(study, "mean_days_to_finalise", counted="allegation", basis=basis)
        rows = rows[(rows["scenario"] == arm) & rows["mean"].notna()]
        spans = rows[["mean", "low", "high"]].to_numpy(float).tolist()
        by_basis[basis] = {str(world): Change(*span) for world, span in zip(rows["world"], spans, strict=True)}
    observed, true = by_basis[COHORT], by_basis[SURVIVAL]
    return [
        InWorld(world, observed.get(world, UNKNOWN), true.get(world, UNKNOWN))
        for world in study.worlds
        if world in observed or world in true
    ]


def falls(study: Study, arm: str) -> set[str]:
    """The worlds in which days fall: both means, each beyond its computing interval."""
    return {one.world for one in in_worlds(study, arm) if one.observed.way < 0 and one.true.way < 0}


def hidden(study: Study, arm: str) -> set[str]:
    """The worlds in which the true mean rises and the observed one says otherwise: how its parts change is then no guide to whose days are fewer."""
    return {one.world for one in in_worlds(study, arm) if one.parts and one.true.way > 0}


def sentences(study: Study, arm: str) -> list[str]:
    """What closes an arm of a comparison: which way days go over the worlds, where the two means part, and that it depends on which team binds."""
    found = in_worlds(study, arm)
    return [*_over_worlds(found), *parting(found), *_of_investigators(study, arm, found)]


def _over_worlds(found: list[InWorld]) -> Iterator[str]:
    """By how much days change over the worlds, and which way true mean days go in which; nothing of one world, whose row says it."""
    if len(found) < 2:
        return
    observed, true = (_spread(changes) for changes in ([one.observed for one in found], [one.true for one in found]))
    if any(isnan(one.true.mean) for one in found):
        yield f"The true mean is not known in every world, so no way is said. Observed mean days change by {observed} over the worlds."
    elif all(mean == 0 for one in found for mean in (one.observed.mean, one.true.mean) if not isnan(mean)):
        yield "The worlds run here agree: mean days do not change, in no future played. See differences.csv for what does; if nothing does, no rule of play that a case meets reads it."
    else:
        yield f"Over the worlds true mean days change by {true}, observed mean days by {observed}. {_ways(found)}."


def _ways(found: list[InWorld]) -> str:
    """Which way true mean days go, world by world."""
    if all(isnan(one.true.low) for one in found):
        return "No interval of the true mean is known, so no way is said"
    rise, fall, still = ([one.world for one in found if one.true.way == way] for way in (1, -1, 0))
    if len(still) == len(found):
        return "In no world is a change of true mean days shown"
    if len(found) in (len(rise), len(fall)):
        return f"True mean days {'rise' if rise else 'fall'} in every world"
    moved = [f"{word} in {words.listed(worlds)}" for word, worlds in (("rise", rise), ("fall", fall)) if worlds]
    neither = f"; in {words.listed(still)} no change is shown" if still else ""
    if rise and fall:
        return f"Which way true mean days go depends on the world: they {' and '.join(moved)}{neither}"
    return f"True mean days {moved[0]}{neither}"


def _spread(changes: list[Change]) -> str:
    """The least and the most as text: -3.5 to +0.3, or one where they are alike."""
    means = [one.mean for one in changes if not isnan(one.mean)]
    if not means:
        return "-"
    low, high = (tables.number(value, "days", sign=True) for value in (min(means), max(means)))
    return low if low == high else f"{low} to {high}"


PARTING = {
    (-1, 1): "the observed mean falls although the true mean rises: slow cases that are still open are not in it",
    (0, 1): "the true mean rises and the observed mean does not show it: cases that are still open are not in it",
    (1, -1): "the observed mean rises although the true mean falls: it is of cases finalised alone",
    (0, -1): "the true mean falls and the observed mean does not show it: it is of cases finalised alone",
    (-1, 0): "the observed mean falls and the true mean shows no change, so it is not called a fall",
}
"""What is said where the means part, by their ways: observed, true."""


def parting(found: list[InWorld]) -> Iterator[str]:
    """Where the observed mean says something else than the true one, kind by kind."""
    for ways, sentence in PARTING.items():
        if worlds := _with_ways(found, ways):
            where = words.listed([world for world in worlds if world])
            yield f"In {where} {sentence}." if where else f"{_capital(sentence)}."


def notes(study: Study, arms: Sequence[str]) -> list[str]:
    """For the foot of a figure: where the means part, a line for each kind with the arms and worlds."""
    found = {arm: in_worlds(study, arm) for arm in arms}
    lines = []
    for ways, sentence in PARTING.items():
        there = {arm: worlds for arm in arms if (worlds := _with_ways(found[arm], ways))}
        named = [arm + (f" in {words.listed(worlds)}" if any(worlds) else "") for arm, worlds in there.items()]
        lines += [f"{_capital(sentence)} ({'; '.join(named)})."] if named else []
    return lines


def _with_ways(found: list[InWorld], ways: tuple[int, int]) -> list[str]:
    """The worlds whose means part in these ways."""
    return [one.world for one in found if one.parts and (one.observed.way, one.true.way) == ways]


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]


def _of_investigators(study: Study, arm: str, found: list[InWorld]) -> Iterator[str]:
    """That what posts change depends on the world; always said of an arm that changes nothing else, over several worlds."""
    if len(found) < 2 or not tables.changes_investigators(study, arm):
        return
    ways = own_teams.ways(study, arm)
    which = "more" if ways == [1] else "fewer" if ways == [-1] else "other numbers of"
    binds = queues.binding(study)
    where = f" {binds}" if binds else ""
    yield f"What {which} {own_teams.called(study, arm)} change depends on the world.{where} Only evidence on which world is ours can narrow that."
