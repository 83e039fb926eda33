"""How does one case go through the rules? A synthetic case, picked from one played future and told step by step.

No such case exists: its people, dates and decisions are drawn. It shows which rules apply in what order and from which day the law is
read, never what becomes of anybody. Ethnicity, sex and borough are left out altogether, and nothing about the person is told or can be
asked for. What is exact in what is said of the law stands in `law_read.py`, of nodes passed without a row in `passed.py`. Weights of a
decision are those of that day before they are multiplied by factors of the case's own attributes, which may have changed since.

Steps of tokens that run side by side overlap, so their days do not add up. The sum at the end does: every midnight of the case has one owner.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from sim.evidence import Problem
from sim.measures.cohort import NEVER, View
from sim.measures.lens import Lens
from sim.measures.midnights import midnights
from sim.plan import MINUTES_A_DAY, UNSET, Branch, Plan, Scope
from sim.record import EVENT_COLUMNS, Record, What
from sim.report import words
from sim.report.law_read import attribute_name, closes, read_guards, read_law, said, value_at
from sim.report.passed import certain, comes_to, stays_at
from sim.report.write import write_table
from sim.scenario.files import known_one

if TYPE_CHECKING:
    from rich.console import Console
    from rich.table import Table

STAMP = "SYNTHETIC, NOT A REAL CASE. Illustrative, not calibrated."
LEFT_OUT = ("ethnicity", "sex", "borough")
"""Attributes of no row that a single case is told or asked by."""
TOLD = ("case", "subject", "allegation")
"""Scopes that are: nothing about the person."""
COLUMNS = (
    "date", "day", "minute", "part", "stage", "stage_title", "node", "what", "stayed_days", "owner", "kind_of_time", "decided", "passed", "law",
)  # fmt: skip
"""Of the table of steps."""
SUM_COLUMNS = ("owner", "kind_of_time", "days")
MINUTE, _, TOKEN, NODE, WHAT, ITEM, VALUE = range(len(EVENT_COLUMNS))
ALL_DAYS = "all"

SAID = {
    What.ARRIVED: "begins",
    What.QUEUED: "queues for a place in a caseload",
    What.ALLOCATED: "has a place in a caseload",
    What.ASKED: "waits to be attended to",
    What.STARTED: "is worked on",
    What.WAITS: "waits",
    What.HELD: "is held until something else is so",
    What.BOOKED: "has its sitting days booked",
    What.JOINING: "waits for its parts",
    What.LEFT: "ends",
    What.CHOSE: "is decided",
    What.CALLED: "is called away",
}
QUIET = (What.FORKED, What.WORKED)
"""Rows that the next one tells as well."""
MOMENTS = (What.ARRIVED, What.LEFT, What.CHOSE, What.CALLED)
"""Rows that begin no stay."""


@dataclass(frozen=True)
class Step:
    """One thing that happened to a token."""

    minute: int
    part: str
    """Of the case: empty for the case itself."""
    node: int
    what: What
    stayed: int | None
    """Minutes until the token's next state; to the end of play if there is none. None for what takes no time."""
    decided: tuple[str, ...] = ()
    passed: tuple[str, ...] = ()
    law: tuple[str, ...] = ()


@dataclass(frozen=True)
class CaseStory:
    """A case, told."""

    plan: Plan
    number: int
    """Among those that fit, from 1."""
    of: int
    case: int
    """In the cast."""
    seed: int
    replication: int
    received: int
    finalised: int | None
    """None if it was open at the extract date."""
    days: int
    """From receipt to the end, or to the extract date."""
    facts: tuple[str, ...]
    """How the rows stand at the end."""
    steps: tuple[Step, ...]
    sums: tuple[tuple[str, str, int], ...]
    """Owner, kind of time, days: they add up to `days`."""
    stages: Mapping[str, tuple[str, str]] = field(default_factory=dict)
    """Number and title of the stage of each node."""


# --- which case -------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Filter:
    """A case fits if any of its rows has this value."""

    name: str
    value: int


def read_filters(plan: Plan, texts: Sequence[str]) -> tuple[list[Filter], list[Problem]]:
    """Filters such as ``outcome=dismissed`` or ``case.severity=gross``, and what is wrong with them."""
    filters, problems = [], []
    for text in texts:
        name, _, value = (part.strip() for part in text.partition("="))
        try:
            filters.append(_filter(plan, name, value))
        except ValueError as error:
            problems.append(Problem(file="--where", key=name, found=repr(text), expected=str(error)))
    return filters, problems


def _filter(plan: Plan, name: str, value: str) -> Filter:
    known = [a for a in plan.attributes if _is_told(a.name) and a.start != UNSET]
    short = name.rpartition(".")[2]
    if short in LEFT_OUT or name.startswith("person."):
        raise ValueError("nothing about a person: a single case is told without ethnicity, sex and borough")
    found = [a for a in known if name in (a.name, a.name.partition(".")[2])]
    if not found:
        raise ValueError(f"an attribute of a case, {known_one(name, [a.name for a in known])}")
    if len(found) > 1:
        raise ValueError(f"one of {words.listed([a.name for a in found])}")
    (attribute,) = found
    if value in attribute.levels:
        return Filter(attribute.name, attribute.levels.index(value))
    if attribute.levels:
        raise ValueError(f"a level of {attribute.name}, {known_one(value, attribute.levels)}")
    if not value.isdigit():
        raise ValueError(f"{attribute.name} is a count: a whole number")
    return Filter(attribute.name, int(value))


def _is_told(name: str) -> bool:
    scope, _, short = name.partition(".")
    return scope in TOLD and short not in LEFT_OUT


def fitting(plan: Plan, record: Record, filters: Sequence[Filter]) -> list[int]:
    """The recorded cases that fit every filter, in the order of receipt; positions in the cast."""
    view = View(Lens(plan), record)
    fits = view.received != NEVER
    for one in filters:
        rows = view.column(one.name) == one.value
        scope = one.name.partition(".")[0]
        if scope != "case":
            case_of = view.column(f"{scope}.case")
            rows = np.bincount(case_of[rows], minlength=len(fits)) > 0
        fits &= rows
    return [int(case) for case in np.flatnonzero(fits)]


# --- its story --------------------------------------------------------------------------------------------------------


def tell_case(
    plan: Plan,
    record: Record,
    case: int,
    *,
    number: int = 1,
    of: int = 1,
    labels: Mapping[str, str] | None = None,
    stages: Mapping[str, tuple[str, str]] | None = None,
) -> CaseStory:
    """The story of a recorded case.

    Args:
        plan: what was played.
        record: of one replication, with rows.
        case: its position in the cast.
        number: which of the fitting ones it is.
        of: how many fit.
        labels: what each number is called, by key.
        stages: number and title of the stage of each node.

    Raises:
        ValueError: no event says what happened to the case, or play stopped before the extract date.
    """
    view = View(Lens(plan), record)
    line = np.full(len(view.received), -1)
    line[case] = 0
    given = midnights(view, line, np.ones_like(line), 1)[0]
    totals: dict[tuple[str, str], int] = {}
    for place, days in zip(view.lens.owners.places, given.tolist(), strict=True):
        if days:
            totals[place.owner, place.kind] = totals.get((place.owner, place.kind), 0) + days
    finalised = int(view.finalised[case])
    return CaseStory(
        plan=plan,
        number=number,
        of=of,
        case=case,
        seed=record.seed,
        replication=record.replication,
        received=int(view.received[case]),
        finalised=None if finalised == NEVER else finalised,
        days=int(view.days[case]),
        facts=tuple(_facts(plan, record, case)),
        steps=tuple(_Teller(plan, record, case, labels or {}).steps()),
        sums=tuple((owner, kind, days) for (owner, kind), days in sorted(totals.items(), key=lambda one: -one[1])),
        stages=stages or {},
    )


def _facts(plan: Plan, record: Record, case: int) -> Iterator[str]:
    """What stands in the rows of the case at the end of play: levels beyond the first, and counts beyond 0."""
    subjects = np.flatnonzero(record.subjects["case"] == case)
    yield f"case: {_row(plan, Scope.CASE, record.cases, case)}"
    for at, subject in enumerate(subjects, start=1):
        yield f"subject {at}: {_row(plan, Scope.SUBJECT, record.subjects, int(subject))}"
        mine = np.flatnonzero(record.allegations["subject"] == subject)
        for place, allegation in enumerate(mine, start=1):
            told = _row(plan, Scope.ALLEGATION, record.allegations, int(allegation))
            yield f"subject {at}, allegation {place}: {told}"


def _row(plan: Plan, scope: Scope, table: Mapping[str, np.ndarray], row: int) -> str:
    told = []
    for attribute in plan.attributes:
        short = attribute.name.partition(".")[2]
        if attribute.scope != scope or short in LEFT_OUT or attribute.start == UNSET:
            continue
        value = int(table[short][row])
        if attribute.levels and (value or scope == Scope.ALLEGATION):
            told.append(f"{words.plain(short)} {words.plain(attribute.levels[value])}")
        elif value and not attribute.levels:
            told.append(f"{words.plain(short)} {value}")
    return ", ".join(told) or "nothing noted"


class _Teller:
    """Goes through the rows of a case, token by token and in the order of play."""

    def __init__(self, plan: Plan, record: Record, case: int, labels: Mapping[str, str]) -> None:
        self.plan, self.record, self.case, self.labels = plan, record, case, labels
        mine = np.flatnonzero(record.events["case"] == case)
        columns = (record.events[name][mine].tolist() for name in EVENT_COLUMNS)
        self.rows: list[tuple[int, ...]] = list(zip(*columns, strict=True))
        self.subjects: list[int] = np.flatnonzero(record.subjects["case"] == case).tolist()
        self.allegations: list[int] = np.flatnonzero(record.allegations["case"] == case).tolist()
        self.names, self.subjects_of = self._tokens()
        self.next_state = self._stays()

    def _tokens(self) -> tuple[dict[int, str], dict[int, list[int]]]:
        """What each token is called, and whose it is; all subjects where rows do not tell."""
        plan, names, side = self.plan, {0: ""}, {0: False}
        made: dict[tuple[int, int, int], list[int]] = {}
        for row in self.rows:
            if row[WHAT] == What.FORKED:
                child = row[VALUE]
                side[child] = plan.nodes[row[NODE]].side or side.get(row[TOKEN], False)
                names[child] = f"{'side track' if side[child] else 'part'} {child}"
                made.setdefault((row[TOKEN], row[NODE], row[MINUTE]), []).append(child)
        whose: dict[int, list[int]] = {0: self.subjects}
        for (parent, node, _), children in made.items():
            of_parent = whose.get(parent, self.subjects)
            by_subject = plan.nodes[node].fork_by == 1
            for at, child in enumerate(children):
                alone = by_subject and len(children) == len(of_parent)
                whose[child] = [of_parent[at]] if alone else self._decided_for(child) or list(of_parent)
                if len(whose[child]) == 1 and len(self.subjects) > 1:
                    names[child] += f", subject {self.subjects.index(whose[child][0]) + 1}"
        return names, whose

    def _decided_for(self, token: int) -> list[int]:
        """The subjects that a token decided something for."""
        found = []
        for row in self.rows:
            if row[TOKEN] == token and row[WHAT] == What.CHOSE and row[ITEM] >= 0:
                into = self.plan.nodes[row[NODE]].into
                assert into is not None
                is_subject = into.scope == Scope.SUBJECT
                found.append(row[ITEM] if is_subject else int(self.record.allegations["subject"][row[ITEM]]))
        return list(dict.fromkeys(found))

    def _stays(self) -> dict[int, int]:
        """For each row that begins a stay, the minute of the token's next state."""
        last: dict[int, int] = {}
        until = {}
        for at, row in enumerate(self.rows):
            if row[WHAT] in (What.CHOSE, *QUIET):
                continue
            if row[TOKEN] in last:
                until[last[row[TOKEN]]] = row[MINUTE]
            last[row[TOKEN]] = at
        return until

    def steps(self) -> Iterator[Step]:
        before: dict[int, tuple[int, ...]] = {}
        at = 0
        while at < len(self.rows):
            row = self.rows[at]
            what, together = What(row[WHAT]), [row]
            while what is What.CHOSE and at + 1 < len(self.rows) and self._same_decision(row, self.rows[at + 1]):
                at += 1
                together.append(self.rows[at])
            if what not in QUIET:
                yield self._step(at, together, before.get(row[TOKEN]))
            before[row[TOKEN]] = row
            at += 1

    @staticmethod
    def _same_decision(row: tuple[int, ...], other: tuple[int, ...]) -> bool:
        """Whether two rows are of one decision for several subjects or allegations."""
        parts = (MINUTE, TOKEN, NODE, WHAT)
        return row[ITEM] >= 0 and other[ITEM] >= 0 and all(row[part] == other[part] for part in parts)

    def _step(self, at: int, together: Sequence[tuple[int, ...]], before: tuple[int, ...] | None) -> Step:
        row, plan = together[0], self.plan
        minute, token, node, what = row[MINUTE], row[TOKEN], row[NODE], What(row[WHAT])
        passed: list[int] = []
        stayed_there = before is not None and stays_at(plan, before[NODE], What(before[WHAT]), node, what)
        if before is not None and not stayed_there:
            starts = comes_to(plan, before[NODE], What(before[WHAT]), before[VALUE])
            passed = certain(plan, starts, node)
        subjects = self.subjects_of.get(token, self.subjects)
        read = [one for p in passed for one in self._law(p, minute, subjects)]
        if what is What.CALLED:
            found = read_guards(plan, self.record, node, row[VALUE], minute, self.case, subjects)
            read += [said(plan, one, self.labels) for one in found]
        elif not stayed_there and what is not What.ARRIVED:
            read += self._law(node, minute, subjects)
        decided: list[str] = []
        if what is What.CHOSE:
            decided = [*self._chosen(node, together), *self._weights(node, minute, subjects)]
        elif what is What.CALLED:
            decided = [f"on “{words.plain(plan.signals[row[VALUE]])}”"]
        elif what is What.BOOKED and row[VALUE] >= 0:
            decided = [f"the first sitting day is {words.day(plan.day(row[VALUE]))}"]
        stayed = None if what in MOMENTS else self.next_state.get(at, self.record.ended_at) - minute
        names = tuple(words.sentence(plan.nodes[one].name) for one in passed)
        return Step(
            minute, self.names.get(token, ""), node, what, stayed, tuple(decided), names, tuple(dict.fromkeys(read))
        )

    def _law(self, node: int, minute: int, subjects: Sequence[int]) -> list[str]:
        found = read_law(self.plan, self.record, self.plan.nodes[node], minute, self.case, subjects)
        return [said(self.plan, one, self.labels) for one in found]

    def _chosen(self, node: int, together: Sequence[tuple[int, ...]]) -> Iterator[str]:
        at = self.plan.nodes[node]
        for row in together:
            if at.into is None:
                yield words.plain(at.branches[row[VALUE]].name)
                continue
            levels = next(a.levels for a in self.plan.attributes if a.name == attribute_name(self.plan, at.into))
            of, rows = (
                ("subject", self.subjects) if at.into.scope == Scope.SUBJECT else ("allegation", self.allegations)
            )
            yield f"{of} {rows.index(row[ITEM]) + 1}: {words.plain(levels[row[VALUE]])}"

    def _weights(self, node: int, minute: int, subjects: Sequence[int]) -> Iterator[str]:
        """What each branch weighed that day, before the factors of the case's own attributes. Those that a number closed are left out."""
        told = []
        for branch in self.plan.nodes[node].branches:
            if self._closed(branch, minute, subjects):
                continue
            if branch.rest:
                weight = "the rest"
            elif branch.weight < 0:
                weight = f"{branch.constant:g}"
            else:
                value = value_at(self.plan, self.record, branch.weight, minute, self.case, subjects)
                weight = "not known" if value is None else f"{value:.4g}"
            told.append(f"{words.plain(branch.name)} {weight}{' × factors' if branch.factors else ''}")
        yield f"weights that day, where open: {', '.join(told)}"

    def _closed(self, branch: Branch, minute: int, subjects: Sequence[int]) -> bool:
        """Whether a dated value in its conditions, a rule of the law say, closed a branch that day."""
        known = (self.plan, self.record)
        return any(term.left is None and closes(*known, term, minute, self.case, subjects) for term in branch.when)


# --- how it is shown --------------------------------------------------------------------------------------------------


def steps_table(story: CaseStory) -> pd.DataFrame:
    """The steps as rows: `COLUMNS`. `day` counts from the day of receipt, which is 0."""
    owners = Lens(story.plan).owners
    rows = []
    for step in story.steps:
        node = story.plan.nodes[step.node]
        place = int(owners.place[step.what, step.node])
        owner, kind = owners.places[place][:2] if place >= 0 else ("", "")
        stage, title = story.stages.get(node.name, ("", ""))
        rows.append(
            (
                *(story.plan.day(step.minute), _day_number(story, step.minute), step.minute),
                *(step.part, stage, title, node.name, SAID[step.what]),
                *(None if step.stayed is None else round(step.stayed / MINUTES_A_DAY, 2), owner, kind),
                *("; ".join(step.decided), "; ".join(step.passed), "; ".join(step.law)),
            )
        )
    return pd.DataFrame(rows, columns=list(COLUMNS))


def sum_table(story: CaseStory) -> pd.DataFrame:
    """Days by owner and kind of time, and last all of them: `SUM_COLUMNS`."""
    return pd.DataFrame([*story.sums, (ALL_DAYS, ALL_DAYS, story.days)], columns=list(SUM_COLUMNS))


def _day_number(story: CaseStory, minute: int) -> int:
    return minute // MINUTES_A_DAY - story.received // MINUTES_A_DAY


def heading(story: CaseStory) -> list[str]:
    """What is said before the steps."""
    plan = story.plan
    until = (
        f"finalised on {words.day(plan.day(story.finalised))}, after {story.days} days"
        if story.finalised is not None
        else f"still open at the extract of {words.day(plan.day(plan.observation.extract_on))}, after {story.days} days"
    )
    world = f", world {plan.world}" if plan.world else ""
    return [
        STAMP,
        f"Case {story.number} of {story.of} that fit, in replication {story.replication} of seed {story.seed} of {plan.name}{world}.",
        f"Received on {words.day(plan.day(story.received))}; {until}.",
        "Ethnicity, sex and borough are left out, and so is everything else about the person.",
    ]


def print_case(story: CaseStory, console: Console) -> None:
    """The whole story on a screen, stamped at both ends."""
    from rich.table import Table
    from rich.text import Text

    console.print(Text(STAMP, style="bold reverse"))
    for line in heading(story)[1:]:
        console.print(Text(line))
    console.print(Text("How its rows stand at the end of play:", style="bold"))
    for fact in story.facts:
        console.print(Text(f"  {fact}"))
    console.print(_steps_shown(story))
    table = Table(title="Whose days they were", title_justify="left", show_footer=True, box=None)
    table.add_column("whose time", footer=f"{'to finalise' if story.finalised is not None else 'to the extract date'}")
    table.add_column("days", justify="right", footer=str(story.days))
    for owner, kind, days in story.sums:
        table.add_row(Text(words.owner_and_kind(owner, kind)), str(days))
    console.print(table)
    console.print(Text(STAMP, style="bold reverse"))


def _steps_shown(story: CaseStory) -> Table:
    from rich.table import Table
    from rich.text import Text

    shown = Table(title="What happened", title_justify="left", box=None, pad_edge=False)
    shown.add_column("date", no_wrap=True)
    shown.add_column("day", justify="right", no_wrap=True)
    shown.add_column("step", ratio=1)
    shown.add_column("days", justify="right", no_wrap=True)
    shown.add_column("whose time", max_width=28)
    for step, row in zip(story.steps, steps_table(story).to_dict("records"), strict=True):
        stage = f"[{row['stage']} {row['stage_title']}] " if row["stage"] else ""
        what = Text(f"{stage}{words.sentence(row['node'])}", style="bold")
        what.append(f": {f'{step.part} ' if step.part else ''}{row['what']}", style="not bold")
        notes = [*step.decided, *(f"passing {one}" for one in [words.listed(step.passed)] if one)]
        for note in notes:
            what.append(f"\n  {note}", style="not bold dim")
        for note in step.law:
            what.append(f"\n  law: {note}", style="not bold italic")
        whose = words.owner_and_kind(row["owner"], row["kind_of_time"]) if row["owner"] else ""
        stayed = "" if step.stayed is None else f"{step.stayed / MINUTES_A_DAY:.1f}"
        shown.add_row(f"{row['date'].day} {row['date']:%b %Y}", str(row["day"]), what, stayed, whose)
    return shown


def write_case(story: CaseStory, folder: Path) -> list[Path]:
    """The steps and the sum as CSV, stamped."""
    folder.mkdir(parents=True, exist_ok=True)
    stem = f"{story.plan.name}_synthetic_case_{story.number}"
    lines = heading(story)
    return [
        write_table(steps_table(story), folder / f"{stem}.csv", [*lines, *story.facts]),
        write_table(sum_table(story), folder / f"{stem}_days.csv", lines),
    ]
