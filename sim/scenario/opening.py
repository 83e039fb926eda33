"""Which cases are open when a run begins? A table of counts by stage and age becomes the plan's opening caseload.

A row says how many cases stand in a stage of the pathway, or at one of its nodes where time passes, and how old they are; perhaps also how severe they are, who
handles them, and whether there is a criminal side. Cases of a stage are taken to stand in the middle of it where the stage says how (`Stage.opens_midway`): a row is then cut into parts of
one age and as much done (`opening_midway.py`). What the row does not say and the place asks for is filled in from what can be so there
(`check/flow.py`): a date that is surely set is the day of receipt; a level that cannot be as a case begins is the mildest that can be there. Suspensions,
warnings and appeals of the past are not in the table, so they are not in the run. A table is of counts: nothing in it may name or describe anybody.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta

from sim.evidence import Problem
from sim.pathway.kinds import Midway, Pathway, Stage
from sim.plan import MINUTES_A_DAY, UNSET, Kind, Known, Opening, Part, Plan, Ref, Scope, Told
from sim.scenario.build import OFFICE, open_days
from sim.scenario.check.alongside import MAIN
from sim.scenario.check.flow import State, flow_of
from sim.scenario.files import known_one
from sim.scenario.opening_midway import parts
from sim.scenario.sheets import shown

Table = Sequence[Mapping[str, object]]

NEEDED = ("stage", "count", "age_from_days", "age_to_days")
LEVELS = {"severity": "case.severity", "criminal": "case.criminal", "handled_by": "case.handled_by"}
"""Columns that say a level of a case."""
COLUMNS = (*NEEDED, *LEVELS, "in_stage_days", "stream")
ABOUT_SOMEBODY = (
    "name", "officer", "surname", "forename", "warrant", "collar", "badge", "email", "address", "note", "comment", "description", "text",
    "reference", "birth", "rank",
)  # fmt: skip
"""Parts of names of columns that would say who, or say it in words."""

OLDEST_DAYS = 50 * 365
MOST_CASES = 100_000
SERIOUS = "misconduct"
"""From this severity on a matter is one of the person's serious open ones."""

BESIDE = {"criminal": {"case.criminal=live"}, "leaving": {"case.severity=misconduct", "case.severity=gross"}}
"""Stages that run beside a case, and of which levels."""
OF_SERIOUS = {"case.representations": "over", "subject.counted": "yes"}
"""Of serious cases what is so wherever it can be."""
RECEIVED, AS_SEVERE = "received", "case.severity"
"""Words of `Stage.opens_with` that are no level."""
ASSESSED_ON = "case.investigated_on"
"""Where a place says this date, the severity of a case of the first stream has to be given."""


def opening_rows(table: Table, pathway: Pathway, plan: Plan) -> tuple[tuple[Opening, ...], list[Problem]]:
    """The opening caseload that a table says.

    Args:
        table: rows of the columns `COLUMNS`, of which those of `NEEDED` have to be given; numbers may be text. An empty cell says nothing.
        pathway: whose stages and nodes are named.
        plan: of that pathway, without it.

    Returns:
        Rows in the order of the table, each named by all that it says but its count, and by its part where a row is cut into parts; and everything that is wrong, each with its row from 1.
    """
    reader = _Reader(pathway, plan)
    rows: list[Opening] = []
    names: set[str] = set()
    for number, cells in enumerate(table, start=1):
        found = len(reader.problems)
        row = reader.row(number, {key: cell for key, cell in cells.items() if cell is not None and cell != ""})
        if row is not None and len(reader.problems) == found:
            if row.name in names:
                reader.wrong("stage", "a row that says the same as one before", "one row with the sum of their counts")
            names.add(row.name)
            rows += reader.in_parts(row)
    total = sum(row.count for row in rows)
    if total > MOST_CASES:
        reader.wrong("count", f"{total:,} cases in all", f"at most {MOST_CASES:,}")
    return tuple(rows), reader.problems


@dataclass(frozen=True)
class _Place:
    """Where a case stands: the forks it has gone through, each with the join that waits for it, and the node."""

    node: int
    way: tuple[tuple[int, int], ...]
    opens_with: Mapping[str, str]
    midway: Midway | None = None
    """How far they have come, if they are in the middle of their stage."""

    @property
    def origin(self) -> int:
        return self.way[-1][1] if self.way else MAIN


class _Reader:
    def __init__(self, pathway: Pathway, plan: Plan) -> None:
        self.pathway, self.plan, self.flow = pathway, plan, flow_of(plan)
        self.at = {node.name: at for at, node in enumerate(plan.nodes)}
        self.stages = {stage.name: stage for stage in pathway.stages}
        self.refs = {attribute.name: plan.find(attribute.name) for attribute in plan.attributes}
        self.levels = {attribute.name: attribute.levels for attribute in plan.attributes}
        self.problems: list[Problem] = []
        self.number = 0
        self.middle: tuple[Midway, bool] | None = None
        """Of the newest row: how far its cases have come, and whether how long they have stood there is said."""

    def wrong(self, column: str, found: str, expected: str) -> None:
        where = f"row {self.number}, {column}" if column else f"row {self.number}"
        self.problems.append(Problem(file="opening caseload", key=where, found=found, expected=expected))

    # --- one row ------------------------------------------------------------------------------------------------------

    def row(self, number: int, cells: Mapping[str, object]) -> Opening | None:
        """What a row says; None, with the problems told, where it says nothing that can be played."""
        self.number = number
        self._columns(cells)
        count = self._whole(cells, "count", MOST_CASES)
        young, old = (self._whole(cells, f"age_{end}_days", OLDEST_DAYS) for end in ("from", "to"))
        since = self._whole(cells, "in_stage_days", OLDEST_DAYS) if "in_stage_days" in cells else 0
        if young is not None and old is not None and old < young:
            self.wrong("age_to_days", str(old), f"at least age_from_days, {young}")
        if young is not None and since is not None and since > young:
            self.wrong(
                "in_stage_days", str(since), f"at most age_from_days, {young}: nothing is in a stage longer than open"
            )
        stream = self._stream(cells)
        given = {
            name: level for column, name in LEVELS.items() if (level := self._level(cells, column, name)) is not None
        }
        place = self._place(cells, given)
        self.middle = (place.midway, "in_stage_days" in cells) if place is not None and place.midway else None
        unread = any(column in cells and name not in given for column, name in LEVELS.items())
        if unread or None in (count, young, old, since, stream, place):
            return None
        assert count is not None
        assert young is not None
        assert old is not None
        assert since is not None
        assert stream is not None
        assert place is not None
        sets = self._sets(place, stream, given)
        takes = place.midway.takes if place.midway else ""
        lasts = self._in_stage(place.node, since)
        also = [Part(fork, node) for _, fork, node in self._chain(place)]
        if also:
            also[-1] = replace(also[-1], in_stage=lasts)
        also += self._beside(given)
        return Opening(
            name="|".join(f"{column}={cells[column]}" for column in COLUMNS if column != "count" and column in cells),
            count=count,
            stream=stream,
            node=place.way[0][0] if place.way else self.at[takes] if takes else place.node,
            then=place.node if takes else -1,
            age_from=young * MINUTES_A_DAY,
            age_to=old * MINUTES_A_DAY,
            in_stage=0 if place.way else lasts,
            sets=tuple(sets),
            also=tuple(also),
        )

    def in_parts(self, row: Opening) -> Iterator[Opening]:
        """The row itself, or its parts if its cases are in the middle of their stage."""
        if self.middle is None:
            yield row
            return
        midway, is_said = self.middle
        known = {one.attribute: one.value for one in row.sets if one.told == Told.IS}
        of_all = self._of_all(midway, row.stream) if midway.left else 0
        ways = [self.at[node] for node in midway.stands]
        gap = self._mean(ways[0], known)
        for part in parts(row.name, row.count, row.age_from, row.age_to, of_all - 1, gap):
            node = ways[part.number % len(ways)]
            left = (Known(self.refs[midway.left], Told.IS, of_all - part.done),) if part.done else ()
            yield replace(
                row,
                name=f"{row.name}|part={part.number}",
                count=part.count,
                age_from=part.age_from,
                age_to=part.age_to,
                node=row.node if midway.takes else node,
                then=node if midway.takes else -1,
                in_stage=row.in_stage if is_said else self._in_stage(node, part.since // MINUTES_A_DAY),
                sets=(*row.sets, *left),
            )

    def _of_all(self, midway: Midway, stream: int) -> int:
        """How many bouts there are in all as the plan starts."""
        told = f"case.stream={self.plan.streams[stream].name}"
        key = midway.of_for.get(told, midway.of)
        return round(next(one.at(0) for one in self.plan.values if one.name == key))

    def _mean(self, at: int, known: Mapping[Ref, int]) -> float:
        """Mean minutes of a wait as the plan starts, of cases of whom this is known."""
        lasts = self.plan.nodes[at].lasts
        assert lasts is not None
        mean = self.plan.values[lasts.mean].at(0) * lasts.minutes
        for factor in lasts.factors:
            value = factor.values[known[factor.attribute]] if factor.attribute in known else -1
            mean *= self.plan.values[value].at(0) if value >= 0 else 1
        return mean

    def _columns(self, cells: Mapping[str, object]) -> None:
        for column in cells:
            if column not in COLUMNS:
                somebody = any(word in str(column).lower() for word in ABOUT_SOMEBODY)
                expected = (
                    "counts only: no column that names or describes anybody"
                    if somebody
                    else known_one(str(column), COLUMNS)
                )
                self.wrong("", f"a column called {shown(str(column))}", expected)
        for column in NEEDED:
            if column not in cells:
                self.wrong(column, "nothing", f"{column}, which must be given")

    def _whole(self, cells: Mapping[str, object], column: str, most: int) -> int | None:
        cell = cells.get(column)
        if cell is None:
            return None
        text = str(cell).strip()
        digits = text.isascii() and text.isdecimal() and len(text) <= len(str(most))
        if isinstance(cell, bool) or not digits or int(text) > most:
            self.wrong(column, shown(text), f"a whole number from 0 to {most}")
            return None
        return int(text)

    def _level(self, cells: Mapping[str, object], column: str, name: str) -> int | None:
        if column not in cells:
            return None
        word, levels = str(cells[column]).strip(), self.levels.get(name, ())
        if word not in levels:
            self.wrong(column, shown(word), known_one(word, levels))
            return None
        return levels.index(word)

    def _stream(self, cells: Mapping[str, object]) -> int | None:
        names = [stream.name for stream in self.plan.streams]
        word = str(cells.get("stream", names[0])).strip()
        if word not in names:
            self.wrong("stream", shown(word), known_one(word, names))
            return None
        return names.index(word)

    # --- where it stands ----------------------------------------------------------------------------------------------

    def _is_told(self, given: Mapping[str, int], told: str) -> bool:
        name, _, level = told.partition("=")
        return given.get(name) == self.levels[name].index(level)

    def _stage_of(self, node: str) -> Stage | None:
        """The stage of a node, if open cases can stand there."""
        return next((s for s in self.pathway.stages if s.opens_at and any(one.name == node for one in s.nodes)), None)

    def _place(self, cells: Mapping[str, object], given: Mapping[str, int]) -> _Place | None:
        if "stage" not in cells:
            return None
        word = str(cells["stage"]).strip()
        stage, midway = self.stages.get(word), None
        if stage is not None and stage.opens_at:
            node = next((n for told, n in stage.opens_for.items() if self._is_told(given, told)), stage.opens_at)
            midway = self._midway(stage, given)
            node = midway.stands[0] if midway else node
        elif word in self.at and self._passes_time(self.at[word]) and (owner := self._stage_of(word)):
            stage, node = owner, word
        else:
            known = [*(s.name for s in self.pathway.stages if self._is_of_the_case(s)), *self._nodes()]
            stands = word in self.stages or word in self.at
            expected = (
                f"a stage or node where an open case can stand, as {', '.join(known[:8])}"
                if stands
                else known_one(word, known)
            )
            self.wrong("stage", shown(word), expected)
            return None
        way = tuple((self.at.get(join, -1), self.at[fork]) for join, fork in stage.opens_in)
        place = _Place(self.at[node], way, {**self.pathway.opens_with, **stage.opens_with}, midway)
        if any(join < 0 for join, _ in way) or not self._states(place):
            self.wrong(
                "stage", shown(word), "a stage of the case itself: what runs beside it follows from the other columns"
            )
            return None
        if not (midway and midway.takes) and self._needs_a_slot(place.node):
            expected = "the stage in which the case is given a place in a caseload: the run gives it one from there"
            self.wrong("stage", f"{word!r}, where a case holds a place in somebody's caseload", expected)
            return None
        return place

    def _midway(self, stage: Stage, given: Mapping[str, int]) -> Midway | None:
        return next(
            (one for one in stage.opens_midway if not one.when or any(self._is_told(given, told) for told in one.when)),
            None,
        )

    def _is_of_the_case(self, stage: Stage) -> bool:
        return bool(stage.opens_at) and all(join for join, _ in stage.opens_in)

    def _nodes(self) -> Iterator[str]:
        return (
            node.name
            for at, node in enumerate(self.plan.nodes)
            if self._passes_time(at) and not self._needs_a_slot(at) and self._stage_of(node.name)
        )

    def _passes_time(self, at: int) -> bool:
        node = self.plan.nodes[at]
        return node.kind in (Kind.WORK, Kind.WAIT, Kind.HOLD, Kind.BOOK) or (
            node.kind == Kind.ASSIGN and node.team >= 0
        )

    def _needs_a_slot(self, at: int) -> bool:
        """Whether work of a team that gives slots can follow before a slot of that team is taken."""
        seen: set[int] = set()
        todo = [at]
        while todo:
            here = todo.pop()
            node = self.plan.nodes[here]
            if here in seen or (node.kind == Kind.ASSIGN and node.team >= 0):
                continue  # from an assignment on it holds what it needs, as every other case does
            seen.add(here)
            if node.kind == Kind.WORK and self.plan.teams[node.team].slots >= 0:
                return True
            todo += {node.goes_to, node.cut_off_to, *(branch.goes_to for branch in node.branches)} - {-1}
        return False

    def _chain(self, place: _Place) -> list[tuple[int, int, int]]:
        """For each fork gone through: the node where the line before it waits, the fork, and where the token stands that it made."""
        ends = [join for join, _ in place.way[1:]] + [place.node]
        return [(join, fork, node) for (join, fork), node in zip(place.way, ends, strict=True)] if place.way else []

    def _beside(self, given: Mapping[str, int]) -> list[Part]:
        """What runs beside a case of these levels."""
        parts = []
        for name, told in BESIDE.items():
            stage = self.stages.get(name)
            if stage is not None and stage.opens_at and any(self._is_told(given, one) for one in told):
                parts.append(Part(self.at[stage.opens_in[0][1]], self.at[stage.opens_at]))
        return parts

    def _in_stage(self, at: int, days: int) -> int:
        """Minutes of so many days before the start, on the calendar of the node's duration; 0 where nothing is read of it."""
        node = self.plan.nodes[at]
        if node.kind not in (Kind.WAIT, Kind.HOLD) or node.lasts is None:
            return 0
        if node.lasts.calendar < 0:
            return days * MINUTES_A_DAY
        calendar = self.plan.calendars[node.lasts.calendar]
        earlier = open_days(self.plan.starts_on - timedelta(days), days, calendar.name == OFFICE)
        return earlier.count("1") * (calendar.closes - calendar.opens)

    # --- what is so there ---------------------------------------------------------------------------------------------

    def _states(self, place: _Place, stream: int | None = None) -> list[tuple[int, State]]:
        """The dates surely set and the states with which a case can come there."""
        found = self.flow.at(place.node)
        return [(k.dates, s) for k, s in found if k.origin == place.origin and stream in (None, k.stream)]

    def _sets(self, place: _Place, stream: int, given: Mapping[str, int]) -> list[Known]:
        states = self._states(place, stream)
        if not states:
            name = self.plan.streams[stream].name
            self.wrong(
                "stream", repr(name), f"another stream: no case of {name} comes to {self.plan.nodes[place.node].name}"
            )
            return []
        if stream == 0 and ASSESSED_ON in place.opens_with and "case.severity" not in given:
            self.wrong("severity", "nothing", "the severity, which must be given of a case that has been assessed")
            return []
        sets = self._known_levels(place, states, given)
        for name, ref in self.refs.items():
            if ref.scope == Scope.PERSON or not self.levels[name] or ref not in self.flow.fields:
                continue
            possible = self._possible(states, name)
            if name in given and given[name] not in possible:
                self._cannot_be(name, given[name], possible, place)
            elif name not in sets and ref not in self._drawn() and name != "case.stream" and 0 not in possible:
                sets[name] = min(possible, default=0)
        knowns = [Known(self.refs[name], Told.IS, level) for name, level in sets.items()]
        knowns += self._all_left(place, stream, sets)
        surely = self._surely_set(states)
        dates = {ref for ref, bit in self.flow.tracked.items() if surely & 1 << bit and ref.scope != Scope.PERSON}
        dates |= {self.refs[name] for name, word in place.opens_with.items() if word == RECEIVED and name in self.refs}
        knowns += [Known(ref, Told.RECEIVED) for ref in sorted(dates, key=lambda ref: (ref.scope, ref.index))]
        if sets.get("subject.counted") and "person.serious_open" in self.refs:
            knowns.append(Known(self.refs["person.serious_open"], Told.MORE, 1))
        if self.plan.population is not None and stream == 0:
            knowns.append(Known(self.plan.population.before, Told.MORE, 1))
        return knowns

    def _all_left(self, place: _Place, stream: int, sets: Mapping[str, int]) -> Iterator[Known]:
        """All that has to be done, of cases at a node before any of it has been."""
        stage = None if place.midway else self._stage_of(self.plan.nodes[place.node].name)
        midway = self._midway(stage, sets) if stage else None
        if midway and midway.left:
            yield Known(self.refs[midway.left], Told.IS, self._of_all(midway, stream))

    def _known_levels(
        self, place: _Place, states: Sequence[tuple[int, State]], given: Mapping[str, int]
    ) -> dict[str, int]:
        """The levels given, and what follows from them and from the place."""
        sets = {name: level for name, level in given.items() if name in self.refs}
        severity = given.get("case.severity")
        if severity is not None:
            sets |= dict.fromkeys(("subject.severity", "allegation.severity"), severity)
        words = {name: word for name, word in place.opens_with.items() if word != RECEIVED}
        if severity is not None and severity >= self.levels["case.severity"].index(SERIOUS):
            words |= OF_SERIOUS
        for name, word in words.items():
            if name not in self.refs or name in given or (word == AS_SEVERE and severity is None):
                continue
            level = severity if word == AS_SEVERE else self.levels[name].index(word)
            if level is not None and level in self._possible(states, name):
                sets[name] = level
        return sets

    def _surely_set(self, states: Sequence[tuple[int, State]]) -> int:
        surely = -1
        for dates, _ in states:
            surely &= dates
        return surely

    def _drawn(self) -> set[Ref]:
        return {draw.attribute for draw in self.plan.draws} | {copied.attribute for copied in self.plan.copies}

    def _possible(self, states: Sequence[tuple[int, State]], name: str) -> list[int]:
        """The levels that an attribute can have in any of the states, mildest first; all where nothing is known of it."""
        ref = self.refs[name]
        if ref not in self.flow.fields:
            return list(range(len(self.levels[name])))
        bits = 0
        for _, state in states:
            bits |= self.flow.possible(state, ref)
        return sorted(
            value for place, value in enumerate(self.flow.had.domains[ref]) if bits & 1 << place and value != UNSET
        )

    def _cannot_be(self, name: str, level: int, possible: Sequence[int], place: _Place) -> None:
        column = next(column for column, one in LEVELS.items() if one == name)
        node, words = self.plan.nodes[place.node].name, [self.levels[name][one] for one in possible]
        self.wrong(column, repr(self.levels[name][level]), f"what a case at {node} can have: {', '.join(words)}")
