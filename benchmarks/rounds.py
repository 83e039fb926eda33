"""In what order is it measured? In rounds, each in an order of its own, so that what slows the machine for a while favours nobody."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from benchmarks.child import TaskError, ask
from benchmarks.engines import ENGINES
from benchmarks.tasks import ARMS

PARTS = ("pathway", "workers", "starts", "casey", "command", "what_if")
REPLICATIONS = 100
"""Of the command and of the question asked twice."""
PAIRS = 60
"""Of each change of staffing."""
WITHOUT_FAST = 4
"""Replications of those, where only the reference engine can play them."""
CASEY = {"fast": (3, 5), "reference": (3, 1)}
"""Rounds, and replications in each."""
QUICK = {"fast", "c", "heapq", "simpy", "reference"}
"""Who is asked when there is little time."""


class Figure(NamedTuple):
    """One number that was measured. `about` is an engine, or a change of staffing; its unit is the last word of its `measure`."""

    part: str
    about: str
    scale: int
    round: int
    measure: str
    value: float


@dataclass(frozen=True)
class Errand:
    """A task for a fresh process, in so many rounds."""

    part: str
    about: str
    task: str
    asked: dict[str, object]
    rounds: int = 1
    scale: int = 1
    replications: int = 0
    """In each round, where every round plays others."""

    def in_round(self, number: int) -> dict[str, object]:
        """What is asked in a round; replications go on where those of the last ended."""
        if not self.replications:
            return self.asked
        return {**self.asked, "first": number * self.replications, "replications": self.replications}


def errands(parts: Sequence[str], quick: bool, missing: dict[str, str]) -> list[Errand]:
    """Everything that is to be measured, by those who are not missing."""
    found = [errand for part in PARTS if part in parts for errand in _ERRANDS[part](missing)]
    if quick:
        found = [errand for errand in found if errand.about not in ENGINES or _is_quick(errand)]
    return found


def _is_quick(errand: Errand) -> bool:
    return errand.about in QUICK and (errand.scale == 1 or errand.about in ("fast", "c"))


def measured(
    todo: Sequence[Errand], missing: dict[str, str], *, rounds: int | None, tell: Callable[[str], object]
) -> list[Figure]:
    """All figures, round by round. Who fails is noted in `missing` and not asked again.

    Args:
        todo: the errands.
        missing: engine -> why it has no figures.
        rounds: at most so many; as many as each errand says if None.
        tell: called with a line after each errand.
    """
    last = max((errand.rounds for errand in todo), default=0)
    figures: list[Figure] = []
    for number in range(min(last, rounds or last)):
        due = [errand for errand in todo if number < errand.rounds]
        for at in np.random.default_rng(number).permutation(len(due)):
            errand = due[at]
            if errand.about in missing:
                continue
            began = time.perf_counter()
            try:
                answer = ask(errand.task, **errand.in_round(number))
            except TaskError as error:
                missing[errand.about] = f"failed: {error}"
                answer = {}
            seconds = time.perf_counter() - began
            tell(f"round {number + 1}: {errand.task} {errand.about} x{errand.scale}, {seconds:.1f} s")
            figures += [Figure(errand.part, errand.about, errand.scale, number, *one) for one in answer.items()]
    return figures


def _pathway(missing: dict[str, str]) -> Iterator[Errand]:
    for engine in ENGINES.values():
        if engine.name not in missing:
            for scale, (rounds, replications) in engine.rounds.items():
                asked: dict[str, object] = {"engine": engine.name, "scale": scale}
                yield Errand("pathway", engine.name, "pathway", asked, rounds, scale, replications)


def _workers(missing: dict[str, str]) -> Iterator[Errand]:
    for engine in ENGINES.values():
        rounds, replications = engine.workers
        if rounds and engine.name not in missing:
            asked: dict[str, object] = {"engine": engine.name, "replications": replications}
            yield Errand("workers", engine.name, "workers", asked, rounds)


def _starts(missing: dict[str, str]) -> Iterator[Errand]:
    if "fast" not in missing:
        yield Errand("starts", "fast", "starts", {"engine": "fast"})


def _casey(missing: dict[str, str]) -> Iterator[Errand]:
    for name, (rounds, replications) in CASEY.items():
        if name not in missing:
            yield Errand("casey", name, "casey", {"engine": name}, rounds, 1, replications)


def _command(missing: dict[str, str]) -> Iterator[Errand]:
    asked: dict[str, object] = {"replications": WITHOUT_FAST if "fast" in missing else REPLICATIONS}
    yield Errand("command", "command", "command", asked, rounds=1 if "fast" in missing else 3)
    yield Errand("command", "asked twice", "asked_twice", asked, rounds=1 if "fast" in missing else 3)


def _what_if(missing: dict[str, str]) -> Iterator[Errand]:
    engine, pairs = ("reference", WITHOUT_FAST) if "fast" in missing else ("fast", PAIRS)
    for arm in ARMS:
        yield Errand("what_if", arm, "what_if", {"engine": engine, "arm": arm, "replications": pairs})


_ERRANDS: dict[str, Callable[[dict[str, str]], Iterator[Errand]]] = {
    "pathway": _pathway,
    "workers": _workers,
    "starts": _starts,
    "casey": _casey,
    "command": _command,
    "what_if": _what_if,
}
