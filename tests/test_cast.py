"""Are the people and cases of a replication who they should be, and do they stay so when the plan around them changes?"""

import dataclasses
import math
from datetime import date

import numpy as np
import pytest
from agreement import play
from desk import Given, small
from scipy import stats

from sim.engines import cast as cast_module
from sim.engines.cast import CastError, make
from sim.engines.draws import root
from sim.pathway.kinds import Attribute, Branch, Decide, Duration, Exit, Population, Stream, Team, Wait, Work
from sim.plan import MINUTES_A_DAY, Plan, Ref, Scope

SEATS = 400
TO = date(2013, 1, 1)
DAYS = 365 + 365 + 366

PEOPLE = (
    Attribute("person.joined_on", date=True),
    Attribute("person.leaves_on", date=True),
    Attribute("person.before"),
    Attribute("person.rank", levels=("constable", "senior"), drawn="rank"),
    Attribute("case.route", levels=("public", "inside"), drawn="route"),
    Attribute("case.lead_rank", levels=("constable", "senior"), lead="person.rank"),
    Attribute("subject.outcome", levels=("none", "some"), drawn="outcome"),
    Attribute("allegation.kind", levels=("a", "b", "c"), drawn="kind", given="subject.outcome"),
)
NUMBERS: dict[str, Given] = {
    "rate": ("rate_per_year", 300),
    "spread": ("ratio", 0.8),
    "subjects": ("ratio", 1.5),
    "allegations": ("ratio", 2.25),
    "seats": ("ratio", SEATS),
    "leaving": ("ratio", 0.2),
    "rank.constable": ("ratio", 3),
    "rank.senior": ("ratio", 1),
    "route.public": ("ratio", 7),
    "route.inside": ("ratio", 3),
    "outcome.none": ("ratio", 1),
    "outcome.some": ("ratio", 1),
    "kind.none.a": ("ratio", 1),
    "kind.none.b": ("ratio", 0),
    "kind.none.c": ("ratio", 0),
    "kind.some.a": ("ratio", 0),
    "kind.some.b": ("ratio", 1),
    "kind.some.c": ("ratio", 3),
}
POPULATION = Population(
    seats="seats", leaving="leaving", joined="person.joined_on", leaves="person.leaves_on", before="person.before"
)
CASES = Stream("cases", start="end", rate="rate", spread="spread", subjects="subjects", allegations="allegations")


def force(numbers: dict[str, Given] | None = None, *, stream: Stream = CASES, **more: object) -> Plan:
    nodes = more.pop("nodes", [Exit("end")])
    attributes = more.pop("attributes", PEOPLE)
    streams = more.pop("streams", [stream])
    population = more.pop("population", POPULATION)
    return small(
        nodes,  # type: ignore[arg-type]
        {**NUMBERS, **(numbers or {})},
        to=TO,
        attributes=attributes,  # type: ignore[arg-type]
        streams=streams,  # type: ignore[arg-type]
        population=population,  # type: ignore[arg-type]
        **more,  # type: ignore[arg-type]
    )


def by_key(plan: Plan, seed: int = 1) -> dict[str, dict[int, tuple[int, ...]]]:
    """Rows of every scope by the key of the row; attributes by name order of the original plan."""
    cast = make(plan, seed, 0)
    found = {}
    tables = {"person": cast.people, "case": cast.cases, "subject": cast.subjects, "allegation": cast.allegations}
    for scope, (word, table) in zip(Scope, tables.items(), strict=True):
        columns = [
            (attribute.name, index)
            for index, attribute in enumerate(a for a in plan.attributes if a.scope == scope)
            if any(attribute.name == a.name for a in PEOPLE) or attribute.name == "case.received_on"
        ]
        columns.sort()
        found[word] = {
            key: tuple(row[index] for _, index in columns)
            for key, row in zip(table.keys.tolist(), table.state.tolist(), strict=True)
        }
    return found


# --- what changes nothing ----------------------------------------------------------------------------------------------


def test_the_same_seed_gives_the_same_cast_and_another_gives_another() -> None:
    plan = force()
    assert by_key(plan) == by_key(plan)
    assert by_key(plan)["case"].keys().isdisjoint(by_key(plan, seed=2)["case"])
    one, two = make(plan, 1, 0), make(plan, 1, 1)
    assert set(one.cases.keys.tolist()).isdisjoint(two.cases.keys.tolist())


@pytest.mark.parametrize("population", [POPULATION, None], ids=["people who are shared", "people of their own"])
def test_a_higher_rate_only_adds_cases(population: Population | None) -> None:
    def plan(rate: float) -> Plan:
        steps = {date(2010, 1, 1): 300.0, date(2011, 1, 1): rate}
        made = force({"rate": ("rate_per_year", steps)}, population=population)
        # As a reform does: the ceiling stays that of the scenario before it.
        return dataclasses.replace(made, streams=(dataclasses.replace(made.streams[0], ceiling=1200.0),))

    fewer, more = by_key(plan(300)), by_key(plan(400))
    for scope in ("case", "subject", "allegation"):
        assert fewer[scope].items() <= more[scope].items()
        assert len(fewer[scope]) < len(more[scope])
    assert fewer["person"].items() <= more["person"].items()
    # Three years at 300; one at 300 and two at 400.
    for made, expected in ((fewer, 900), (more, 1100)):
        assert abs(len(made["case"]) - expected) < 4.5 * math.sqrt(2 * expected)


def test_one_more_attribute_node_team_and_stream_disturb_no_draw() -> None:
    before = by_key(force())
    other = Stream(
        "others", start="serve", rate="rate", spread="spread", subjects="subjects", allegations="allegations"
    )
    more = (
        Attribute("person.height", levels=("low", "high"), drawn="route_of"),
        Attribute("case.colour", levels=("low", "high"), drawn="route_of"),
        Attribute("subject.colour", levels=("low", "high"), drawn="route_of"),
    )
    bigger = force(
        {
            "route_of.low": ("ratio", 1),
            "route_of.high": ("ratio", 1),
            "posts": ("posts", 3),
            "hours": ("hours", 3),
        },
        attributes=(more[0], *PEOPLE[:4], more[1], *PEOPLE[4:6], more[2], *PEOPLE[6:]),
        nodes=[Work("serve", team="team", effort=Duration("hours"), next="end"), Exit("end")],
        teams=[Team("team", owner="us", posts="posts", calendar="office", oldest="case.received_on")],
        streams=[CASES, other],
    )
    after = by_key(bigger)
    for scope, rows in before.items():
        assert rows.items() <= after[scope].items()
    assert len(after["case"]) > 1.7 * len(before["case"])


def test_one_more_node_on_the_way_leaves_all_other_durations_as_they_were() -> None:
    def stays(extra: bool) -> dict[int, int]:
        lasts = Duration("hours", cv="spread")
        nodes = [
            Wait("first", lasts=lasts, owner="them", time_is="another_body", next="extra" if extra else "second"),
            Wait("second", lasts=lasts, owner="them", time_is="another_body", next="end"),
            Exit("end"),
        ]
        if extra:
            nodes.insert(1, Wait("extra", lasts=Duration("blink"), owner="them", time_is="another_body", next="second"))
        plan = force(
            {"hours": ("days", 3), **({"blink": ("minutes", 7)} if extra else {})},
            nodes=nodes,
            streams=[dataclasses.replace(CASES, start="first")],
        )
        events = play(plan, 1).events
        ends = plan.nodes.index(next(node for node in plan.nodes if node.name == "end"))
        last = events["node"] == ends
        return dict(zip(events["case"][last].tolist(), events["minute"][last].tolist(), strict=True))

    without, with_it = stays(False), stays(True)
    both = without.keys() & with_it.keys()
    assert len(both) > 800
    assert all(with_it[case] == without[case] + 7 for case in both)


def test_a_wider_choice_elsewhere_leaves_the_choices_of_other_nodes_alone() -> None:
    def chosen(extra: bool) -> list[int]:
        nodes = [
            Decide("first", branches=(Branch("which", weight="route.public"),)),
            Decide("which", branches=(Branch("left", weight="route.public"), Branch("right", weight="route.inside"))),
            Exit("left"),
            Exit("right"),
        ]
        if extra:
            nodes[0] = Decide(
                "first", branches=(Branch("which", weight="route.public"), Branch("stop", weight="route.inside"))
            )
            nodes.append(Exit("stop"))
        plan = force(nodes=nodes, streams=[dataclasses.replace(CASES, start="first")])
        events = play(plan, 1).events
        at = (events["node"] == 1) & (events["what"] == 10)
        result = np.full(len(make(plan, 1, 0).received), -1)
        result[events["case"][at]] = events["value"][at]
        return result.tolist()

    all_, some = chosen(False), chosen(True)
    assert 0.5 * len(all_) < sum(value >= 0 for value in some) < 0.9 * len(all_)
    assert all(mine in (-1, other) for mine, other in zip(some, all_, strict=True))


# --- people -----------------------------------------------------------------------------------------------------------


def tenures(plan: Plan, seed: int = 1) -> cast_module.People:
    """Everybody who holds a seat at some time, with cases or without."""
    return cast_module._people(plan, root(seed, 0))


def test_a_seat_is_held_by_one_person_after_another_without_a_gap() -> None:
    plan = force()
    people = tenures(plan)
    assert sorted(set(people.seat.tolist())) == list(range(SEATS))
    for seat in range(SEATS):
        mine = people.seat == seat
        joined, leaves = people.joined[mine], people.leaves[mine]
        assert joined[0] < 0
        assert (joined[1:] == leaves[:-1]).all()
        assert (leaves[:-1] < plan.ends_at).all()
        assert leaves[-1] >= plan.ends_at


def test_people_leave_at_the_rate_given() -> None:
    plan = force()
    people = tenures(plan)
    left = int((people.leaves < plan.ends_at).sum())
    expected = SEATS * 0.2 * DAYS / 365.25  # 240 in three years
    assert abs(left - expected) < 4 * math.sqrt(expected)
    # Those there at the start have served for 1 / 0.2 = 5 years on average.
    served = -people.joined[people.joined < 0] / MINUTES_A_DAY / 365.25
    assert abs(served.mean() - 5) < 4 * 5 / math.sqrt(SEATS)


def test_a_case_comes_while_its_first_subject_is_in_the_force() -> None:
    plan = force()
    cast = make(plan, 1, 0)
    joined, leaves = (cast.people.state[:, plan.find(f"person.{x}_on").index] for x in ("joined", "leaves"))
    when = cast.received[cast.subject_case]
    who = cast.subject_person
    assert ((joined[who] <= when) & (when < leaves[who])).all()


def test_exposure_adds_up_to_seats_times_days() -> None:
    days = make(force(), 1, 0).person_days["person_days.rank"]
    assert days.sum() == pytest.approx(SEATS * DAYS)
    # Financial years from April: 90 days to 31 March 2010, 365, 366 (29 February 2012), and 275 to 31 December 2012.
    assert days.sum(axis=1) == pytest.approx([SEATS * 90, SEATS * 365, SEATS * 366, SEATS * 275])
    assert days[:, 1].sum() / days.sum() == pytest.approx(0.25, abs=4 * math.sqrt(0.25 * 0.75 / SEATS))


def test_seats_that_come_on_a_date_are_at_risk_from_that_date_and_the_force_wide_rate_stays() -> None:
    # 300 seats until the end of 2011 (730 days), 400 in 2012 (366 days).
    steps: dict[str, Given] = {"seats": ("ratio", {date(2010, 1, 1): 300, date(2012, 1, 1): 400})}
    plan = force(steps)
    day = 730 * MINUTES_A_DAY
    counts = []
    for replication in range(12):
        cast = make(plan, 6, replication)
        seat, when = cast.seats[cast.subject_person], cast.received[cast.subject_case]
        assert seat[when < day].max() < 300
        assert seat[when >= day].max() >= 300
        counts.append([(cast.received < day).sum() / 730 * 365.25, (cast.received >= day).sum() / 366 * 365.25])
    agrees([float(before) for before, _ in counts], 300)
    agrees([float(after) for _, after in counts], 300)
    assert make(plan, 6, 0).person_days["person_days.rank"].sum() == pytest.approx(300 * 730 + 400 * 366, rel=1e-9)


def test_cases_before_the_start_are_counted_for_those_who_were_there() -> None:
    plan = force()
    cast = make(plan, 1, 0)
    before = cast.people.state[:, plan.find("person.before").index]
    joined = cast.people.state[:, plan.find("person.joined_on").index]
    assert (before[joined >= 0] == 0).all()
    assert before[joined < 0].sum() > 0


# --- cases, subjects, allegations -----------------------------------------------------------------------------------------


def agrees(sample: list[float], exact: float) -> None:
    reach = stats.t.ppf(0.9995, len(sample) - 1) * np.std(sample, ddof=1) / math.sqrt(len(sample))
    assert reach < 0.1 * exact, f"the test says little: {np.mean(sample):.3f} +- {reach:.3f}"
    assert abs(np.mean(sample) - exact) < reach, f"{np.mean(sample):.3f} +- {reach:.3f}, not {exact:.3f}"


@pytest.mark.parametrize("population", [POPULATION, None], ids=["people who are shared", "people of their own"])
def test_cases_have_as_many_subjects_and_subjects_as_many_allegations_as_their_means_say(
    population: Population | None,
) -> None:
    plan = force(population=population)
    casts = [make(plan, 4, replication) for replication in range(12)]
    agrees([len(c.received) / (DAYS / 365.25) for c in casts], 300)
    agrees([len(c.subject_case) / len(c.received) for c in casts], 1.5)
    agrees([len(c.allegation_subject) / len(c.subject_case) for c in casts], 2.25)


@pytest.mark.parametrize("population", [POPULATION, None], ids=["people who are shared", "people of their own"])
def test_nobody_is_twice_in_a_case_and_rows_stand_in_the_order_of_their_parents(population: Population | None) -> None:
    cast = make(force(population=population), 1, 0)
    pairs = list(zip(cast.subject_case.tolist(), cast.subject_person.tolist(), strict=True))
    assert len(set(pairs)) == len(pairs)
    assert (np.diff(cast.received) >= 0).all()
    assert (np.diff(cast.subject_case) >= 0).all()
    assert (np.diff(cast.allegation_subject) >= 0).all()
    assert set(cast.subject_case.tolist()) == set(range(len(cast.received)))
    for table in (cast.people, cast.cases, cast.subjects, cast.allegations):
        assert len(np.unique(table.keys)) == len(table.keys)


def test_people_of_their_own_belong_to_one_case_and_have_levels_too() -> None:
    plan = force(population=None)
    cast = make(plan, 1, 0)
    assert len(set(cast.subject_person.tolist())) == len(cast.subject_person)
    rank = cast.people.state[:, plan.find("person.rank").index]
    assert abs(rank.mean() - 0.25) < 4 * math.sqrt(0.25 * 0.75 / len(rank))


def test_levels_follow_their_shares_and_what_they_are_given() -> None:
    plan = force()
    cast = make(plan, 1, 0)
    route = cast.cases.state[:, plan.find("case.route").index]
    assert abs(route.mean() - 0.3) < 4 * math.sqrt(0.3 * 0.7 / len(route))
    outcome = cast.subjects.state[:, plan.find("subject.outcome").index][cast.allegation_subject]
    kind = cast.allegations.state[:, plan.find("allegation.kind").index]
    assert set(kind[outcome == 0].tolist()) == {0}
    assert set(kind[outcome == 1].tolist()) == {1, 2}
    share = (kind[outcome == 1] == 2).mean()
    assert abs(share - 0.75) < 4 * math.sqrt(0.75 * 0.25 / (outcome == 1).sum())


def test_the_case_carries_the_level_of_its_first_subject() -> None:
    plan = force()
    cast = make(plan, 1, 0)
    first = np.searchsorted(cast.subject_case, np.arange(len(cast.received)))
    rank = cast.people.state[cast.subject_person[first], plan.find("person.rank").index]
    lead = cast.cases.state[:, plan.find("case.lead_rank").index]
    assert lead.tolist() == rank.tolist()
    assert {0, 1} == set(lead.tolist())


def test_arrivals_of_a_stream_are_poisson() -> None:
    plan = force(population=None)
    counts = [len(make(plan, 9, replication).received) for replication in range(60)]
    mean = 300 * DAYS / 365.25
    # The variance of a Poisson count is its mean: 59 x variance / mean is chi-square with 59 degrees.
    spread = 59 * np.var(counts, ddof=1) / mean
    assert stats.chi2.ppf(0.0005, 59) < spread < stats.chi2.ppf(0.9995, 59)
    gaps = np.diff(make(plan, 9, 0).received) / MINUTES_A_DAY
    assert stats.kstest(gaps, "expon", args=(0, 365.25 / 300)).pvalue > 1e-3


def test_a_rate_that_steps_changes_arrivals_from_that_day() -> None:
    plan = force({"rate": ("rate_per_year", {date(2010, 1, 1): 300, date(2011, 1, 1): 0, date(2012, 1, 1): 600})})
    received = make(plan, 1, 0).received
    years = np.histogram(received, [0, 365 * 1440, 730 * 1440, plan.ends_at])[0]
    assert years[1] == 0
    assert abs(years[0] - 300) < 4.5 * math.sqrt(2 * 300)
    assert abs(years[2] - 600) < 4.5 * math.sqrt(2 * 600)


def test_people_differ_in_how_often_they_are_reported_as_much_as_the_spread_says() -> None:
    def dispersion(spread: float) -> float:
        """Variance over mean of the cases of those who stay throughout."""
        plan = force({"spread": ("ratio", spread), "subjects": ("ratio", 1), "rate": ("rate_per_year", 600)})
        ratios = []
        for replication in range(6):
            people, cast = tenures(plan, replication), make(plan, replication, 0)
            stays = people.keys[(people.joined < 0) & (people.leaves >= plan.ends_at)]
            reported = cast.people.keys[cast.subject_person]
            counts = np.asarray([(reported == key).sum() for key in stays])
            ratios.append(counts.var(ddof=1) / counts.mean())
        return float(np.mean(ratios))

    # 600 x 3 / 400 = 4.5 cases each in three years. Without a spread they are Poisson, ratio 1; with a coefficient of variation c of
    # the person's rate the ratio is 1 + 4.5 c^2 = 3.9.
    assert dispersion(0.0) == pytest.approx(1, abs=0.15)
    assert dispersion(0.8) == pytest.approx(1 + 4.5 * 0.64, abs=1)


def test_relative_rates_are_recovered_and_the_force_wide_rate_stays() -> None:
    # Seniors (a quarter of people) at twice the constables' rate.
    numbers: dict[str, Given] = {"relative.senior": ("ratio", 2), "spread": ("ratio", 0), "subjects": ("ratio", 1)}
    plan = force(numbers, stream=dataclasses.replace(CASES, relative={"person.rank": "relative"}))
    ratios, rates = [], []
    for replication in range(25):
        cast = make(plan, 11, replication)
        rank = cast.people.state[cast.subject_person, plan.find("person.rank").index]
        days = cast.person_days["person_days.rank"].sum(axis=0)
        ratios.append(float(((rank == 1).sum() / days[1]) / ((rank == 0).sum() / days[0])))
        rates.append(len(cast.received) / (DAYS / 365.25))
    agrees(ratios, 2)
    agrees(rates, 300)


def test_a_rate_above_the_ceiling_is_refused_by_name() -> None:
    for population in (POPULATION, None):
        plan = force(population=population)
        low = dataclasses.replace(plan, streams=(dataclasses.replace(plan.streams[0], ceiling=299.0),))
        with pytest.raises(CastError, match="stream 'cases': 300 cases a year"):
            make(low, 1, 0)


def test_a_stream_that_is_switched_off_brings_nobody() -> None:
    quiet = Stream("quiet", start="end", rate="off", spread="spread", subjects="subjects", allegations="allegations")
    for population in (POPULATION, None):
        plan = force({"off": ("rate_per_year", 0)}, streams=[CASES, quiet], population=population)
        assert set(make(plan, 1, 0).case_stream.tolist()) == {0}


def test_a_place_is_given_to_seats_in_turn() -> None:
    placed = dataclasses.replace(POPULATION, place="person.place", places="places")
    plan = force({"places": ("ratio", 7)}, population=placed, attributes=(*PEOPLE, Attribute("person.place")))
    cast = make(plan, 1, 0)
    ref = plan.find("person.place")
    assert ref == Ref(Scope.PERSON, 4)
    assert cast.people.state[:, ref.index].tolist() == (cast.seats % 7).tolist()


# --- incidents until a date of each person ------------------------------------------------------------------------------

EVERYBODY = 512
"""A power of two, so that a rate of each person and one of the whole force are the same number to the last digit."""


def on_trial(months: float, numbers: dict[str, Given] | None = None, **more: object) -> Plan:
    """People who are reported until so long after joining, each at a rate of their own."""
    marked = dataclasses.replace(POPULATION, marks="person.proven_on", marks_after="trial")
    stream = dataclasses.replace(CASES, rate="trial.rate", subjects="one", until="person.proven_on", **more)
    return force(
        {
            "seats": ("ratio", EVERYBODY),
            "trial": ("months", months),
            "trial.rate": ("per_person_year", 0.5),
            **(numbers or {}),
        },
        stream=stream,
        population=marked,
        attributes=(*PEOPLE, Attribute("person.proven_on", date=True)),
    )


def leads(plan: Plan, seed: int = 1) -> set[tuple[int, int, int]]:
    """Key, minute and end of the trial of every case."""
    cast = make(plan, seed, 0)
    until = cast.people.state[cast.subject_person, plan.find("person.proven_on").index]
    return set(zip(cast.cases.keys.tolist(), cast.received.tolist(), until.tolist(), strict=True))


def test_a_rate_of_each_person_over_a_whole_life_is_that_of_the_whole_force_shared_by_all() -> None:
    plan = on_trial(9e5)
    shared = dataclasses.replace(CASES, rate="all", subjects="one")
    numbers: dict[str, Given] = {"seats": ("ratio", EVERYBODY), "all": ("rate_per_year", EVERYBODY * 0.5)}
    of_all = force(numbers, stream=shared)
    twice = tuple(dataclasses.replace(stream, ceiling=2 * stream.ceiling) for stream in of_all.streams)  # as much room
    whole = by_key(dataclasses.replace(of_all, streams=twice))
    assert by_key(plan) == whole
    assert len(whole["case"]) > 600


def test_incidents_until_a_date_are_those_before_it_and_no_others() -> None:
    cut = on_trial(24)
    all_, some = leads(on_trial(9e5)), leads(cut)
    assert 100 < len(some) < len(all_)
    assert all(minute < until for _, minute, until in some)
    longest = {key: minute for key, minute, _ in all_}
    assert all(longest[key] == minute for key, minute, _ in some)
    # What is left out comes after the end of the trial: 24 months, and until is so much earlier there.
    late = {key for key, minute, until in all_ if minute >= until - round(9e5 * 43_830) + 24 * 43_830}
    assert {key for key, _, _ in some} == longest.keys() - late


def test_cases_until_a_date_are_the_rate_times_the_years_before_it() -> None:
    # Stays are exponential with mean 5 years, so of those there at any time a share 1 - exp(-0.2 * 2) joined within two years.
    plan = on_trial(24, {"spread": ("ratio", 0)})
    rates = [len(make(plan, 3, replication).received) / (DAYS / 365.25) for replication in range(25)]
    agrees(rates, EVERYBODY * 0.5 * (1 - math.exp(-0.2 * 2)))


def test_more_seats_bring_more_cases_where_the_rate_is_that_of_each_person() -> None:
    seats: dict[str, Given] = {"seats": ("ratio", {date(2010, 1, 1): 200, date(2011, 1, 1): 400})}
    plan = on_trial(9e5, {"spread": ("ratio", 0), **seats})
    counts = np.zeros((25, 2))
    for replication, row in enumerate(counts):
        received = make(plan, 7, replication).received
        row[:] = np.bincount((received >= plan.minute(date(2011, 1, 1))).astype(int))
    agrees(counts[:, 0].tolist(), 200 * 0.5 * 365 / 365.25)
    agrees(counts[:, 1].tolist(), 400 * 0.5 * (DAYS - 365) / 365.25)


def test_relative_rates_are_recovered_among_those_before_their_date() -> None:
    plan = on_trial(36, {"relative.senior": ("ratio", 3), "spread": ("ratio", 0)}, relative={"person.rank": "relative"})
    shares = []
    for replication in range(25):
        cast = make(plan, 5, replication)
        shares.append(float((cast.people.state[cast.subject_person, plan.find("person.rank").index] == 1).mean()))
    agrees(shares, 0.25 * 3 / (0.25 * 3 + 0.75))  # a quarter of people are senior
