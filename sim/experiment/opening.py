"""Which cases would be open on the day a window begins? A scenario is played once until then, and its open cases become rows of a sheet.

They are synthesised from the model, not a count of real cases: a start for those who have no count yet.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import combinations, pairwise

import numpy as np

from sim.evidence import Problem
from sim.experiment.one_future import play_one
from sim.pathway.kinds import Pathway, Stage
from sim.plan import MINUTES_A_DAY, UNSET, Observation, Plan
from sim.record import Ints, Record, What
from sim.scenario import Scenario, ScenarioError
from sim.scenario.load import PATHWAYS
from sim.scenario.opening import LEVELS, opening_rows
from sim.scenario.opening_sheet import SOURCE, SOURCES, SYNTHESISED, WORLD

SEED = 1
AGES = (0, 90, 182, 365, 730, 1461)
"""Days since receipt at which bands of age begin; the last goes on to the oldest case."""
HELD_IN = "investigation"
"""Where cases are counted that stand where none can be entered, since there they hold a place in a caseload already."""
INVESTIGATED_ON, DECIDED_ON, FINALISED_ON = "investigated_on", "decided_on", "finalised_on"

Row = Mapping[str, str | int]
_Kind = tuple[tuple[str, str], ...]
"""What a row says but its count and ages: columns and words."""
_Where = tuple[_Kind, str]
"""A kind, and the node before the middle of its stage where it stands, if it does."""


@dataclass(frozen=True)
class Synthesised:
    """An opening caseload made by the model."""

    rows: tuple[Row, ...]
    sentences: tuple[str, ...]
    """Where it comes from, how many cases, which were counted elsewhere, which could not be entered."""


@dataclass(frozen=True)
class _Open:
    """A case that is open."""

    kind: _Kind
    before: str
    """The node where it stands, if that is before the middle of a stage in which others are entered; else empty."""
    age: int
    """Whole days since receipt."""
    is_held: bool
    """Whether it is assessed and not decided, so that it may be counted in `HELD_IN`."""


def synthesise(scenario: Scenario, engine: str | None, notice: Callable[[str], object]) -> Synthesised:
    """The opening caseload that a scenario itself has when its window begins: one future, of `SEED`.

    Args:
        scenario: without an opening caseload.
        engine: ``fast`` or ``reference``; the fast one where it is installed if not said.
        notice: told beforehand that something is compiled, or why the reference engine plays.

    Raises:
        ScenarioError: there is no such engine, it cannot be played, or no case is open then.
    """
    plan, pathway = scenario.plan, PATHWAYS[scenario.baseline.pathway]
    until = plan.observation.window_from
    if until <= 0:
        raise ScenarioError([_nothing(scenario, "a scenario that begins before its window_from")])
    past = replace(plan, ends_at=until, observation=Observation(0, until, until))
    found = list(_open_cases(pathway, past, play_one(past, SEED, 0, engine, notice), until))
    if not found:
        raise ScenarioError([_nothing(scenario, "a scenario with open cases then")])
    entered = _as_entered(pathway, plan, {(one.kind, one.before): one.is_held for one in found})
    oldest = max(*(one.age for one in found), AGES[-1]) + 1
    counts = Counter(
        (kind, _band(one.age, oldest)) for one in found if (kind := entered[one.kind, one.before]) is not None
    )
    number = {node.name: stage.number for stage in pathway.stages for node in stage.nodes}
    number |= {stage.name: stage.number for stage in pathway.stages}
    ordered = sorted(counts.items(), key=lambda item: (number[dict(item[0][0])["stage"]], item[0]))
    made = {SOURCE: SYNTHESISED, **({WORLD: plan.world} if plan.world else {})}
    rows: list[Row] = [
        {**dict(kind), "count": count, "age_from_days": young, "age_to_days": old, **made}
        for (kind, (young, old)), count in ordered
    ]
    return Synthesised(tuple(rows), tuple(_sentences(scenario, found, entered)))


def _nothing(scenario: Scenario, expected: str) -> Problem:
    day = scenario.plan.day(scenario.plan.observation.window_from)
    return Problem(file=scenario.name, key="window_from", found=f"no open case on {day}", expected=expected)


def _band(age: int, oldest: int) -> tuple[int, int]:
    return next((young, old) for young, old in pairwise((*AGES, oldest)) if age < old)


# --- what is open -------------------------------------------------------------------------------------------------------


def _open_cases(pathway: Pathway, plan: Plan, record: Record, until: int) -> Iterator[_Open]:
    """Every case that is recorded and neither finalised nor at its end when play stops."""
    cases = record.cases
    levels = {attribute.name: attribute.levels for attribute in plan.attributes}
    recorded = cases["recorded"] == plan.level("case.recorded", "yes")
    for case, tokens in _tokens(record.events).items():
        if 0 not in tokens or not recorded[case] or cases[FINALISED_ON][case] != UNSET:
            continue
        told = {column: levels[name][cases[column][case]] for column, name in LEVELS.items()}
        assessed = cases[INVESTIGATED_ON][case] != UNSET
        if not assessed:
            del told["severity"]
        for column, name in LEVELS.items():
            if told.get(column) == levels[name][0] and column != "severity":
                del told[column]  # what an empty cell says
        nodes = [plan.nodes[node].name for _, node in sorted(tokens.items())]
        stage = _stage(pathway, nodes)
        stream = plan.streams[int(cases["stream"][case])].name
        yield _Open(
            kind=(("stage", stage.name), ("stream", stream), *told.items()),
            before=_before_the_middle(stage, nodes[0]),
            age=(until - int(cases["received_on"][case])) // MINUTES_A_DAY,
            is_held=bool(assessed and cases[DECIDED_ON][case] == UNSET),
        )


def _tokens(events: Mapping[str, Ints]) -> dict[int, dict[int, int]]:
    """By case the tokens that have not ended, by number, each with the node where it stands."""
    is_state = ~np.isin(events["what"], (What.CHOSE, What.FORKED, What.WORKED, What.CALLED))
    columns = (events[name][is_state].tolist() for name in ("case", "token", "node", "what"))
    found: dict[int, dict[int, int]] = {}
    for case, token, node, what in zip(*columns, strict=True):
        if what == What.LEFT:
            found[case].pop(token, None)
        else:
            found.setdefault(case, {})[token] = node
    return found


def _before_the_middle(stage: Stage, node: str) -> str:
    middle = {one for midway in stage.opens_midway for one in midway.stands}
    return node if middle and node not in middle and any(one.name == node for one in stage.nodes) else ""


def _stage(pathway: Pathway, nodes: Sequence[str]) -> Stage:
    """The stage of a case whose tokens stand at these nodes, the main one's first. What waits for others is where they are."""
    of = {node.name: stage for stage in pathway.stages for node in stage.nodes}
    main = of[nodes[0]]
    joins = {stage.opens_in[0][0] for stage in pathway.stages if stage.opens_in}
    if nodes[0] not in joins:
        return main
    others = [of[node] for node in nodes[1:]]
    further = [one for one in others if (one.opens_in or one.number > main.number) and not _runs_beside(one)]
    return min(further, key=lambda one: (not one.opens_in, one.number), default=main)


def _runs_beside(stage: Stage) -> bool:
    return any(not join for join, _ in stage.opens_in)


# --- where it can be entered --------------------------------------------------------------------------------------------


def _as_entered(pathway: Pathway, plan: Plan, kinds: Mapping[_Where, bool]) -> dict[_Where, _Kind | None]:
    """For each kind of open case the nearest that a sheet can say; None where there is none."""
    entered: dict[_Where, _Kind | None] = dict.fromkeys(kinds)
    tries = {where: list(_tries(*where, is_held=is_held)) for where, is_held in kinds.items()}
    for turn in range(max(map(len, tries.values()), default=0)):
        asked = [kind for kind in kinds if entered[kind] is None and turn < len(tries[kind])]
        # Ages tell the rows apart, since what is left of two kinds may be the same.
        table = [
            {**dict(tries[kind][turn]), "count": 1, "age_from_days": at, "age_to_days": at}
            for at, kind in enumerate(asked)
        ]
        _, problems = opening_rows(table, pathway, plan)
        wrong = {problem.key.partition(",")[0] for problem in problems}
        for at, kind in enumerate(asked):
            if f"row {at + 1}" not in wrong:
                entered[kind] = tries[kind][turn]
    return entered


def _tries(kind: _Kind, before: str, *, is_held: bool) -> Iterator[_Kind]:
    """A kind, at its node if that is before the middle of its stage, then the same with less and less said; then all of that as an investigation."""
    where = dict(kind)
    said = [(column, where[column]) for column in LEVELS if column in where]
    for stage in dict.fromkeys((*([before] if before else []), where["stage"], *([HELD_IN] if is_held else []))):
        for many in range(len(said), -1, -1):
            for some in combinations(said, many):
                yield (("stage", stage), ("stream", where["stream"]), *some)


def _sentences(scenario: Scenario, found: Sequence[_Open], entered: Mapping[_Where, _Kind | None]) -> Iterator[str]:
    plan = scenario.plan
    day = plan.day(plan.observation.window_from)
    cases = sum(entered[one.kind, one.before] is not None for one in found)
    world = f"world {plan.world}, " if plan.world else ""
    yield (
        f"{cases:,} open cases of {scenario.name} on {day}, {SOURCES[SYNTHESISED]}: one future ({world}seed {SEED}), "
        f"played from {plan.starts_on}."
    )
    if plan.world:
        yield f"They are those of one world, which the sheet names: play them with --world {plan.world}."
    moved: Counter[str] = Counter()
    less: Counter[str] = Counter()
    lost: Counter[str] = Counter()
    for one in found:
        told, kept = dict(one.kind), entered[one.kind, one.before]
        if kept is None:
            lost[told["stage"]] += 1
            continue
        if dict(kept)["stage"] not in (told["stage"], one.before):
            moved[told["stage"]] += 1
        less.update(column for column in LEVELS if column in told and column not in dict(kept))
    if moved:
        why = "there they hold a place in a caseload, and the run gives it to them"
        yield f"Counted under {HELD_IN}, since {why}: {_counted(moved)}."
    if less:
        yield f"Left empty, since a case that begins there cannot have it: {_counted(less)}."
    if lost:
        yield f"Not in the sheet, since no open case can begin there: {_counted(lost)}."


def _counted(counts: Mapping[str, int]) -> str:
    return ", ".join(f"{count:,} of {name}" for name, count in sorted(counts.items()))
