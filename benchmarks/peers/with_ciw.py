"""How long does it take in Ciw, written as its users write: a network of nodes, and a route for each case?

Ciw has no resource that is shared between nodes, so a hearing takes a room only; there are fewer rooms than chairs, so that is all that
binds. It writes a record for each visit to a node, with the dates of arrival, begin and end, in place of a row for each.
"""

from __future__ import annotations

import random  # noqa: TID251 - what Ciw draws with
from typing import Any

import ciw

from benchmarks.given import Lognormal, Numbers

IOPC_WAIT, PSU, DPS, EXTERNAL_WAIT, DECISION, LISTING_DELAY, HEARING, MEETING = range(2, 10)
"""Nodes by number; the first is triage."""
MANY = float("inf")


class Visit(ciw.dists.Distribution):
    """An investigator's visit, by the kind of case."""

    def __init__(self, time: Lognormal) -> None:
        self.mu, self.sigma = time.mu, time.sigma

    def sample(self, t: float | None = None, ind: Any = None) -> float:  # noqa: ARG002 - Ciw's signature
        return random.lognormvariate(self.mu, self.sigma) * ind.kind_factor


def network(numbers: Numbers) -> ciw.network.Network:
    """The workload as a network; customer classes are severities."""
    cases, times, teams = numbers.cases, numbers.times, numbers.teams
    severities = range(len(cases.severity))

    def route(case: Any, _: ciw.Simulation) -> list[int]:
        """Where a case goes after triage, drawn as it arrives, with what its service times depend on."""
        (case.kind_factor,) = random.choices(cases.kind_factor, cases.kind)
        (case.outcome,) = random.choices(range(len(cases.outcome)), cases.outcome)
        (visits,) = random.choices(range(1, len(cases.visits) + 1), cases.visits)
        unit = PSU if random.random() < cases.psu else DPS
        may_be_heard = case.customer_class != str(severities[-1])
        heard = may_be_heard and random.random() < cases.case_to_answer and random.random() < cases.referred
        return [
            *([IOPC_WAIT] if random.random() < cases.iopc else []),
            *([unit, EXTERNAL_WAIT] * visits),
            DECISION,
            *([LISTING_DELAY, HEARING] if heard else [MEETING]),
        ]

    def lasts(time: Lognormal) -> ciw.dists.Lognormal:
        return ciw.dists.Lognormal(time.mu, time.sigma)

    services = [
        lasts(times.triage),
        lasts(times.iopc_wait),
        Visit(times.visit),
        Visit(times.visit),
        lasts(times.external_wait),
        lasts(times.decision),
        lasts(times.listing_delay),
        lasts(times.hearing),
        lasts(times.meeting),
    ]
    return ciw.create_network(
        arrival_distributions={
            str(s): [ciw.dists.Exponential(numbers.arrivals_a_day * cases.severity[s]), *[None] * 8] for s in severities
        },
        service_distributions={str(s): services for s in severities},
        routing={str(s): ciw.routing.ProcessBased(route) for s in severities},
        priority_classes={str(s): s for s in severities},
        number_of_servers=[
            teams.triage_assessors,
            MANY,
            teams.psu_investigators,
            teams.dps_investigators,
            MANY,
            teams.appropriate_authority,
            MANY,
            teams.rooms,
            MANY,
        ],
    )


def simulate(numbers: Numbers, seed: int) -> tuple[list[float], list[Any]]:
    """Days of each case closed after the warm-up, and a record of every visit to a node."""
    ciw.seed(seed)
    simulation = ciw.Simulation(network(numbers))
    simulation.simulate_until_max_time(numbers.horizon_days)
    gone = (case.data_records for case in simulation.nodes[-1].all_individuals)
    days = [
        visits[-1].exit_date - visits[0].arrival_date for visits in gone if visits[-1].exit_date >= numbers.warm_up_days
    ]
    return days, simulation.get_all_records()
