"""How long does it take without any library: one heap of what is due, and a function for each thing that can happen?"""

from __future__ import annotations

from bisect import bisect
from collections import deque
from collections.abc import Callable
from heapq import heappop, heappush
from random import Random  # noqa: TID251 - as quick as NumPy one draw at a time

from benchmarks.given import Numbers, up_to

Row = tuple[float, int, str, int]


class Case:
    __slots__ = ("factor", "number", "psu", "received", "severity", "visit", "visits")

    def __init__(self, number: int) -> None:
        self.number, self.received, self.visit, self.visits = number, 0.0, 0, 0
        self.factor, self.severity, self.psu = 1.0, 0, False


class Team:
    """Posts that serve the gravest case that has waited longest."""

    def __init__(self, posts: int, severities: int, begin: Callable[[Case], None]) -> None:
        self.free, self.begin = posts, begin
        self.waiting: list[deque[Case]] = [deque() for _ in range(severities)]

    def ask(self, case: Case) -> None:
        if self.free:
            self.free -= 1
            self.begin(case)
        else:
            self.waiting[case.severity].append(case)

    def done(self) -> None:
        for queue in self.waiting:
            if queue:
                self.begin(queue.popleft())
                return
        self.free += 1


class Play:
    """One replication: the heap holds when, a running number, what, and whose."""

    def __init__(self, numbers: Numbers, seed: int) -> None:
        self.numbers, cases, teams = numbers, numbers.cases, numbers.teams
        self.rng = Random(seed)
        self.due: list[tuple[float, int, Callable[[Case], None], Case]] = []
        self.entered = 0
        self.now = 0.0
        self.log: list[Row] = []
        self.days: list[float] = []
        self.kinds, self.severities, self.visits = up_to(cases.kind), up_to(cases.severity), up_to(cases.visits)
        self.outcomes = up_to(cases.outcome)
        self.lengths = {name: (time.mu, time.sigma) for name, time in vars(numbers.times).items()}
        levels = len(cases.severity)
        self.triage = Team(teams.triage_assessors, levels, self.begin_triage)
        self.psu = Team(teams.psu_investigators, levels, self.begin_visit)
        self.dps = Team(teams.dps_investigators, levels, self.begin_visit)
        self.authority = Team(teams.appropriate_authority, levels, self.begin_decision)
        # A hearing takes a chair and a room at once, so there are as many panels as of the scarcer.
        self.panels = Team(min(teams.chairs, teams.rooms), levels, self.begin_hearing)

    def run(self) -> None:
        horizon, due = self.numbers.horizon_days, self.due
        self.enter(self.rng.expovariate(self.numbers.arrivals_a_day), self.arrive, Case(0))
        while due[0][0] < horizon:
            self.now, _, what, case = heappop(due)
            what(case)

    def enter(self, lasts: float, what: Callable[[Case], None], case: Case) -> None:
        self.entered += 1
        heappush(self.due, (self.now + lasts, self.entered, what, case))

    def wait(self, length: str, what: Callable[[Case], None], case: Case, factor: float = 1.0) -> None:
        self.enter(self.rng.lognormvariate(*self.lengths[length]) * factor, what, case)

    def tell(self, case: Case, code: str, value: int = 0) -> None:
        self.log.append((self.now, case.number, code, value))

    def level(self, cumulative: tuple[float, ...]) -> int:
        return bisect(cumulative, self.rng.random())

    def arrive(self, case: Case) -> None:
        self.enter(self.rng.expovariate(self.numbers.arrivals_a_day), self.arrive, Case(case.number + 1))
        case.received = self.now
        case.factor = self.numbers.cases.kind_factor[self.level(self.kinds)]
        case.severity = self.level(self.severities)
        case.visits = 1 + self.level(self.visits)
        case.psu = self.rng.random() < self.numbers.cases.psu
        self.tell(case, "arrived", case.severity)
        self.triage.ask(case)

    def begin_triage(self, case: Case) -> None:
        self.tell(case, "triage began")
        self.wait("triage", self.end_triage, case)

    def end_triage(self, case: Case) -> None:
        self.tell(case, "triage ended")
        self.triage.done()
        if self.rng.random() < self.numbers.cases.iopc:
            self.wait("iopc_wait", self.end_iopc_wait, case)
        else:
            self.investigate(case)

    def end_iopc_wait(self, case: Case) -> None:
        self.tell(case, "iopc ended")
        self.investigate(case)

    def investigate(self, case: Case) -> None:
        (self.psu if case.psu else self.dps).ask(case)

    def begin_visit(self, case: Case) -> None:
        self.tell(case, "visit began", case.visit)
        self.wait("visit", self.end_visit, case, case.factor)

    def end_visit(self, case: Case) -> None:
        self.tell(case, "visit ended", case.visit)
        (self.psu if case.psu else self.dps).done()
        self.wait("external_wait", self.end_external_wait, case)

    def end_external_wait(self, case: Case) -> None:
        self.tell(case, "external wait ended", case.visit)
        case.visit += 1
        if case.visit < case.visits:
            self.investigate(case)
        else:
            self.authority.ask(case)

    def begin_decision(self, case: Case) -> None:
        self.tell(case, "decision began")
        self.wait("decision", self.end_decision, case)

    def end_decision(self, case: Case) -> None:
        cases, rng = self.numbers.cases, self.rng
        self.tell(case, "decision ended", self.level(self.outcomes))
        self.authority.done()
        may_be_heard = case.severity < len(cases.severity) - 1
        if may_be_heard and rng.random() < cases.case_to_answer and rng.random() < cases.referred:
            self.wait("listing_delay", self.end_listing, case)
        else:
            self.wait("meeting", self.end_meeting, case)

    def end_listing(self, case: Case) -> None:
        self.tell(case, "listing ended")
        self.panels.ask(case)

    def begin_hearing(self, case: Case) -> None:
        self.tell(case, "hearing began")
        self.wait("hearing", self.end_hearing, case)

    def end_hearing(self, case: Case) -> None:
        self.tell(case, "hearing ended")
        self.panels.done()
        self.close(case)

    def end_meeting(self, case: Case) -> None:
        self.tell(case, "meeting ended")
        self.close(case)

    def close(self, case: Case) -> None:
        self.tell(case, "closed")
        if self.now >= self.numbers.warm_up_days:
            self.days.append(self.now - case.received)


def simulate(numbers: Numbers, seed: int) -> tuple[list[float], list[Row]]:
    """Days of each case closed after the warm-up, and a row for every transition."""
    play = Play(numbers, seed)
    play.run()
    return play.days, play.log
