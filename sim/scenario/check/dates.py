"""Is a rule read where the date it looks at may be unset? That is an error in play [rule 12], so it is one here."""

from __future__ import annotations

from collections.abc import Iterator

from sim.scenario.check.flow import Flow
from sim.scenario.check.ways import attribute_name

MOST_NAMES = 14
"""Of a longer route the last nodes are told."""


def problems(flow: Flow) -> Iterator[tuple[str, str, str]]:
    """Each node and value whose date some route leaves unset, with such a route."""
    for (node, value), key in sorted(flow.unset.items()):
        dated = flow.plan.values[value]
        assert dated.attach is not None
        date = attribute_name(flow.plan, dated.attach)
        names = flow.route(key)
        told = " > ".join(names if len(names) <= MOST_NAMES else [names[0], "...", *names[-MOST_NAMES:]])
        yield (
            f"node {flow.plan.nodes[node].name}",
            f"{dated.name} read at {date}, which is unset on the way {told}",
            f"{date} set on every way there, or the reading only where it is",
        )
