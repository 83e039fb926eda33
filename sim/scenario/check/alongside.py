"""What may happen beside a token? Which nodes other tokens of its case may pass while it is at one."""

from __future__ import annotations

from functools import cache

from sim.plan import Kind, Node, Plan
from sim.scenario.check.ways import joins_of, reach

MAIN = -1
"""Where a case's first token comes from; others come from the fork at a node."""

JOINS = frozenset({Kind.JOIN})


class Alongside:
    """Of each origin of tokens (`MAIN` or the position of a fork) the nodes they pass, and what others do meanwhile."""

    def __init__(self, plan: Plan) -> None:
        self.plan = plan
        self.forks = [at for at, node in enumerate(plan.nodes) if node.kind == Kind.FORK]
        self.own = {MAIN: frozenset(reach(plan, [stream.start for stream in plan.streams], forks=False))}
        self.own |= {fork: frozenset(reach(plan, [plan.nodes[fork].start], forks=False)) for fork in self.forks}
        self.joins = {fork: joins_of(plan, plan.nodes[fork]) for fork in self.forks}
        self._whole = {fork: frozenset(reach(plan, [plan.nodes[fork].start])) for fork in self.forks}
        self._after = {
            fork: frozenset(
                reach(
                    plan, [self.node(fork).goes_to], forks=False, blocked=frozenset() if self.node(fork).side else JOINS
                )
            )
            for fork in self.forks
        }
        self._beyond = {fork: frozenset(reach(plan, [self.node(fork).goes_to])) for fork in self.forks}
        self._beside = self._beside_each()
        self.meanwhile = cache(self._meanwhile)

    def node(self, fork: int) -> Node:
        return self.plan.nodes[fork]

    def _beside_each(self) -> dict[int, frozenset[int]]:
        """Nodes that other tokens may pass while a token of this origin is there, siblings apart."""
        beside: dict[int, frozenset[int]] = dict.fromkeys([MAIN, *self.forks], frozenset())
        changed = True
        while changed:
            changed = False
            for fork in self.forks:
                found = set(beside[fork]) | self._after[fork]
                for other in self.forks:
                    earlier_side = self.node(other).side and fork in self._after[other]
                    if other in self._after[fork] or earlier_side:
                        found |= self._whole[other]
                for owner in (MAIN, *self.forks):
                    if fork in self.own[owner] and owner != fork:
                        found |= beside[owner]
                        if owner != MAIN and self.node(fork).side:  # it may outlive the token that made it
                            found |= self._beyond[owner]
                if found != beside[fork]:
                    beside[fork], changed = frozenset(found), True
        return beside

    def _meanwhile(self, origin: int, at: int) -> frozenset[int]:
        """Nodes that other tokens of the case may pass while a token of this origin stands at a node."""
        found = set(self._beside[origin])
        for fork in self.forks:
            if fork in self.own[origin] and at in self._after[fork]:
                found |= self._whole[fork]
        return frozenset(found)

    def siblings(self, origin: int) -> frozenset[int]:
        """Nodes that tokens forked together with this one may pass."""
        if origin == MAIN or self.node(origin).fork_by == 0:
            return frozenset()
        return self._whole[origin]
