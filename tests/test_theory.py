"""Does the engine agree with what queueing theory knows exactly?

Waits are means over replications after a warm-up; the exact value must lie in the t-interval of the replications at 99.9 per cent (the seeds are fixed,
so each test either always passes or never does). Durations are whole minutes: at a mean of hours that shifts a wait by far less than the interval.
"""

import math
from datetime import date

import numpy as np
import pytest
from agreement import play
from desk import DAY, ONE_EACH, frame, one_team, series
from scipy import stats

from sim.pathway.kinds import Assign, Attribute, Duration, Exit, Pathway, Stream, Team, Wait
from sim.plan import Plan
from sim.record import Record, What
from sim.scenario.build import build

REPLICATIONS = 20
YEARS = 3
TO = date(2010 + YEARS, 1, 1)
WARM_UP = 120 * DAY
A_DAY = 365.25
"""Cases a year that make one a day."""
SERVICE = 0.25
"""Mean service, days."""


def waits(record: Record, begun: What) -> tuple[np.ndarray, np.ndarray]:
    """Minute of arrival and minutes from arrival to the first row of that kind, of the cases that have one."""
    events = record.events
    kept = events["what"] == begun
    case, first = np.unique(events["case"][kept], return_index=True)
    arrived = record.cases["received_on"][case]
    return arrived, events["minute"][kept][first] - arrived


def mean_wait(plan: Plan, begun: What, replication: int) -> float:
    arrived, waited = waits(play(plan, 7, replication), begun)
    inside = (arrived >= WARM_UP) & (arrived < plan.ends_at - 40 * DAY)  # every one of these has been served by the end
    return float(waited[inside].mean()) / DAY


def agrees(sample: list[float], exact: float) -> None:
    mean, error = np.mean(sample), np.std(sample, ddof=1) / math.sqrt(len(sample))
    reach = stats.t.ppf(0.9995, len(sample) - 1) * error
    assert reach < 0.25 * exact, f"the test says little: {mean:.4f} +- {reach:.4f}"
    assert abs(mean - exact) < reach, f"{mean:.4f} +- {reach:.4f}, theory says {exact:.4f}"


def erlang_c(servers: int, load: float) -> float:
    """Probability that an arrival waits."""
    below = sum(load**n / math.factorial(n) for n in range(servers))
    top = load**servers / math.factorial(servers) * servers / (servers - load)
    return top / (below + top)


def wait_in_queue(rate: float, servers: int) -> float:
    """Mean wait of M/M/c, days, at `rate` arrivals a day."""
    return erlang_c(servers, rate * SERVICE) / (servers / SERVICE - rate)


def test_one_server_with_exponential_service_waits_as_theory_says() -> None:
    # M/M/1 at a load of 0.6: 0.6 x 0.25 / (1 - 0.6) = 0.375 days.
    exact = 0.6 * SERVICE / (1 - 0.6)
    assert wait_in_queue(2.4, 1) == pytest.approx(exact)
    plan = one_team(2.4 * A_DAY, 1, SERVICE, family="exponential", cv=1, to=TO)
    agrees([mean_wait(plan, What.STARTED, r) for r in range(REPLICATIONS)], exact)


def test_three_servers_with_exponential_service_wait_as_theory_says() -> None:
    # M/M/3 at a load of 0.7 each: 8.4 a day on 3 x 4 a day.
    plan = one_team(8.4 * A_DAY, 3, SERVICE, family="exponential", cv=1, to=date(2011, 4, 1))
    agrees([mean_wait(plan, What.STARTED, r) for r in range(REPLICATIONS)], wait_in_queue(8.4, 3))


def test_lognormal_service_waits_as_pollaczek_and_khinchine_say() -> None:
    # M/G/1: load x service x (1 + cv^2) / 2 / (1 - load) = 0.6 x 0.25 x (1 + 0.5) / 2 / 0.4, with cv^2 = 0.5.
    exact = 0.6 * SERVICE * 1.5 / 2 / 0.4
    plan = one_team(2.4 * A_DAY, 1, SERVICE, family="lognormal", cv=math.sqrt(0.5), to=TO)
    agrees([mean_wait(plan, What.STARTED, r) for r in range(REPLICATIONS)], exact)


def slots_as_servers(posts: int, slots: int, rate: float) -> Plan:
    """A case holds a slot through an outside wait and nothing else: posts times slots servers."""
    pathway = Pathway(
        name="slots",
        attributes=(Attribute("case.received_on", date=True),),
        calendars=("all_hours",),
        teams=(
            Team("team", owner="us", posts="posts", slots="slots", calendar="all_hours", oldest="case.received_on"),
        ),
        streams=(Stream("cases", start="take", rate="rate", spread="nothing", subjects="one", allegations="one"),),
        nodes=(
            Assign("take", team="team", next="sit"),
            Wait(
                "sit", lasts=Duration("service", family="exponential"), owner="them", time_is="another_body", next="end"
            ),
            Exit("end"),
        ),
    )
    numbers = series(
        {
            **ONE_EACH,
            "rate": ("rate_per_year", rate * A_DAY),
            "posts": ("posts", posts),
            "slots": ("ratio", slots),
            "service": ("days", SERVICE),
        }
    )
    return build(pathway, numbers, frame(date(2011, 1, 1)))


def test_slots_held_through_outside_waits_are_servers() -> None:
    # Two posts of two slots are M/M/4, at a load of 0.7 each: 11.2 a day on 4 x 4 a day.
    plan = slots_as_servers(2, 2, 11.2)
    agrees([mean_wait(plan, What.ALLOCATED, r) for r in range(REPLICATIONS)], wait_in_queue(11.2, 4))


def test_time_average_number_in_the_system_is_the_sum_of_the_stays_over_the_horizon() -> None:
    # Little's law on the record itself, exact: both sides in case-minutes, cases still there counted until the end.
    plan = one_team(2.8 * A_DAY, 1, SERVICE, family="exponential", cv=1, to=date(2010, 7, 1))
    for replication in range(3):
        record = play(plan, 7, replication)
        events = record.events
        arrived, left = (np.sort(events["minute"][events["what"] == what]) for what in (What.ARRIVED, What.LEFT))
        points = np.arange(plan.ends_at)
        number = np.searchsorted(arrived, points, side="right") - np.searchsorted(left, points, side="right")
        done = record.cases["done_on"]
        stays = np.where(done >= 0, done, plan.ends_at) - record.cases["received_on"]
        assert number.sum() == stays.sum()
        assert number.max() > 3
        assert (number >= 0).all()


@pytest.mark.parametrize(("rate", "posts"), [(2.8, 1), (9, 3)])
def test_utilisation_is_the_offered_load(rate: float, posts: int) -> None:
    # Cases a day times days of service over posts: 2.8 x 0.25 = 0.7 and 9 x 0.25 / 3 = 0.75.
    plan = one_team(rate * A_DAY, posts, SERVICE, family="exponential", cv=1, to=date(2011, 1, 1))
    shares = []
    for replication in range(10):
        exposure = play(plan, 7, replication, events=False).exposure
        shares.append(float(exposure["busy_minutes.team"].sum() / exposure["open_minutes.team"].sum()))
    agrees(shares, rate * SERVICE / posts)


def test_busy_minutes_are_the_minutes_between_the_rows_of_bouts() -> None:
    plan = one_team(2.8 * A_DAY, 1, SERVICE, family="exponential", cv=1, to=date(2010, 7, 1))
    record = play(plan, 7)
    events = record.events
    started, worked = (events["minute"][events["what"] == what] for what in (What.STARTED, What.WORKED))
    under_way = plan.ends_at * (len(started) - len(worked))  # one post: at most the last bout has not ended
    assert worked.sum() + under_way - started.sum() == record.exposure["busy_minutes.team"].sum()


def test_most_of_an_idle_systems_cases_wait_for_nobody() -> None:
    # M/M/1 at a load of 0.05: 95 per cent of arrivals find the server free (PASTA).
    plan = one_team(0.2 * A_DAY, 1, SERVICE, family="exponential", cv=1, to=date(2030, 1, 1))
    _, waited = waits(play(plan, 7), What.STARTED)
    share = float((waited == 0).mean())
    error = math.sqrt(0.95 * 0.05 / len(waited))
    assert len(waited) > 1300
    assert abs(share - 0.95) < 4 * error
