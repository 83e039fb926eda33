"""Can a world hold an opening caseload as it says? Places of each team on the first day, beside the cases said to wait for one and to have one.

A place is a slot of a post's caseload. Cases that are said to be under investigation take a place as the run begins, and so do those that are said to
wait, wherever one is free: in a world with room nobody waits on, in one without room some of those that had begun have to wait.
"""

from __future__ import annotations

from dataclasses import dataclass

from sim.plan import Kind, Plan


@dataclass(frozen=True)
class Places:
    """A team that gives places, on the first day."""

    team: str
    waiting: int
    """Cases that the caseload says wait for a place."""
    holding: int
    """Cases that it says have one."""
    places: int
    """Of all its posts; in a team of local units some may be free in one while cases wait in another."""

    @property
    def placed(self) -> int:
        """Of those that wait, how many can have a place at once; in a team of local units, at most."""
        return min(self.waiting, max(self.places - self.holding, 0))

    @property
    def without(self) -> int:
        """Of those said to have a place, for how many there is none."""
        return max(self.holding - self.places, 0)


def places_on_the_first_day(plan: Plan) -> tuple[Places, ...]:
    """Every team that gives places and that the plan's opening caseload has cases of."""
    found = []
    for number, team in enumerate(plan.teams):
        at_its_door = [
            row
            for row in plan.opening
            if plan.nodes[row.node].kind == Kind.ASSIGN and plan.nodes[row.node].team == number
        ]
        if team.slots >= 0 and at_its_door:
            posts, slots = (round(plan.values[at].at(0)) for at in (team.posts, team.slots))
            waiting, holding = (
                sum(row.count for row in at_its_door if (row.then >= 0) == holds) for holds in (False, True)
            )
            found.append(Places(team.name, waiting, holding, posts * slots))
    return tuple(found)
