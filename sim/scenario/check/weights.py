"""Can a decision always be made? Weights that may add up to nothing, and shares of more than 1 before the rest."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import product

from sim.plan import Branch, Kind, Node, Plan, Ref, Scope, Term
from sim.scenario.check.flow import Flow, Key, State
from sim.scenario.check.levels import COMPARE, SET_OR_NOT
from sim.scenario.check.ways import attribute_name

ROUNDING = 1e-9
MOST_CASES = 50_000
"""Combinations of levels that are looked at; a decision that asks for more is not judged."""

Row = frozenset[int]
"""The levels of an attribute that the token's rows have: one, or two where it has several rows."""


def without_any(plan: Plan) -> Iterator[tuple[str, str, str]]:
    """Decisions that can be made by nobody at any time."""
    for node in plan.nodes:
        if node.kind != Kind.DECIDE:
            continue
        if not node.branches:
            yield f"node {node.name}", "a decision without branches", "at least one branch"
        elif not any(branch.rest for branch in node.branches) and all(
            _highest(plan, branch) <= 0 for branch in node.branches
        ):
            yield f"node {node.name}", "weights that add up to nothing", "a positive weight somewhere"


def _highest(plan: Plan, branch: Branch) -> float:
    return max(plan.values[branch.weight].values) if branch.weight >= 0 else branch.constant


def problems(plan: Plan, flow: Flow) -> Iterator[tuple[str, str, str]]:
    """For each decision the first date and levels at which no branch is open, or shares come to more than 1 before the rest."""
    for at, node in enumerate(flow.plan.nodes):
        if node.kind == Kind.DECIDE and (_may_close(plan, node) or _may_exceed(plan, node)):
            yield from _problems_of(plan, flow, at, node)


def _may_close(plan: Plan, node: Node) -> bool:
    """Whether no branch is open whatever the levels and the day."""

    def always(branch: Branch) -> bool:
        numbers = [value for factor in branch.factors for value in factor.values if value >= 0]
        least = (
            min(plan.values[branch.weight].values) if branch.weight >= 0 else 1.0 if branch.rest else branch.constant
        )
        return not branch.when and least > 0 and all(min(plan.values[value].values) > 0 for value in numbers)

    return not any(map(always, node.branches))


def _may_exceed(plan: Plan, node: Node) -> bool:
    """Whether the branches before the rest could come to more than 1 if all were open at their highest."""
    rest = next((at for at, branch in enumerate(node.branches) if branch.rest), 0)
    return sum(_highest(plan, branch) for branch in node.branches[:rest]) > 1 + ROUNDING


def _problems_of(plan: Plan, flow: Flow, at: int, node: Node) -> Iterator[tuple[str, str, str]]:
    hole = excess = False
    row = node.into.scope if node.into is not None else None
    for key, state in flow.at(at):
        deciding = flow.holding(state, node.when, key.origin, row) if node.into is not None else state
        if deciding is None:
            continue
        for case in _cases(plan, flow, node, key, deciding, row):
            if not hole and not any(case.is_open(branch) for branch in node.branches):
                hole = True
                yield (
                    f"node {node.name}",
                    f"weights that add up to nothing{case.told()}",
                    "a branch that is open then: one without condition, for the rest, or for otherwise",
                )
            if not excess and (share := case.before_the_rest(node)) > 1 + ROUNDING:
                excess = True
                yield (
                    f"node {node.name}",
                    f"shares of {share:g} before the rest{case.told()}",
                    "at most 1 in all, so that a rest is left",
                )
            if hole and excess:
                return


@dataclass(frozen=True)
class _Case:
    """One combination of levels and of steps of the dated values."""

    plan: Plan
    flow: Flow
    key: Key
    rows: Mapping[Ref, Row]
    values: Mapping[int, float]
    """What each dated value is."""
    minute: int
    """A minute at which they are so, as far as values read now go."""
    opaque: Mapping[Term, bool]
    """Conditions that are about neither levels nor dated values."""

    def holds(self, term: Term) -> bool:
        if term in self.opaque:
            return self.opaque[term]
        if term.left is None:
            return COMPARE[term.operator](round(self.values[term.left_value]), term.constant)
        domain = self.flow.had.domains[term.left]
        found = [COMPARE[term.operator](domain[at], term.constant) for at in self.rows[term.left]]
        return all(found) if term.every else any(found)

    def is_open(self, branch: Branch) -> bool:
        """Whether a branch may be taken: its conditions hold, and its weight is more than nothing."""
        return all(self.holds(term) for term in branch.when) and self.weight(branch) > 0

    def weight(self, branch: Branch) -> float:
        size = 1.0 if branch.rest else self.values[branch.weight] if branch.weight >= 0 else branch.constant
        for factor in branch.factors:
            value = factor.values[max(self.rows[factor.attribute])]
            size *= self.values[value] if value >= 0 else 1.0
        return size

    def before_the_rest(self, node: Node) -> float:
        """Shares of the open branches before the first one for the rest, factors apart; 0 where there is none or they are no shares."""
        rest = next((at for at, branch in enumerate(node.branches) if branch.rest), -1)
        before = [branch for branch in node.branches[: max(rest, 0)] if all(map(self.holds, branch.when))]
        if not all(branch.weight < 0 or self.plan.values[branch.weight].unit == "share" for branch in before):
            return 0.0
        return sum(self.values[b.weight] if b.weight >= 0 else b.constant for b in before)

    def told(self) -> str:
        """When, and where."""
        plan = self.plan
        parts = []
        for ref, row in self.rows.items():
            levels, domain = self.flow.attributes[ref].levels, self.flow.had.domains[ref]
            words = levels or (("unset", "set") if domain == SET_OR_NOT else tuple(map(str, domain)))
            parts.append(f"{attribute_name(plan, ref)} = {' and '.join(words[at] for at in sorted(row))}")
        parts += [
            f"{plan.values[value].name} = {size:g}"
            for value, size in self.values.items()
            if len(plan.values[value].values) > 1
        ]
        parts.append(f"on {plan.day(self.minute)}")
        names = self.flow.route(self.key)
        return f" where {', '.join(parts)}, reached by {' > '.join(names[-4:])}"


def _cases(plan: Plan, flow: Flow, node: Node, key: Key, state: State, row: Scope | None) -> Iterator[_Case]:
    """Every combination that the state allows, levels that no condition or factor tells apart taken together."""
    terms = list(dict.fromkeys(term for branch in node.branches for term in branch.when))
    opaque = [term for term in terms if flow.true_of(term) is None]
    refs = [term.left for term in terms if term.left is not None and term not in opaque]
    refs += [factor.attribute for branch in node.branches for factor in branch.factors]
    domains = {ref: _rows(flow, node, key, state, row, ref, terms) for ref in dict.fromkeys(refs)}
    values = {term.left_value for term in terms if term.left is None}
    values |= {branch.weight for branch in node.branches if branch.weight >= 0}
    values |= {v for branch in node.branches for factor in branch.factors for v in factor.values if v >= 0}
    count = 2 ** len(opaque)
    for domain in domains.values():
        count *= len(domain)
    if count > MOST_CASES:
        return
    for minute, sizes in _times(plan, flow, sorted(values), state):
        for combination in product(*domains.values()):
            for truths in product((False, True), repeat=len(opaque)):
                case = _Case(
                    plan, flow, key, dict(zip(domains, combination, strict=True)), sizes, minute,
                    dict(zip(opaque, truths, strict=True)),
                )  # fmt: skip
                if not _failed(case, state):
                    yield case


def _failed(case: _Case, state: State) -> bool:
    """Whether conditions known to fail would all hold."""
    return any(all(_surely(case, term) for term in terms) for terms in state.failed)


def _surely(case: _Case, term: Term) -> bool:
    known = term in case.opaque or (term.left in case.rows if term.left is not None else term.left_value in case.values)
    return known and (term in case.opaque or case.flow.true_of(term) is not None) and case.holds(term)


def _rows(
    flow: Flow, node: Node, key: Key, state: State, row: Scope | None, ref: Ref, terms: Sequence[Term]
) -> list[Row]:
    """What the rows may have of an attribute: one level for each way of being told apart, and two where there are several rows."""
    mine = [term for term in terms if term.left == ref]
    tables = [f.values for branch in node.branches for f in branch.factors if f.attribute == ref]
    mask = flow.possible(state, ref)
    several = flow.several_of(ref.scope, key.origin, row)
    if several:
        mask |= flow.had.masks[ref] if ref.scope == Scope.PERSON else 0
    found: dict[tuple[object, ...], int] = {}
    for level in range(len(flow.had.domains[ref])):
        if mask >> level & 1:
            masks = [true for term in mine if (true := flow.true_of(term)) is not None]
            told = (*(one >> level & 1 for one in masks), *(table[level] for table in tables))
            found.setdefault(told, level)
    levels = list(found.values())
    rows = [frozenset({level}) for level in levels]
    if several and any(term.every for term in mine):
        rows += [frozenset({one, other}) for at, one in enumerate(levels) for other in levels[:at]]
    return rows


def _times(plan: Plan, flow: Flow, values: Sequence[int], state: State) -> Iterator[tuple[int, dict[int, float]]]:
    """Every combination of what the values may be at once: those attached to one date step together."""
    groups: dict[Ref | None, list[int]] = {}
    for value in values:
        groups.setdefault(plan.values[value].attach, []).append(value)
    groups.setdefault(None, [])
    steps: list[list[tuple[Ref | None, int]]] = []
    for attach, members in groups.items():
        lowest = 0 if attach is None or attach == plan.received else None
        times = {max(time, 0) if lowest == 0 else time for one in members for time in plan.values[one].times} or {0}
        if lowest == 0:
            times |= {0}
        steps.append([(attach, time) for time in sorted(times) if time < plan.ends_at])
    for combination in product(*steps):
        when = dict(combination)
        ends = min((time for _, time in steps[list(groups).index(None)] if time > when[None]), default=plan.ends_at)
        if plan.received in when and when[plan.received] >= ends:
            continue  # received after the values read now have stepped on
        sizes = {one: plan.values[one].at(when[attach]) for attach, members in groups.items() for one in members}
        if all(_possible(flow, state, one, size) for one, size in sizes.items()):
            yield max(when[None], when.get(plan.received, 0)), sizes


def _possible(flow: Flow, state: State, value: int, size: float) -> bool:
    """Whether the state knows better: a condition on this value was read on the way, and it has not stepped since."""
    return value not in flow.steps or bool(flow.possible(state, value) >> flow.steps[value].index(round(size)) & 1)
