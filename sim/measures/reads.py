"""Which numbers does a node read, and where do two plans differ in them?"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from sim.measures.named import beside_when, of_factors, of_node, of_terms
from sim.plan import Kind, Node, Plan, Ref, Sample


@dataclass(frozen=True)
class Change:
    """When a number of one plan is another than that of the other: at the minutes from `begins` to before `ends`, pair by pair."""

    name: str
    attach: Ref | None
    """The date it is read at; None where that is now."""
    begins: tuple[int, ...]
    ends: tuple[int, ...]

    def differs_within(self, first: int, last: int) -> bool:
        """Whether it is another at any minute from first to last."""
        at = bisect_right(self.begins, first) - 1
        if at >= 0 and first < self.ends[at]:
            return True
        later = bisect_left(self.begins, first)
        return later < len(self.begins) and self.begins[later] <= last


@dataclass
class Reads:
    """The changed numbers that are read at one node."""

    on_entry: list[Change] = field(default_factory=list)
    """Once, when a token comes."""
    while_there: list[Change] = field(default_factory=list)
    """At any time while it is there: what a hold waits for, what a guard asks."""
    when_queued: list[Change] = field(default_factory=list)
    """While it queues for a team."""


EVER = 1 << 60


def changes_read(base: Plan, reform: Plan) -> list[Reads]:
    """For each node what it reads that differs between two plans of one pathway.

    Raises:
        ValueError: the plans are of different pathways.
    """
    if [node.name for node in base.nodes] != [node.name for node in reform.nodes]:
        raise ValueError("plans of different pathways have no numbers to compare")
    values = {at: change for at in range(len(base.values)) if (change := _value(base, reform, at)) is not None}
    found = []
    for at, node in enumerate(base.nodes):
        reads = Reads()
        waits = node.when if node.kind == Kind.HOLD else ()
        reads.on_entry += _known(values, _numbers(node))
        for mine, other in _samples(node, reform.nodes[at]):
            shape = _shape(base, reform, mine, other)
            reads.on_entry += [shape] if shape is not None else []
        asked = [term for guard in base.guards if at in guard.region for term in guard.when]
        reads.while_there += _known(values, of_terms((*waits, *asked)))
        if node.team >= 0:
            reads.when_queued += _known(values, _of_team(base, node.team))
        for diary, _ in node.diaries:
            reads.on_entry += _known(values, [base.diaries[diary].size])
        found.append(reads)
    return found


def _known(values: dict[int, Change], numbers: Iterable[int]) -> list[Change]:
    return [values[number] for number in dict.fromkeys(numbers) if number in values]


def _numbers(node: Node) -> Iterator[int]:
    """Every dated value that a node reads when a token comes, by position."""
    return beside_when(node) if node.kind == Kind.HOLD else of_node(node)


def _of_team(plan: Plan, number: int) -> Iterator[int]:
    """What says how soon, and how quickly, a team serves."""
    team = plan.teams[number]
    yield from (team.posts, team.slots, team.pools, team.units, team.speed, team.hand_over)
    yield from of_factors(team.head_start)


def _value(base: Plan, reform: Plan, at: int) -> Change | None:
    """Where a dated value differs between the plans; a number that the other does not read is the same there."""
    one = base.values[at]
    other = reform.values[at]
    if other.name != one.name:
        other = reform.value(one.name)
    if (one.times, one.values) == (other.times, other.values):
        return None
    times = sorted({-EVER, *one.times, *other.times})
    return _change(one.name, one.attach, times, [one.at(time) != other.at(time) for time in times])


def _samples(one: Node, other: Node) -> Iterator[tuple[Sample, Sample]]:
    """The distributions of a node in both plans."""
    pairs = [(one.lasts, other.lasts), (one.length, other.length)]
    pairs += [(mine.shift, theirs.shift) for mine, theirs in zip(one.writes, other.writes, strict=True)]
    for mine, theirs in pairs:
        if mine is not None and theirs is not None:
            yield mine, theirs


def _shape(base: Plan, reform: Plan, one: Sample, other: Sample) -> Change | None:
    """Where the spread of a duration differs."""

    def shape(plan: Plan, sample: Sample, time: int) -> object:
        return plan.shapes[sample.shapes[max(bisect_right(sample.shape_times, time) - 1, 0)]]

    times = sorted({-EVER, *one.shape_times, *other.shape_times})
    name = f"spread of {base.values[one.mean].name}"
    return _change(name, None, times, [shape(base, one, time) != shape(reform, other, time) for time in times])


def _change(name: str, attach: Ref | None, times: list[int], differs: list[bool]) -> Change | None:
    ends = [*times[1:], EVER]
    spans = [(begin, end) for begin, end, other in zip(times, ends, differs, strict=True) if other]
    if not spans:
        return None
    begins, ends_ = zip(*spans, strict=True)
    return Change(name, attach, begins, ends_)
