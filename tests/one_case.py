"""Does a case go the way its file says? Played by hand, without chance, on both engines.

Nothing is drawn: every spread is 0, every stream is off, the only people are those of the file, and a decision that could go more
than one way has to be told. A way told does not open what the rules close: the branch keeps its conditions and its weight.
A team gives all its hours to the case, so eight hours of effort are one working day.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from functools import cache
from pathlib import Path

import numpy as np
from agreement import play_cast
from case_files import Case, CaseError, CaseFile, Given, Numbers, Plain, Schedule, Ways, read_case, read_plain
from case_paths import Played, path_report, seen, told_line

from sim.engines import draws, fast, reference
from sim.engines.cast import Cast, Table, attribute_name, one_case, starts
from sim.engines.reading import PlayError
from sim.engines.rules import is_weighed
from sim.evidence import Problem
from sim.plan import (
    UNSET,
    Attribute,
    Branch,
    Dated,
    Factor,
    Kind,
    Node,
    Operator,
    Plan,
    Put,
    Ref,
    Scope,
    Shape,
    Term,
)
from sim.record import Record, What
from sim.scenario import ScenarioError, load_scenario
from sim.scenario.words import nearest

SEEDS = (1, 2, 3)
"""The case is played under the keys of each; all must go one way."""
TIMES = ("minutes", "hours", "working_days", "days", "weeks", "months", "years")
"""Units without which a number cannot be checked by hand."""
TABLES = {Scope.PERSON: "people", Scope.CASE: "cases", Scope.SUBJECT: "subjects", Scope.ALLEGATION: "allegations"}


@dataclass(frozen=True)
class Rows:
    """Which rows of the cast belong to a case: its subjects, the person of each, the allegations of each."""

    case: Case
    subjects: tuple[int, ...]
    people: tuple[int, ...]
    allegations: tuple[tuple[int, ...], ...]


# --- what is played ---------------------------------------------------------------------------------------------------


@cache
def plain_case() -> Plain:
    return read_plain()


@cache
def scenario_plan(name: str) -> Plan:
    return load_scenario(name).plan


@dataclass
class Setting:
    """A file set up to be played: the plan without chance, and where its rows stand. `problems` are names that mean nothing."""

    file: CaseFile
    plain: Plain
    base: Plan

    def __post_init__(self) -> None:
        self.problems: list[Problem] = []
        self.nodes = {node.name: at for at, node in enumerate(self.base.nodes)}
        self.attributes = {attribute.name: attribute for attribute in self.base.attributes}
        self.people = {who: at for at, who in enumerate(self.file.people)}
        self.rows = tuple(self._rows())
        self.weighed = {node.name: node for node in self.base.nodes if node.kind == Kind.DECIDE and is_weighed(node)}
        numbers = self._numbers("takes", self.plain.takes, of="plain_case.yaml")
        numbers |= self._numbers("takes", self.file.takes) | self._numbers("law_instead", self.file.law_instead)
        self.tests = self._numbers("would_fail_if", self.file.would_fail_if)
        self._check_steps()
        self._check_ends()
        self.told: dict[str, dict[int, Schedule]] = {}
        """Decision -> row of the subject or allegation -> what it takes."""
        self.own: list[tuple[Rows, str]] = []
        """Decisions that the file itself tells of, and the case they are told of."""
        self._gather_ways()
        self.states = {scope: self._states(scope) for scope in Scope}
        self.plan = self._without_chance(numbers)
        self._check_counts()
        if self.problems:
            raise CaseError(self.problems)

    def wrong(self, key: str, found: str, expected: str, of: str | None = None) -> None:
        problem = Problem(file=of or self.file.path.name, key=key, found=found, expected=expected)
        if problem not in self.problems:
            self.problems.append(problem)

    # --- rows -------------------------------------------------------------------------------------------------------

    def _rows(self) -> Iterator[Rows]:
        subject = allegation = 0
        for case in sorted(self.file.cases, key=lambda case: case.received):
            subjects, of_subjects = [], []
            for one in case.subjects:
                subjects.append(subject)
                of_subjects.append(tuple(range(allegation, allegation + len(one.allegations))))
                subject, allegation = subject + 1, allegation + len(one.allegations)
            people = tuple(self.people[one.person] for one in case.subjects)
            yield Rows(case, tuple(subjects), people, tuple(of_subjects))

    def minute(self, day: date) -> int:
        """The minute of a day, or of a day with a time."""
        if isinstance(day, datetime):
            return self.base.minute(day.date()) + day.hour * 60 + day.minute
        return self.base.minute(day)

    def number(self, key: str, name: str, value: Given, of: str | None = None) -> int:
        """An attribute's value as the whole number that rows carry."""
        attribute = self.attributes.get(name)
        if attribute is None:
            self.wrong(key, f"no attribute {name!r}", nearest(name, list(self.attributes), "attribute"), of)
        elif attribute.levels:
            if value in attribute.levels:
                return attribute.levels.index(str(value))
            self.wrong(key, repr(value), nearest(str(value), attribute.levels, f"level of {name}"), of)
        elif attribute.start == UNSET:
            if isinstance(value, date):
                return self.minute(value)
            if value == "unset":
                return UNSET
            self.wrong(key, repr(value), "a day such as 2018-03-01, or unset", of)
        elif isinstance(value, int):
            return value
        else:
            self.wrong(key, repr(value), f"a whole number: {name} is a count", of)
        return 0

    def _states(self, scope: Scope) -> list[dict[str, int]]:
        """What the rows of a scope are given: what is plain, then what the file says."""
        word = scope.name.lower()
        plain = {
            name: self.number(name, name, value, "plain_case.yaml")
            for name, value in self.plain.given.items()
            if name.partition(".")[0] == word
        }

        def row(key: str, given: Mapping[str, Given]) -> dict[str, int]:
            named = {f"{word}.{name}": (f"{key}.{name}", value) for name, value in given.items()}
            return plain | {name: self.number(at, name, value) for name, (at, value) in named.items()}

        if scope == Scope.PERSON:
            return [row(f"people.{who}", given) for who, given in self.file.people.items()]
        if scope == Scope.CASE:
            return [row(f"{rows.case.name}.case", rows.case.given) for rows in self.rows]
        subjects = [subject for rows in self.rows for subject in rows.case.subjects]
        if scope == Scope.SUBJECT:
            return [row(f"{subject.person}.subject", subject.given) for subject in subjects]
        return [row("allegations", one.given) for subject in subjects for one in subject.allegations]

    def cast(self, seed: int, plan: Plan | None = None) -> Cast:
        """The people and cases of the file, with keys from a seed; for a plan that differs if one is given."""
        plan = plan or self.plan
        root = draws.root(seed, 0)

        def table(scope: Scope) -> Table:
            given = self.states[scope]
            keys = [draws.child(root, draws.name(f"{scope.name} by hand"), at) for at in range(len(given))]
            state = np.tile(starts(plan, scope), (len(given), 1))
            for row, values in zip(state, given, strict=True):
                for name, value in values.items():
                    row[plan.find(name).index] = value
            return Table(np.asarray(keys, np.uint64), state)

        streams = [stream.name for stream in plan.streams]
        stream = np.asarray([streams.index(rows.case.stream or self.plain.stream) for rows in self.rows])
        received = np.asarray([self.minute(rows.case.received) for rows in self.rows])
        people, cases = table(Scope.PERSON), table(Scope.CASE)
        for at, rows in enumerate(self.rows):
            cases.state[at, plan.received.index] = received[at]
            for copied in plan.copies:
                if attribute_name(plan, copied.attribute) not in self.states[Scope.CASE][at]:
                    cases.state[at, copied.attribute.index] = people.state[rows.people[0], copied.person.index]
            if "case.stream" in self.attributes:
                cases.state[at, plan.find("case.stream").index] = stream[at]
        nobody = one_case(plan, received=0, person={}, case={}, subjects=[{}], allegations=[[{}]], stream=streams[0])
        return Cast(
            people=people,
            seats=np.arange(len(people.keys)),
            cases=cases,
            case_stream=stream,
            received=received,
            subjects=table(Scope.SUBJECT),
            subject_case=np.asarray([at for at, rows in enumerate(self.rows) for _ in rows.subjects]),
            subject_person=np.asarray([person for rows in self.rows for person in rows.people]),
            allegations=table(Scope.ALLEGATION),
            allegation_subject=np.asarray(
                [
                    s
                    for rows in self.rows
                    for s, below in zip(rows.subjects, rows.allegations, strict=True)
                    for _ in below
                ]
            ),
            person_days=nobody.person_days,
        )

    # --- numbers ----------------------------------------------------------------------------------------------------

    def _numbers(self, key: str, told: Numbers, of: str | None = None) -> dict[str, float]:
        known = {value.name: value for value in self.base.values}
        result = {}
        for name, (amount, unit) in told.items():
            value = known.get(name)
            if value is None:
                self.wrong(f"{key}.{name}", "no such number", nearest(name, list(known), "number"), of)
            elif (unit or value.unit in TIMES) and value.unit not in (unit, f"{unit}s"):
                said = f"the unit {unit!r}" if unit else "no unit"
                self.wrong(f"{key}.{name}", said, f"{value.unit.replace('_', ' ')!r}, which it is counted in", of)
            else:
                result[name] = amount
        return result

    def with_numbers(self, numbers: Mapping[str, float]) -> Plan:
        """The plan with numbers that never step."""
        return _with_numbers(self.plan, numbers)

    def _check_counts(self) -> None:
        """A whole number drawn round a mean is that mean only where it is whole."""
        counted = {w.value for node in self.plan.nodes for w in node.writes if w.put == Put.COUNT}
        for at in sorted(counted):
            value = self.plan.values[at]
            if any(amount != round(amount) for amount in value.values):
                self.wrong(
                    f"takes.{value.name}", f"{value.values} at one date or another", "a whole number, or it is drawn"
                )

    # --- ways -------------------------------------------------------------------------------------------------------

    def _gather_ways(self) -> None:
        for node in self._known_ways("ways", self.plain.ways, "plain_case.yaml"):
            self.told.setdefault(node, {})
        for ways in (self.file.ways, *(rows.case.ways for rows in self.rows)):
            for node in self._known_ways("ways", ways):
                self.told.setdefault(node, {})
        for rows in self.rows:
            for subject in rows.case.subjects:
                for node in self._known_ways(f"{subject.person}.ways", subject.ways):
                    self.told.setdefault(node, {})
                for allegation in subject.allegations:
                    for node in self._known_ways("allegations.ways", allegation.ways):
                        self.told.setdefault(node, {})
                        if not self._each_allegation(node):
                            self.wrong(
                                f"allegations.ways.{node}",
                                "a decision that is not made for each allegation",
                                "it under the case or a subject",
                            )
            for node in self.told:
                self._tell(node, rows)

    def _known_ways(self, key: str, ways: Ways, of: str | None = None) -> Iterator[str]:
        """The decisions that may be told, of those that are."""
        for name, schedule in ways.items():
            node = self.weighed.get(name)
            if name in self.nodes and node is None:
                expected = "a decision that weighs; this step follows from what rows are, so give them instead"
                self.wrong(f"{key}.{name}", f"the way of {name!r}", expected, of)
            elif node is None:
                self.wrong(f"{key}.{name}", "no such decision", nearest(name, list(self.weighed), "decision"), of)
            else:
                branches = [branch.name for branch in node.branches]
                unknown = [branch for _, told in schedule for branch in told if branch not in branches]
                for branch in unknown:
                    self.wrong(
                        f"{key}.{name}", f"no branch {branch!r}", nearest(branch, branches, f"branch of {name}"), of
                    )
                if not unknown:
                    yield name

    def _each_allegation(self, name: str) -> bool:
        into = self.weighed[name].into
        return into is not None and into.scope == Scope.ALLEGATION

    def _tell(self, name: str, rows: Rows) -> None:
        """What each row of a case takes at a decision: the nearest that is told."""
        case = rows.case
        for at, subject in enumerate(case.subjects):
            far = (subject.ways, case.ways, self.file.ways, self.plain.ways)
            if self._each_allegation(name):
                told = [
                    (row, (one.ways, *far)) for row, one in zip(rows.allegations[at], subject.allegations, strict=True)
                ]
            else:
                told = [(rows.subjects[at], far)]
            for row, layers in told:
                said = next((layer for layer in layers if name in layer), None)
                if said is not None:
                    self.told[name][row] = said[name]
                    if said is not self.plain.ways and (rows, name) not in self.own:
                        self.own.append((rows, name))

    # --- the plan ---------------------------------------------------------------------------------------------------

    def _without_chance(self, numbers: Mapping[str, float]) -> Plan:
        """No spread anywhere, teams at full speed, numbers as told, and each decision with the way that is told."""
        speeds = {self.base.values[team.speed].name: 1.0 for team in self.base.teams}
        plan = replace(self.base, shapes=tuple(Shape("fixed", 0.0) for _ in self.base.shapes))
        plan = _with_numbers(plan, {**numbers, **speeds})
        attributes, values, nodes = list(plan.attributes), list(plan.values), list(plan.nodes)
        for name, rows in self.told.items():
            node, scope = self.weighed[name], Scope.ALLEGATION if self._each_allegation(name) else Scope.SUBJECT
            every = range(len(self.states[scope]))
            schedules: list[Schedule | None] = list(dict.fromkeys(rows.get(row) for row in every))
            which = None
            if len(schedules) > 1:
                which = Ref(scope, sum(attribute.scope == scope for attribute in attributes))
                attributes.append(Attribute(f"{scope.name.lower()}.way_at_{name}", scope, (), 0))
                for row in every:
                    self.states[scope][row][attributes[-1].name] = schedules.index(rows.get(row))
            branches: list[Branch] = []
            for turn, schedule in enumerate(schedules):
                mine = (_is(which, turn),) if which else ()
                for branch in node.branches:
                    switch = self._switch(name, turn, schedule, branch.name)
                    if switch is not None and any(switch.values):
                        stepping = ()
                        if not all(switch.values):
                            values.append(switch)
                            stepping = (Term(None, len(values) - 1, Operator.EQUAL, 1, None, False, False),)
                        branches.append(replace(branch, when=(*branch.when, *mine, *stepping)))
                    elif schedule is None:
                        branches.append(replace(branch, when=(*branch.when, *mine)))
            nodes[self.nodes[name]] = replace(node, branches=tuple(branches))
        return replace(plan, attributes=tuple(attributes), values=tuple(values), nodes=tuple(nodes))

    def _switch(self, name: str, turn: int, schedule: Schedule | None, branch: str) -> Dated | None:
        """When a schedule takes a branch, as a switch by date; None without a schedule."""
        if schedule is None:
            return None
        times = [0, *(self.base.minute(day) for day, _ in schedule[1:] if day)]
        taken = [float(branch in told) for _, told in schedule]
        return Dated(f"way.{name}.{turn}.{branch}", "switch", tuple(times), tuple(taken), None)

    # --- what is wanted -----------------------------------------------------------------------------------------------

    def _check_steps(self) -> None:
        begins = {stream.start for stream in self.base.streams} | {
            node.start for node in self.base.nodes if node.kind == Kind.FORK
        }
        for rows in self.rows:
            for step in rows.case.path:
                at = self.nodes.get(step.node)
                if at is None:
                    self.wrong(f"path.{step.said}", "no such step", nearest(step.node, list(self.nodes), "step"))
                    continue
                node = self.base.nodes[at]
                if not _leaves_a_row(node) and at not in begins:
                    expected = "a step at which time passes, a fork or a weighed decision: this one leaves no trace but what it writes ('ends')"
                    self.wrong(f"path.{step.said}", f"the step {step.node!r}", expected)
                elif step.branch is not None and step.branch not in [branch.name for branch in node.branches]:
                    known = [branch.name for branch in node.branches]
                    self.wrong(f"path.{step.said}", f"no branch {step.branch!r}", nearest(step.branch, known, "branch"))
                elif step.sits and node.kind != Kind.BOOK:
                    self.wrong(f"path.{step.said}", f"{step.node!r} sitting", "a step at which sitting days are booked")

    def _check_ends(self) -> None:
        for rows in self.rows:
            for ends in (rows.case.ends, *(subject.ends for subject in rows.case.subjects)):
                for name, value in ends.items():
                    self.number(f"ends.{name}", name, value)


def _with_numbers(plan: Plan, numbers: Mapping[str, float]) -> Plan:
    values = tuple(
        replace(value, times=(min(0, value.times[0]),), values=(numbers[value.name],))
        if value.name in numbers
        else value
        for value in plan.values
    )
    return replace(plan, values=values)


def _is(which: Ref, turn: int) -> Term:
    """All rows of the token are told this: where they are told different things, a decision for them together has no way."""
    return Term(which, -1, Operator.EQUAL, turn, None, False, True)


def _leaves_a_row(node: Node) -> bool:
    if node.kind == Kind.DECIDE:
        return is_weighed(node)
    return node.kind != Kind.SET and not (node.kind == Kind.ASSIGN and node.team < 0)


# --- the verdict --------------------------------------------------------------------------------------------------------


def _value(plan: Plan, attribute: Attribute, value: int) -> str:
    if attribute.levels:
        return attribute.levels[value]
    if attribute.start == UNSET:
        return "unset" if value == UNSET else str(plan.day(value))
    return str(value)


def ends_report(setting: Setting, record: Record) -> str:
    """Every row that does not end as wanted."""
    wrong = []
    plan = setting.plan
    for at, rows in enumerate(setting.rows):
        below = [row for of_subject in rows.allegations for row in of_subject]
        wanted = [(rows.case.name, rows.case.ends, rows.people, rows.subjects, below)] + [
            (subject.person, subject.ends, (rows.people[n],), (rows.subjects[n],), rows.allegations[n])
            for n, subject in enumerate(rows.case.subjects)
        ]
        for who, ends, people, subjects, allegations in wanted:
            of_scope = {"person": people, "case": (at,), "subject": subjects, "allegation": allegations}
            for name, value in ends.items():
                attribute = setting.attributes[name]
                scope, _, column = name.partition(".")
                found = [
                    _value(plan, attribute, int(getattr(record, TABLES[attribute.scope])[column][n]))
                    for n in of_scope[scope]
                ]
                want = str(value.date() if isinstance(value, datetime) else value)
                if any(one != want for one in found):
                    wrong.append(f"  {who}: {name} is {', '.join(found)}; wanted {want}")
    return "\n".join(wrong)


def report(path: Path) -> str:
    """What is wrong with a case, for people to read; empty where it goes as its file says.

    Raises:
        CaseError: the file cannot be played, with every problem.
    """
    file = read_case(path)
    try:
        base = scenario_plan(file.scenario)
    except ScenarioError as error:
        raise CaseError(error.problems) from None
    return report_on(set_up(file, plain_case(), base))


def set_up(file: CaseFile, plain: Plain, base: Plan) -> Setting:
    """The file, ready to be played in a plan.

    Raises:
        CaseError: with every name, level or unit that means nothing.
    """
    problems = []
    for case in file.cases:
        if not 0 <= base.minute(case.received.date()) < base.ends_at:
            days = f"a day of {file.scenario}, {base.starts_on} to {base.day(base.ends_at - 1)}"
            problems.append(("received", str(case.received.date()), days))
        streams = [stream.name for stream in base.streams]
        if case.stream is not None and case.stream not in streams:
            problems.append(("stream", repr(case.stream), nearest(case.stream, streams, "stream")))
    if problems:
        raise CaseError(
            Problem(file=file.path.name, key=key, found=found, expected=expected) for key, found, expected in problems
        )
    return Setting(file, plain, base)


def report_on(setting: Setting) -> str:
    """`report` of a file that has been set up."""
    plan, cast = setting.plan, setting.cast(SEEDS[0])
    try:
        record = play_cast(plan, cast)
    except PlayError as error:
        before = _until_it_stopped(plan, cast)
        lines = [told_line(plan, line) for at in range(len(setting.rows)) for line in seen(plan, before, at)]
        return "\n".join(
            [
                f"{setting.file.path.name}: cannot be played on: {error}",
                "  seen until then",
                *(f"  {line}" for line in lines),
            ]
        )
    told = [_differences(setting, record), _left_to_chance(setting, record), _not_come_to(setting, record)]
    if not any(told):
        told = [_without_the_rule(setting, cast, key, value) for key, value in setting.tests.items()]
    return "\n".join(one for one in told if one)


def _differences(setting: Setting, record: Record) -> str:
    """Where paths and ends are not as wanted."""
    told = []
    for at, rows in enumerate(setting.rows):
        text = path_report(setting.plan, rows.case, seen(setting.plan, record, at))
        if text:
            told.append(f"{setting.file.path.name}: {rows.case.name} goes another way\n{text}")
    text = ends_report(setting, record)
    if text:
        told.append(f"{setting.file.path.name}: it ends otherwise\n{text}")
    return "\n".join(told)


def _left_to_chance(setting: Setting, record: Record) -> str:
    """The first decision that could have gone another way, or whatever else other keys change.

    Where a decision has more branches than one, all but the one that was taken are made a trillion times as heavy: whichever was open at all
    is then taken, and the path parts there.
    """
    plan, cases = setting.plan, range(len(setting.rows))
    paths = [seen(plan, record, at) for at in cases]
    taken: dict[str, list[str]] = {}
    for line in (line for path in paths for line in path if line.branch is not None):
        known = taken.setdefault(line.node, [])
        if line.branch not in known:
            known.append(str(line.branch))
    for turn in range(max(map(len, taken.values()), default=0)):
        heavier = _all_else_heavier(
            plan, {name: branches[turn] for name, branches in taken.items() if turn < len(branches)}
        )
        for at, line, _ in _parts(heavier, paths, _aside(heavier, setting.cast(SEEDS[0], heavier))):
            decision = next(one for one in reversed(paths[at][: line + 1]) if one.branch is not None)
            branches = ", ".join(branch.name for branch in setting.base.nodes[setting.nodes[decision.node]].branches)
            return f"{setting.file.path.name}: chance has a say at {decision.node!r}; 'ways' has to say which of {branches} it is"
    for seed in SEEDS[1:]:
        for at, line, other in _parts(plan, paths, fast.play_cast(plan, setting.cast(seed), seed, 0)):
            here = told_line(plan, paths[at][line])
            return f"{setting.file.path.name}: chance has a say: {here!r} or {other!r}"
    return ""


def _parts(plan: Plan, paths: Sequence[Sequence[Played]], record: Record) -> Iterator[tuple[int, int, str]]:
    """Where a case parts in another play from the path it went: case, line, and what it does there instead."""
    for at, path in enumerate(paths):
        lines = seen(plan, record, at)
        for n in range(max(len(path), len(lines))):
            if n >= len(path) or n >= len(lines) or path[n] != lines[n]:
                yield at, min(n, len(path) - 1), told_line(plan, lines[n]) if n < len(lines) else "nothing more"
                break


def _all_else_heavier(plan: Plan, taken: Mapping[str, str]) -> Plan:
    """The plan in which, at each decision, every branch but the one named outweighs that one."""
    heavy = Factor(Ref(Scope.CASE, sum(a.scope == Scope.CASE for a in plan.attributes)), (len(plan.values),))
    return replace(
        plan,
        attributes=(*plan.attributes, Attribute("case.heavier", Scope.CASE, ("by_far",), 0)),
        values=(*plan.values, Dated("heavier.by_far", "ratio", (0,), (1e12,), None)),
        nodes=tuple(
            replace(
                node,
                branches=tuple(
                    branch if branch.name == taken[node.name] else replace(branch, factors=(*branch.factors, heavy))
                    for branch in node.branches
                ),
            )
            if node.name in taken
            else node
            for node in plan.nodes
        ),
    )


def _not_come_to(setting: Setting, record: Record) -> str:
    """Ways that the file tells and that the case never comes to."""
    told = []
    chose = record.events["what"] == What.CHOSE
    for rows, name in setting.own:
        mine = (
            chose & (record.events["case"] == setting.rows.index(rows)) & (record.events["node"] == setting.nodes[name])
        )
        if not mine.any():
            told.append(f"{setting.file.path.name}: 'ways' tells of {name!r}, which {rows.case.name} never comes to")
    return "\n".join(told)


def _without_the_rule(setting: Setting, cast: Cast, key: str, value: float) -> str:
    """A complaint if the case goes the same way without the rule that it is there to show."""
    try:
        record = _aside(setting.with_numbers({key: value}), cast)
    except PlayError:
        return ""
    if _differences(setting, record):
        return ""
    return f"{setting.file.path.name}: it would go the same way if {key} were {value:g}, so it does not show the rule"


def _until_it_stopped(plan: Plan, cast: Cast) -> Record:
    """What was played before an error, by halving: the longest play that has none."""
    low, high = 0, plan.ends_at
    while high - low > 1:
        middle = (low + high) // 2
        try:
            _aside(replace(plan, ends_at=middle), cast)
            low = middle
        except PlayError:
            high = middle
    return _aside(replace(plan, ends_at=low), cast)


def _aside(plan: Plan, cast: Cast) -> Record:
    """A play that is looked at and thrown away: its plan goes without a name, since naming it takes longer than playing it."""
    plan.__dict__["fingerprint"] = "aside"
    return reference.play_cast(plan, cast, SEEDS[0], 0)
