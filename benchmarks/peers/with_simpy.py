"""How long does it take in SimPy, written as its users write: a generator for each case, a `PriorityResource` for each team?"""

from __future__ import annotations

from bisect import bisect
from collections.abc import Generator
from random import Random  # noqa: TID251 - what SimPy's own examples draw with, and as quick as NumPy one draw at a time

import simpy

from benchmarks.given import Numbers, up_to

Row = tuple[float, int, str, int]
Events = Generator[simpy.Event, object, None]


class Office:
    """The teams, what is drawn, and what has happened."""

    def __init__(self, env: simpy.Environment, numbers: Numbers, seed: int) -> None:
        teams = numbers.teams
        self.env, self.numbers, self.rng = env, numbers, Random(seed)
        self.triage_assessors = simpy.PriorityResource(env, teams.triage_assessors)
        self.psu = simpy.PriorityResource(env, teams.psu_investigators)
        self.dps = simpy.PriorityResource(env, teams.dps_investigators)
        self.authority = simpy.PriorityResource(env, teams.appropriate_authority)
        self.chairs = simpy.PriorityResource(env, teams.chairs)
        self.rooms = simpy.PriorityResource(env, teams.rooms)
        self.kinds, self.severities = up_to(numbers.cases.kind), up_to(numbers.cases.severity)
        self.visits, self.outcomes = up_to(numbers.cases.visits), up_to(numbers.cases.outcome)
        self.lengths = {name: (time.mu, time.sigma) for name, time in vars(numbers.times).items()}
        self.log: list[Row] = []
        self.days: list[float] = []

    def tell(self, case: int, code: str, value: int = 0) -> None:
        self.log.append((self.env.now, case, code, value))

    def lasts(self, name: str) -> float:
        return self.rng.lognormvariate(*self.lengths[name])

    def level(self, cumulative: tuple[float, ...]) -> int:
        return bisect(cumulative, self.rng.random())


def case(office: Office, number: int) -> Events:
    env, rng, cases = office.env, office.rng, office.numbers.cases
    received = env.now
    factor = cases.kind_factor[office.level(office.kinds)]
    severity = office.level(office.severities)
    investigators = office.psu if rng.random() < cases.psu else office.dps
    office.tell(number, "arrived", severity)

    with office.triage_assessors.request(priority=severity) as turn:
        yield turn
        office.tell(number, "triage began")
        yield env.timeout(office.lasts("triage"))
    office.tell(number, "triage ended")

    if rng.random() < cases.iopc:
        yield env.timeout(office.lasts("iopc_wait"))
        office.tell(number, "iopc ended")

    for visit in range(1 + office.level(office.visits)):
        with investigators.request(priority=severity) as turn:
            yield turn
            office.tell(number, "visit began", visit)
            yield env.timeout(office.lasts("visit") * factor)
        office.tell(number, "visit ended", visit)
        yield env.timeout(office.lasts("external_wait"))
        office.tell(number, "external wait ended", visit)

    with office.authority.request(priority=severity) as turn:
        yield turn
        office.tell(number, "decision began")
        yield env.timeout(office.lasts("decision"))
    office.tell(number, "decision ended", office.level(office.outcomes))

    heard = severity < len(cases.severity) - 1 and rng.random() < cases.case_to_answer and rng.random() < cases.referred
    if heard:
        yield env.timeout(office.lasts("listing_delay"))
        office.tell(number, "listing ended")
        with office.chairs.request(priority=severity) as chair, office.rooms.request(priority=severity) as room:
            yield chair & room
            office.tell(number, "hearing began")
            yield env.timeout(office.lasts("hearing"))
        office.tell(number, "hearing ended")
    else:
        yield env.timeout(office.lasts("meeting"))
        office.tell(number, "meeting ended")

    office.tell(number, "closed")
    if env.now >= office.numbers.warm_up_days:
        office.days.append(env.now - received)


def arrivals(office: Office) -> Events:
    number = 0
    while True:
        yield office.env.timeout(office.rng.expovariate(office.numbers.arrivals_a_day))
        office.env.process(case(office, number))
        number += 1


def simulate(numbers: Numbers, seed: int) -> tuple[list[float], list[Row]]:
    """Days of each case closed after the warm-up, and a row for every transition."""
    env = simpy.Environment()
    office = Office(env, numbers, seed)
    env.process(arrivals(office))
    env.run(until=numbers.horizon_days)
    return office.days, office.log
