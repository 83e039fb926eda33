"""Which levels can be had? From what rows start with and what nodes write, whatever the order."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache

from sim.plan import UNSET, Attribute, Kind, Node, Operator, Plan, Put, Ref, Scope, Term, Write

COMPARE = {
    Operator.EQUAL: int.__eq__,
    Operator.NOT_EQUAL: int.__ne__,
    Operator.LESS: int.__lt__,
    Operator.AT_MOST: int.__le__,
    Operator.MORE: int.__gt__,
    Operator.AT_LEAST: int.__ge__,
}


SET_OR_NOT = (UNSET, 0)
"""The domain of a date."""

SAME = (Operator.EQUAL, Operator.NOT_EQUAL)


@dataclass(frozen=True)
class Had:
    """What rows may ever carry."""

    domains: Mapping[Ref, tuple[int, ...]]
    """Of each levelled attribute its levels; of each count that conditions compare with whole numbers, enough of them to tell those conditions apart;
    of each date whether it is set, -1 or 0."""
    masks: Mapping[Ref, int]
    """Which of its domain an attribute may ever have: bit k stands for the value at place k."""
    constants: Mapping[Ref, frozenset[int]]
    """Of each date that is only ever given whole numbers written in the pathway, these."""

    def true_of(self, term: Term) -> int | None:
        """Where, in the domain of its attribute, a condition on one row is true; None where it is about none."""
        if term.left is None or term.right is not None or term.now or term.left not in self.domains:
            return None
        if self.domains[term.left] == SET_OR_NOT and (term.constant != UNSET or term.operator not in SAME):
            return None
        return _true_of(self.domains[term.left], term.operator, term.constant)

    def written(self, write: Write, now: Mapping[Ref, int]) -> int:
        """What a write may give, in the domain of its attribute, when its source may have what `now` says."""
        domain = self.domains[write.attribute]
        if domain == SET_OR_NOT:
            return self._written_date(write, now)
        if write.put == Put.CONSTANT:
            return 1 << domain.index(write.constant) if write.constant in domain else 0
        if write.source is None or write.put == Put.FOLD_COUNT or write.source not in self.domains:
            return every(domain)
        source = self.domains[write.source]
        if not set(source) <= set(domain):
            return every(domain)
        mask = now.get(write.source, self.masks.get(write.source, every(source)))
        found = sum(1 << domain.index(value) for at, value in enumerate(source) if mask >> at & 1)
        return found if write.put == Put.ATTRIBUTE else found | 1 << domain.index(0)  # a fold over no row is 0

    def _written_date(self, write: Write, now: Mapping[Ref, int]) -> int:
        if write.put == Put.CONSTANT:
            return 1 if write.constant == UNSET else 2
        if write.put in (Put.ATTRIBUTE, Put.FOLD_MAX, Put.FOLD_MIN):
            assert write.source is not None
            mask = now.get(write.source, 3)
            return mask if write.put == Put.ATTRIBUTE else mask | (1 if write.put == Put.FOLD_MIN else 0)
        return 2


def attributes_of(plan: Plan) -> dict[Ref, Attribute]:
    """The attributes by where they stand."""
    count = dict.fromkeys(Scope, 0)
    found = {}
    for attribute in plan.attributes:
        found[Ref(attribute.scope, count[attribute.scope])] = attribute
        count[attribute.scope] += 1
    return found


def every(domain: Sequence[object]) -> int:
    """All of a domain."""
    return (1 << len(domain)) - 1


@cache
def _true_of(domain: tuple[int, ...], operator: Operator, constant: int) -> int:
    return sum(1 << at for at, value in enumerate(domain) if COMPARE[operator](value, constant))


def that_can_be_had(plan: Plan) -> Had:
    """Every level, and every whole number, that rows may ever carry; shares of nothing count as possible."""
    attributes = attributes_of(plan)
    writes = [write for node in plan.nodes for write in node.writes]
    free = _given_freely(plan)
    asked: dict[Ref | None, set[int]] = {}
    for _, term in conditions(plan):
        if term.right is None and not term.now:
            asked.setdefault(term.left, set()).add(term.constant)
    copies = {one.attribute for one in plan.copies}
    domains = {
        ref: domain
        for ref, attribute in attributes.items()
        if (
            domain := _domain(
                attribute,
                asked.get(ref, set()),
                [write for write in writes if write.attribute == ref],
                closed=ref not in free | copies,
            )
        )
    }
    masks = {
        ref: every(domain) if ref in free else 1 << domain.index(attributes[ref].start)
        for ref, domain in domains.items()
    }
    masks |= {ref: 1 << domains[ref].index(0) for ref in free if domains.get(ref) == SET_OR_NOT}
    for ref, attribute in attributes.items():
        if attribute.name == "case.stream" and attribute.levels:  # the cast writes the number of the stream
            masks[ref] = every(plan.streams)
    for node in plan.nodes:
        if node.kind == Kind.DECIDE and node.into is not None and node.into in masks:
            for branch in node.branches:
                masks[node.into] |= 1 << domains[node.into].index(branch.level)
    had = Had(domains, masks, _constants(attributes, writes, free))
    before = None
    while before != masks:
        before = dict(masks)
        for copied in plan.copies:
            if copied.attribute in masks:
                masks[copied.attribute] |= masks.get(copied.person, every(domains[copied.attribute]))
        for write in writes:
            if write.attribute in masks:
                masks[write.attribute] |= had.written(write, masks)
    return had


def _given_freely(plan: Plan) -> set[Ref]:
    """Attributes to which the cast gives any of their levels, or anything a whole number."""
    free = {plan.received} | {draw.attribute for draw in plan.draws}
    if plan.population:
        people = plan.population
        free |= {ref for ref in (people.joined, people.leaves, people.before, people.place, people.marks) if ref}
    return free


def _domain(attribute: Attribute, asked: set[int], writes: Sequence[Write], *, closed: bool) -> tuple[int, ...]:
    """Of a level, count or date; none of a count that is never compared with a whole number (`asked`). `closed`: only writes change it."""
    if attribute.levels:
        return tuple(range(len(attribute.levels)))
    if attribute.start == UNSET:
        return SET_OR_NOT
    if not asked:
        return ()
    written = {0, *(write.constant for write in writes if write.put == Put.CONSTANT)}
    if closed and all(write.put == Put.CONSTANT for write in writes):
        return tuple(sorted(written))
    near = {one for constant in asked for one in (constant - 1, constant, constant + 1)}
    return tuple(sorted(written | {one for one in near if one >= min(written)}))


def _constants(
    attributes: Mapping[Ref, Attribute], writes: Sequence[Write], free: set[Ref]
) -> dict[Ref, frozenset[int]]:
    open_ = free | {write.attribute for write in writes if write.put != Put.CONSTANT}
    return {
        ref: frozenset({UNSET, *(write.constant for write in writes if write.attribute == ref)})
        for ref, attribute in attributes.items()
        if attribute.start == UNSET and ref not in open_
    }


def never_had(plan: Plan, had: Had) -> Iterator[tuple[str, str, str]]:
    """Conditions that ask for a level that no row can ever have."""
    attributes = attributes_of(plan)
    told = set()
    for place, term in conditions(plan):
        true = had.true_of(term)
        if term.left is None or true is None or not attributes[term.left].levels:
            continue
        exact = term.operator in SAME and term.constant >= 0
        asked = 1 << term.constant if exact else true
        if asked & had.masks[term.left] == 0 and (place, term) not in told:
            told.add((place, term))
            attribute = attributes[term.left]
            level = attribute.levels[term.constant] if 0 <= term.constant < len(attribute.levels) else term.constant
            yield (
                place,
                f"{attribute.name} tested for {level!r}, which nobody can ever have",
                "a draw, a write or a decision that gives it, or no such test",
            )


def conditions(plan: Plan) -> Iterator[tuple[str, Term]]:
    """Every condition of the pathway, with its place."""
    for node in plan.nodes:
        for term in conditions_of(node):
            yield f"node {node.name}", term
    for guard in plan.guards:
        for term in guard.when:
            yield f"guard {plan.signals[guard.signal]} to {plan.nodes[guard.goes_to].name}", term


def conditions_of(node: Node) -> Iterator[Term]:
    """The conditions that a node itself reads."""
    yield from node.when
    for branch in node.branches:
        yield from branch.when
    for write in node.writes:
        yield from write.when
        yield from write.where
    for raised in node.raises:
        yield from raised.when
