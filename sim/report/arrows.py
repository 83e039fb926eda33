"""What leads where? Every arrow of a pathway, and its stages, read from the declaration alone.

No number is read here: how often an arrow is taken is no part of a declaration, only by which key it is weighed.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from functools import cached_property

import pandas as pd

from sim.pathway import kinds
from sim.report import words
from sim.report.conditions import clauses

COLUMNS = (
    "from_stage", "from_stage_title", "from_node", "to_stage", "to_stage_title", "to_node", "way", "condition", "weight", "factors",
)  # fmt: skip
"""Of the table of arrows: a row each."""


class Way(StrEnum):
    """What kind of arrow."""

    ON = "goes on"
    BACK = "goes back"
    """To something declared earlier."""
    SIDE = "starts a side track"
    EACH = "starts a part that is waited for"
    """A token that a join waits for: one for each subject, say."""
    JOINED = "ends a part that was waited for"
    CALLED = "is called away"


@dataclass(frozen=True)
class Arrow:
    """From one node to another."""

    start: str
    end: str
    way: Way
    condition: str = ""
    """In words."""
    weight: str = ""
    """The key of its weight, or ``rest``."""
    factors: str = ""
    """What its weight is multiplied by: attribute and key prefix."""


@dataclass(frozen=True)
class Part:
    """What is drawn as one box: a stage, or a node where the pathway has no stages."""

    name: str
    number: str
    title: str
    meaning: str
    nodes: tuple[kinds.Node, ...]


@dataclass(frozen=True, eq=False)
class Layout:
    """A pathway read for drawing: its parts in reading order, its arrows, and which nodes lie on the main line."""

    pathway: kinds.Pathway

    @cached_property
    def has_stages(self) -> bool:
        return bool(self.pathway.stages)

    @cached_property
    def parts(self) -> tuple[Part, ...]:
        """The stages; without any, a part for every node."""
        if not self.has_stages:
            return node_parts(self.pathway.nodes)
        return tuple(Part(s.name, str(s.number), s.title, s.meaning, s.nodes) for s in self.pathway.stages)

    @cached_property
    def nodes(self) -> Mapping[str, kinds.Node]:
        return {node.name: node for node in self.pathway.nodes}

    @cached_property
    def part_of(self) -> Mapping[str, Part]:
        """The part each node is in."""
        return {node.name: part for part in self.parts for node in part.nodes}

    @cached_property
    def teams(self) -> Mapping[str, kinds.Team]:
        return {team.name: team for team in self.pathway.teams}

    @cached_property
    def arrows(self) -> tuple[Arrow, ...]:
        """Every arrow, by the node it starts at in the order of declaration, then guards, then joins."""
        place = {name: at for at, name in enumerate(self.nodes)}
        found = [arrow for node in self.pathway.nodes for arrow in _from(node)]
        found += [arrow for guard in self.pathway.guards for arrow in _guard(guard, self.raised_by)]
        found += self._joined(found)
        turned = [
            Arrow(a.start, a.end, Way.BACK, a.condition, a.weight, a.factors)
            if a.way is Way.ON and place[a.end] <= place[a.start]
            else a
            for a in found
        ]
        return tuple(sorted(turned, key=lambda a: (place[a.start], a.way is Way.CALLED)))

    @cached_property
    def raised_by(self) -> Mapping[str, tuple[str, ...]]:
        """The nodes that raise each signal."""
        raised: dict[str, list[str]] = {}
        for node in self.pathway.nodes:
            for signal in node.raises if isinstance(node, kinds.Set) else ():
                raised.setdefault(signal.name, []).append(node.name)
        return {name: tuple(dict.fromkeys(nodes)) for name, nodes in raised.items()}

    @cached_property
    def main(self) -> frozenset[str]:
        """Nodes that the case itself may come to, or a part of it that is waited for; all others are on side tracks."""
        arrows = [a for a in self.arrows if a.way not in (Way.SIDE, Way.JOINED)]
        return reached((stream.start for stream in self.pathway.streams), arrows)

    @cached_property
    def case_itself(self) -> frozenset[str]:
        """Nodes that a case may come to as a whole, so that an exit there ends it."""
        arrows = [a for a in self.arrows if a.way not in (Way.SIDE, Way.JOINED, Way.EACH)]
        return reached((stream.start for stream in self.pathway.streams), arrows)

    def _joined(self, arrows: Sequence[Arrow]) -> Iterator[Arrow]:
        """From the exits of tokens that a join waits for to that join, which is where the case goes on."""
        plain_arrows = [a for a in arrows if a.way in (Way.ON, Way.CALLED)]
        told = set()
        for fork in self.pathway.nodes:
            if not isinstance(fork, kinds.Fork) or fork.side:
                continue
            joins = [n for n in _in_order([fork.next], plain_arrows) if isinstance(self.nodes[n], kinds.Join)]
            for end in _in_order([fork.start], plain_arrows) if joins else ():
                if isinstance(self.nodes[end], kinds.Exit) and (end, joins[0]) not in told:
                    told.add((end, joins[0]))
                    yield Arrow(end, joins[0], Way.JOINED, "when all parts of the case have come to an end")

    def table(self) -> pd.DataFrame:
        """Every arrow as a row: `COLUMNS`. Stages are given by number and title; in a pathway without them both are the node's."""
        rows = []
        for arrow in self.arrows:
            start, end = self.part_of[arrow.start], self.part_of[arrow.end]
            rows.append(
                (
                    *(start.number, start.title, arrow.start, end.number, end.title, arrow.end),
                    *(arrow.way.value, arrow.condition, arrow.weight, arrow.factors),
                )
            )
        return pd.DataFrame(rows, columns=list(COLUMNS))


def node_parts(nodes: Iterable[kinds.Node], before: str = "") -> tuple[Part, ...]:
    """A part for every node, numbered from 1, or from 4.1 if `before` is ``4.``"""
    return tuple(
        Part(node.name, f"{before}{number}", words.sentence(node.name), node.meaning, (node,))
        for number, node in enumerate(nodes, start=1)
    )


def reached(starts: Iterable[str], arrows: Iterable[Arrow]) -> frozenset[str]:
    """Every node that can be come to from some."""
    return frozenset(_in_order(starts, arrows))


def _in_order(starts: Iterable[str], arrows: Iterable[Arrow]) -> list[str]:
    """The nodes that can be come to, nearest first."""
    after: dict[str, list[str]] = {}
    for arrow in arrows:
        after.setdefault(arrow.start, []).append(arrow.end)
    found = list(dict.fromkeys(starts))
    seen = set(found)
    for name in found:
        for end in after.get(name, ()):
            if end not in seen:
                seen.add(end)
                found.append(end)
    return found


def bundles(arrows: Iterable[Arrow], part_of: Mapping[str, str]) -> Counter[tuple[str, str, Way]]:
    """How many arrows of a way lead from one part to another; those within a part are left out.

    `part_of` gives the part of a node; arrows from or to others are left out. A way forward or back is that of the parts.
    """
    place = {name: at for at, name in enumerate(dict.fromkeys(part_of.values()))}
    counted: Counter[tuple[str, str, Way]] = Counter()
    for arrow in arrows:
        if arrow.start not in part_of or arrow.end not in part_of:
            continue
        start, end = part_of[arrow.start], part_of[arrow.end]
        if start != end:
            way = arrow.way
            if way in (Way.ON, Way.BACK):
                way = Way.BACK if place[end] < place[start] else Way.ON
            counted[start, end, way] += 1
    return counted


# --- the arrows of a node ---------------------------------------------------------------------------------------------


def _from(node: kinds.Node) -> Iterator[Arrow]:
    if isinstance(node, kinds.Decide):
        yield from _decided(node)
    elif isinstance(node, kinds.Fork):
        way = Way.SIDE if node.side else Way.EACH
        yield Arrow(node.name, node.start, way, "; ".join(part for part in (_forked(node.by), _if(node.when)) if part))
        yield Arrow(node.name, node.next, Way.ON)
    elif isinstance(node, kinds.Hold):
        yield Arrow(node.name, node.next, Way.ON, f"as soon as {clauses(node.until)}" if node.until else "")
        if node.cut_off:
            condition = f"after “{words.plain(node.cut_off.mean)}” at the latest"
            yield Arrow(node.name, node.cut_off_to or node.next, Way.ON, condition)
    elif not isinstance(node, kinds.Exit):
        yield Arrow(node.name, node.next, Way.ON)


def _decided(node: kinds.Decide) -> Iterator[Arrow]:
    if node.each is not None:
        assert node.next is not None
        yield Arrow(node.name, node.next, Way.ON, f"when it is decided for each {node.each}")
        return
    for branch in node.branches:
        yield Arrow(node.name, branch.name, Way.ON, branch_condition(branch), weight_key(branch), factor_keys(branch))


def branch_condition(branch: kinds.Branch) -> str:
    """When a branch is open, in words."""
    return "; ".join(part for part in (_if(branch.when), "if nothing else is open" if branch.otherwise else "") if part)


def weight_key(branch: kinds.Branch) -> str:
    """The key of a branch's weight, ``rest``, or the number if it is not 1."""
    return branch.weight if isinstance(branch.weight, str) else "" if branch.weight == 1 else f"{branch.weight:g}"


def factor_keys(branch: kinds.Branch) -> str:
    """ "case.severity: referral.by_severity; ..."."""
    return "; ".join(f"{attribute}: {prefix}" for attribute, prefix in branch.by.items())


def _guard(guard: kinds.Guard, raised_by: Mapping[str, Sequence[str]]) -> Iterator[Arrow]:
    by = words.listed([words.plain(name) for name in raised_by.get(guard.signal, ())])
    condition = f"at once on “{words.plain(guard.signal)}”" + (f" (raised in {by})" if by else "")
    if guard.when:
        condition += f"; {_if(guard.when)}"
    for node in guard.region:
        yield Arrow(node, guard.to, Way.CALLED, condition)


def _if(conditions: Sequence[str]) -> str:
    return f"if {clauses(conditions)}" if conditions else ""


def _forked(by: str) -> str:
    if by == "case":
        return "for the whole case"
    return "for each subject" if by == "subject" else f"for each {words.plain(by.partition('.')[2])} present"
