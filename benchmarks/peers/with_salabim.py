"""How long does it take in salabim, written as its users write: a component for each case, a `Resource` for each team?"""

from __future__ import annotations

from bisect import bisect
from collections.abc import Iterator
from random import Random  # noqa: TID251 - what salabim draws with

import salabim as sim

from benchmarks.given import Numbers, up_to

Row = tuple[float, int, str, int]


class Office(sim.Environment):
    """The teams, what is drawn, and what has happened."""

    def setup(self, numbers: Numbers, seed: int) -> None:
        self.numbers, self.rng = numbers, Random(seed)
        self.teams = {name: sim.Resource(name, capacity=posts, env=self) for name, posts in vars(numbers.teams).items()}
        self.kinds, self.severities = up_to(numbers.cases.kind), up_to(numbers.cases.severity)
        self.visits, self.outcomes = up_to(numbers.cases.visits), up_to(numbers.cases.outcome)
        self.lengths = {name: (time.mu, time.sigma) for name, time in vars(numbers.times).items()}
        self.log: list[Row] = []
        self.days: list[float] = []

    def lasts(self, name: str) -> float:
        return self.rng.lognormvariate(*self.lengths[name])

    def level(self, cumulative: tuple[float, ...]) -> int:
        return bisect(cumulative, self.rng.random())


class Arrivals(sim.Component):
    def process(self) -> Iterator[object]:
        number = 0
        while True:
            yield self.hold(self.env.rng.expovariate(self.env.numbers.arrivals_a_day))
            Case(number=number, env=self.env)
            number += 1


class Case(sim.Component):
    def setup(self, number: int) -> None:
        self.number, self.received = number, self.env.now()

    def tell(self, code: str, value: int = 0) -> None:
        self.env.log.append((self.env.now(), self.number, code, value))

    def process(self) -> Iterator[object]:
        office, rng, cases, teams = self.env, self.env.rng, self.env.numbers.cases, self.env.teams
        factor = cases.kind_factor[office.level(office.kinds)]
        severity = office.level(office.severities)
        investigators = teams["psu_investigators" if rng.random() < cases.psu else "dps_investigators"]
        self.tell("arrived", severity)

        yield self.request((teams["triage_assessors"], 1, severity))
        self.tell("triage began")
        yield self.hold(office.lasts("triage"))
        self.release()
        self.tell("triage ended")

        if rng.random() < cases.iopc:
            yield self.hold(office.lasts("iopc_wait"))
            self.tell("iopc ended")

        for visit in range(1 + office.level(office.visits)):
            yield self.request((investigators, 1, severity))
            self.tell("visit began", visit)
            yield self.hold(office.lasts("visit") * factor)
            self.release()
            self.tell("visit ended", visit)
            yield self.hold(office.lasts("external_wait"))
            self.tell("external wait ended", visit)

        yield self.request((teams["appropriate_authority"], 1, severity))
        self.tell("decision began")
        yield self.hold(office.lasts("decision"))
        self.release()
        self.tell("decision ended", office.level(office.outcomes))

        may_be_heard = severity < len(cases.severity) - 1
        if may_be_heard and rng.random() < cases.case_to_answer and rng.random() < cases.referred:
            yield self.hold(office.lasts("listing_delay"))
            self.tell("listing ended")
            yield self.request((teams["chairs"], 1, severity), (teams["rooms"], 1, severity))
            self.tell("hearing began")
            yield self.hold(office.lasts("hearing"))
            self.release()
            self.tell("hearing ended")
        else:
            yield self.hold(office.lasts("meeting"))
            self.tell("meeting ended")

        self.tell("closed")
        if office.now() >= office.numbers.warm_up_days:
            office.days.append(office.now() - self.received)


def simulate(numbers: Numbers, seed: int) -> tuple[list[float], list[Row]]:
    """Days of each case closed after the warm-up, and a row for every transition."""
    sim.yieldless(False)
    office = Office(trace=False, numbers=numbers, seed=seed)
    Arrivals(env=office)
    office.run(till=numbers.horizon_days)
    return office.days, office.log
