"""Which dated values does a node name? By position in the plan; -1 where there is none."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from sim.plan import Factor, Node, Sample, Term


def of_node(node: Node) -> Iterator[int]:
    """All that its conditions, weights, factors and lengths name."""
    yield from of_terms(node.when)
    yield from beside_when(node)


def beside_when(node: Node) -> Iterator[int]:
    """The same, without the condition that says which rows it is for or what it waits for."""
    for branch in node.branches:
        yield branch.weight
        yield from of_factors(branch.factors)
        yield from of_terms(branch.when)
    for write in node.writes:
        yield write.value
        yield from of_sample(write.shift)
        yield from of_terms((*write.when, *write.where))
    for raised in node.raises:
        yield from of_terms(raised.when)
    yield from of_sample(node.lasts)
    yield from of_sample(node.length)


def of_terms(terms: Iterable[Term]) -> Iterator[int]:
    """What conditions compare that is no attribute."""
    return (term.left_value for term in terms if term.left is None)


def of_factors(factors: Iterable[Factor]) -> Iterator[int]:
    """What multiplies, of every level."""
    return (value for factor in factors for value in factor.values)


def of_sample(sample: Sample | None) -> Iterator[int]:
    """The mean of a length and its factors."""
    if sample is not None:
        yield sample.mean
        yield from of_factors(sample.factors)
