"""Three intervals, never mixed: the nested design finds components that are known, and says nothing where there is nothing to tell from."""

import io
import json
import re
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hamlets import with_ensemble
from rich.console import Console
from scipy.stats import norm

from sim import report
from sim.__main__ import main
from sim.experiment import Study, compare
from sim.experiment.intervals import CHANCE_LABEL
from sim.experiment.members import FUTURES_APART, futures, share_by_grade, stratified
from sim.experiment.nested import (
    COMPUTING_LABEL,
    EVERY_WORLD,
    IGNORANCE_LABEL,
    KINDS,
    bounds,
    components,
    kind_of,
    labels_of,
    weighted_quantile,
)
from sim.experiment.study import INTERVALS
from sim.report import ignorance
from sim.report.nested import SHOWN, draw_intervals, rows_of, shown_intervals, verdict
from sim.scenario import Ensemble, Member, ScenarioError, save_ensemble
from sim.scenario.files import Point

STUDIES = 4000
WITHIN, BETWEEN, MEAN = 9.0, 4.0, 100.0


def nested(members: int, replications: int, studies: int = STUDIES, between: float = BETWEEN) -> np.ndarray:
    """Studies side by side, as if each were a figure: what members add is N(0, between), what futures add N(0, WITHIN)."""
    draws = np.random.default_rng(members * 100 + replications)
    added = draws.normal(0, np.sqrt(between), (members, 1, studies))
    return MEAN + added + draws.normal(0, np.sqrt(WITHIN), (members, replications, studies))


def sure(observed: float, expected: float, deviation: float) -> bool:
    """Within four standard errors of what theory says."""
    return abs(observed - expected) < 4 * deviation


def test_components_that_are_known_are_found_without_bias() -> None:
    members, replications = 12, 3
    found = components(nested(members, replications), np.ones(members))
    # The mean squares are chi squares over their degrees of freedom: between members 11, within them 24.
    assert sure(found.within.mean(), WITHIN, WITHIN * np.sqrt(2 / 24 / STUDIES))
    of_means = BETWEEN + WITHIN / replications
    assert sure(found.error.mean(), of_means / members, of_means / members * np.sqrt(2 / 11 / STUDIES))
    # Before it is set to zero: between = variance of the means - within / 3, and the two are independent.
    raw = found.error * members - found.within / replications
    deviation = np.sqrt(2 * of_means**2 / 11 + 2 * (WITHIN / replications) ** 2 / 24)
    assert sure(raw.mean(), BETWEEN, deviation / np.sqrt(STUDIES))
    np.testing.assert_allclose(found.between, np.maximum(raw, 0), atol=1e-9)
    np.testing.assert_array_equal(found.negative, raw < 0)


def test_the_computing_interval_covers_the_mean_as_often_as_it_says() -> None:
    for members, replications in ((3, 2), (24, 1), (24, 2)):
        low, high = bounds(components(nested(members, replications), np.ones(members)))[COMPUTING_LABEL]
        covered = ((low <= MEAN) & (high >= MEAN)).mean()
        assert sure(covered, 0.95, np.sqrt(0.95 * 0.05 / STUDIES))


def test_chance_covers_four_in_five_futures_of_a_member_and_ignorance_four_in_five_members() -> None:
    kinds = bounds(components(nested(600, 6, 40), np.ones(600)))
    for kind, variance in ((CHANCE_LABEL, WITHIN), (IGNORANCE_LABEL, BETWEEN)):
        low, high = kinds[kind]
        half = norm.ppf(0.9) * np.sqrt(variance)
        assert low.mean() == pytest.approx(MEAN - half, abs=0.1)
        assert high.mean() == pytest.approx(MEAN + half, abs=0.1)


@pytest.mark.parametrize(("members", "tolerance"), [(8, 0.03), (24, 0.012)])
def test_the_ignorance_interval_holds_the_next_member_four_times_in_five(members: int, tolerance: float) -> None:
    """Futures that say little beside what members add, so that this is all about how many members there are."""
    draws = np.random.default_rng(members)
    added = draws.normal(0, 1, (members, 1, STUDIES))
    found = components(added + draws.normal(0, 0.1, (members, 2, STUDIES)), np.ones(members))
    low, high = bounds(found)[IGNORANCE_LABEL]
    assert set(labels_of(found, IGNORANCE_LABEL)) == {IGNORANCE_LABEL}
    assert (norm.cdf(high) - norm.cdf(low)).mean() == pytest.approx(0.8, abs=tolerance)


def test_fewer_than_eight_members_tell_a_range_and_say_so() -> None:
    values = np.arange(7.0)[:, None, None] + np.zeros((7, 2, 1))
    found = components(values, np.ones(7))
    assert labels_of(found, IGNORANCE_LABEL) == ["range of 7 members"]
    assert [float(end[0]) for end in bounds(found)[IGNORANCE_LABEL]] == pytest.approx([0, 6])
    assert kind_of("range of 7 members") == IGNORANCE_LABEL
    assert [kind_of(kind) for kind in KINDS] == list(KINDS)
    # One that stands for almost all leaves no more than one, however many there are.
    heavy = components(nested(24, 2, 1), np.array([1.0, *[0.001] * 23]))
    assert labels_of(heavy, IGNORANCE_LABEL) == ["range of 24 members"]
    assert labels_of(heavy, COMPUTING_LABEL) == [COMPUTING_LABEL]
    unknown = values.copy()
    unknown[:4] = np.nan
    assert labels_of(components(unknown, np.ones(7)), IGNORANCE_LABEL) == ["range of 3 members"]


def test_without_ignorance_the_estimate_is_negative_about_half_the_time_and_is_set_to_zero() -> None:
    found = components(nested(24, 2, between=0.0), np.ones(24))
    assert 0.4 < found.negative.mean() < 0.65  # below zero where F(23, 24) is below one
    assert (found.between[found.negative] == 0).all()
    low, high = bounds(found)[IGNORANCE_LABEL]
    np.testing.assert_array_equal(low[found.negative], found.mean[found.negative])
    np.testing.assert_array_equal(high[found.negative], found.mean[found.negative])


def test_more_replications_and_members_shrink_computing_and_nothing_else() -> None:
    few, many = (components(nested(*size), np.ones(size[0])) for size in ((8, 2), (64, 8)))
    assert many.error.mean() < few.error.mean() / 6
    assert many.within.mean() == pytest.approx(few.within.mean(), rel=0.1)
    assert many.between.mean() == pytest.approx(BETWEEN, rel=0.1)


def test_a_member_that_stands_for_two_moves_the_mean_as_two_would_and_weights_have_no_size() -> None:
    values = np.array([[[1.0], [3.0]], [[5.0], [7.0]]])
    found = components(values, np.array([0.75, 0.25]))
    assert found.mean[0] == 0.75 * 2 + 0.25 * 6
    assert found.members[0] == pytest.approx(1 / (0.75**2 + 0.25**2))
    # By hand: squares about the mean .75 * 1 + .25 * 9 = 3, less .1875 * 2 / 2 from each of two, over 1 - .625.
    assert found.between[0] == pytest.approx((3 - 2 * 0.1875) / 0.375)
    assert found.within[0] == 2
    again = components(values, np.array([3.0, 1.0]))
    np.testing.assert_array_equal(found.between, again.between)


def test_weights_leave_the_components_unbiased() -> None:
    weights = np.random.default_rng(5).dirichlet(np.full(15, 2.0))
    found = components(nested(15, 2), weights)
    concentration = (weights**2).sum()
    squared = found.error * (1 - concentration) / concentration
    raw = (squared - (weights * (1 - weights)).sum() * found.within / 2) / (1 - concentration)
    assert raw.mean() == pytest.approx(BETWEEN, abs=0.25)


def test_the_members_drawn_in_vary_by_the_ignorance_and_no_more() -> None:
    weights = np.array([0.1, 0.2, 0.3, 0.4, 0.5, 0.6])
    found = components(nested(6, 2, 50), weights)
    spread = (found.weights * (found.means - found.mean) ** 2).sum(axis=0) / (1 - (found.weights**2).sum(axis=0))
    np.testing.assert_allclose(spread, found.between, atol=1e-9)


def test_one_member_tells_nothing_of_ignorance_and_one_replication_nothing_of_chance() -> None:
    alone = components(nested(1, 5, 3), np.ones(1))
    kinds = bounds(alone)
    assert not np.isnan(alone.mean).any()
    assert not np.isnan(kinds[CHANCE_LABEL]).any()
    assert np.isnan(kinds[IGNORANCE_LABEL]).all()
    assert np.isnan(kinds[COMPUTING_LABEL]).all()
    once = bounds(components(nested(5, 1, 3), np.ones(5)))
    assert np.isnan(once[CHANCE_LABEL]).all()
    assert np.isnan(once[IGNORANCE_LABEL]).all()
    assert not np.isnan(once[COMPUTING_LABEL]).any()


def test_a_figure_that_a_member_does_not_know_leaves_that_member_out() -> None:
    values = nested(4, 3, 1)
    values[0] = np.nan
    values[1, 0] = np.nan
    found = components(values, np.array([0.7, 0.1, 0.1, 0.1]))
    assert found.members[0] == pytest.approx(3)
    assert found.mean[0] == pytest.approx(np.nanmean(values[1:], axis=1).mean())
    nothing = components(np.full((3, 2, 1), np.nan), np.ones(3))
    assert np.isnan([nothing.mean, nothing.within, nothing.between, nothing.error]).all()


def test_figures_that_never_differ_have_intervals_without_width() -> None:
    for low, high in bounds(components(np.full((5, 2, 1), 0.1), np.full(5, 0.2))).values():
        assert low[0] == high[0] == 0.1


def test_quantiles_by_weight_are_quantiles_of_repeated_values() -> None:
    values = np.array([1.0, 2.0, 4.0])
    assert weighted_quantile(values, np.array([1.0, 1.0, 2.0]), 0.375) == 2.0  # the middle of the second quarter
    assert weighted_quantile(values, np.array([1.0, 1.0, 1.0]), 0.5) == 2.0
    assert weighted_quantile(values, np.array([0.0, 1.0, 0.0]), 0.9) == 2.0


LEVERS = ["more_psu_investigators", "more_dps_investigators"]

# --- which members ----------------------------------------------------------------------------------------------------


def an_ensemble(weights: dict[str, list[float]]) -> Ensemble:
    members = [Member(f"{w}-{n}", w, {}, {}, weight) for w, mine in weights.items() for n, weight in enumerate(mine)]
    return Ensemble("casey_2022", tuple(members), {})


def test_a_part_of_an_ensemble_keeps_the_weight_of_every_world() -> None:
    ensemble = an_ensemble({"slack": [0.01] * 60, "dps_saturated": [0.3], "psu_saturated": [0.05, 0.02, 0.03]})
    chosen = stratified(ensemble, 8)
    by_world: dict[str, float] = {}
    for at, weight in chosen:
        by_world[ensemble.members[at].world] = by_world.get(ensemble.members[at].world, 0) + weight
    assert by_world == pytest.approx({"slack": 0.6, "dps_saturated": 0.3, "psu_saturated": 0.1})
    assert len(chosen) <= 8
    assert dict(stratified(ensemble, 1000)) == pytest.approx(
        {at: one.weight for at, one in enumerate(ensemble.members)}
    )
    assert {at for at, _ in stratified(ensemble, 5, ["dps_saturated"])} == {60}


def test_a_heavy_member_stands_for_more() -> None:
    chosen = dict(stratified(an_ensemble({"slack": [0.6, *[0.04] * 10]}), 5))
    assert chosen[0] == pytest.approx(0.6)
    assert sum(chosen.values()) == pytest.approx(1)


def test_no_two_members_share_a_future_and_more_replications_keep_those_there_are() -> None:
    assert list(futures(0, 2)) == list(futures(0, 3))[:2]
    assert not set(futures(0, FUTURES_APART)) & set(futures(1, FUTURES_APART))


def test_the_share_on_assumed_numbers_is_all_where_only_they_explain() -> None:
    draws = np.random.default_rng(0)
    numbers = pd.DataFrame(draws.normal(size=(200, 3)), columns=["a", "b", "c"])
    grades = {"a": "assumed", "b": "published", "c": "assumed"}
    of_a = share_by_grade(numbers["a"].to_numpy(), np.ones(200), numbers, grades)
    assert of_a["assumed"] > 0.95
    both = share_by_grade((numbers["a"] + numbers["b"]).to_numpy(), np.ones(200), numbers, grades)
    assert both["assumed"] == pytest.approx(0.5, abs=0.1)
    assert sum(both.values()) == pytest.approx(1)
    assert share_by_grade(np.ones(200), np.ones(200), numbers, grades) == {}


# --- in use -----------------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An ensemble of four members in two worlds, and a scenario of a few months that it may be laid over."""
    place = tmp_path_factory.mktemp("scenarios")
    members = (
        Member("a", "slack", {}, {"psu.investigators": 1.0}, 0.25),
        Member("b", "slack", {}, {"psu.investigators": 1.5}, 0.25),
        Member("c", "psu_saturated", {}, {"psu.investigators": 1.0}, 0.25),
        Member("d", "psu_saturated", {}, {"psu.investigators": 1.2}, 0.25),
    )
    return with_ensemble(place, members, {"provisional": True})


@pytest.fixture(scope="module")
def study(folder: Path, tmp_path_factory: pytest.TempPathFactory) -> Study:
    out = tmp_path_factory.mktemp("results")
    return compare("hamlet", LEVERS, members=9, replications=2, folder=folder, out=out, opposites=False)


def test_members_are_played_beside_the_worlds(study: Study) -> None:
    assert study.played is not None
    assert [member.name for member in study.played.members] == ["a", "b", "c", "d"]
    assert {len(figures.matrix) for figures in study.played.figures.values()} == {4 * 2}
    # What a world sets is a difference between members too. 62 posts of a world scaled by the small force and by the member.
    numbers = study.played.parameters
    assert {"psu.investigators", "psu.caseload"} <= set(numbers)
    assert numbers.loc["d", "psu.investigators"] == pytest.approx(1.2 * numbers.loc["c", "psu.investigators"])
    assert set(study.summary["world"]) == {"slack", "psu_saturated"}


def test_each_difference_is_of_the_same_member_and_future(study: Study) -> None:
    assert study.played is not None
    table = study.played.intervals
    assert list(table.columns) == list(INTERVALS)
    assert set(table["interval"].map(kind_of)) == set(KINDS)
    assert IGNORANCE_LABEL not in set(table["interval"]), "four members tell no four in five"
    pooled = table["world"] == EVERY_WORLD
    assert "range of 4 members" in set(table.loc[pooled, "interval"])
    assert "range of 4 members" not in set(table.loc[~pooled, "interval"])
    days = table[
        (table["measure"] == "mean_days_to_finalise")
        & (table["counted"] == "case")
        & (table["basis"] == "received_cohort")
        & table["period"].str.contains("/")
        & (table["world"] == EVERY_WORLD)
        & (table["interval"] == COMPUTING_LABEL)
    ]
    base, reform, difference = (
        float(days[(days["scenario"] == label) & (days["base"] == of)]["mean"].iloc[0])
        for label, of in (("hamlet", ""), (LEVERS[0], ""), (LEVERS[0], "hamlet"))
    )
    assert difference == pytest.approx(reform - base)


def test_what_is_written_tells_members_and_how_to_do_it_again(study: Study) -> None:
    assert study.folder is not None
    assert study.played is not None
    told = json.loads((study.folder / "run.json").read_text())
    assert told["ensemble"]["provisional"]
    assert told["ensemble"]["members"][1] == {"name": "b", "world": "slack", "weight": 0.25}
    assert set(told["ensemble"]["share_of_ignorance_on_assumed_numbers"]) == {"hamlet", *LEVERS}
    place = told["command"].index("--ensemble")
    assert told["command"][place : place + 3] == ["--ensemble", "--members", "9"]
    written = pd.read_csv(study.folder / "intervals.csv", keep_default_na=False)
    assert len(written) == len(study.played.intervals)
    assert set(written.loc[written["base"] == "", "follows_from"]) == {""}
    changes = written[written["base"] != ""]
    assert (changes["follows_from"] == changes["scenario"].map(study.follows_from)).all()


def test_a_member_alone_is_the_same_to_the_last_digit_and_weights_name_another_study(
    study: Study, folder: Path, tmp_path: Path
) -> None:
    assert study.played is not None
    one = compare(
        "hamlet", LEVERS, worlds=["slack"], members=9, replications=2, folder=folder, out=tmp_path, opposites=False
    )  # fmt: skip
    assert one.played is not None
    assert [member.weight for member in one.played.members] == [0.5, 0.5]
    np.testing.assert_array_equal(one.played.figures["hamlet"].matrix, study.played.figures["hamlet"].matrix[: 2 * 2])
    assert one.folder != study.folder


def test_members_of_no_world_and_no_number_of_them_are_refused(folder: Path) -> None:
    with pytest.raises(ScenarioError, match="no member in dps_saturated"):
        compare("hamlet", LEVERS, worlds=["dps_saturated"], members=3, folder=folder)
    with pytest.raises(ScenarioError, match="expected 1 or more"):
        compare("hamlet", LEVERS, members=0, folder=folder)


def test_a_member_that_does_not_fit_is_refused_before_anything_is_played(folder: Path, tmp_path: Path) -> None:
    bad = Ensemble("village", (Member("a", "slack", {}, {"pause.share": 50.0}, 1.0),), {})
    save_ensemble(bad, tmp_path / "calibration")
    (tmp_path / "hamlet.toml").write_text((folder / "hamlet.toml").read_text())
    with pytest.raises(ScenarioError, match=r"pause\.share"):
        compare("hamlet", LEVERS, members=3, folder=tmp_path, out=tmp_path / "out")
    assert not (tmp_path / "out").exists()


# --- said and drawn ---------------------------------------------------------------------------------------------------


def rows_for(of_world: dict[str, tuple[float, float, float]], pooled: tuple[float, float]) -> pd.DataFrame:
    """Rows of a difference: by world its mean and computing interval, and the ignorance interval over all."""
    rows = [(world, mean, low, high, COMPUTING_LABEL) for world, (mean, low, high) in of_world.items()]
    rows.append((EVERY_WORLD, 0.0, *pooled, IGNORANCE_LABEL))
    return pd.DataFrame(rows, columns=["world", "mean", "low", "high", "interval"])


@pytest.mark.parametrize(
    ("of_world", "pooled", "opens", "ends"),
    [
        ({"a": (-9, -11, -7), "b": (-8, -9, -7)}, (-9, -7), "The same sign in every world: ", "."),
        ({"a": (-90, -99, -80), "b": (-8, -9, -7)}, (-90, -7), "The same sign in every world, its size not: ", "."),
        ({"a": (-9, -11, -7), "b": (-0.2, -0.9, 0.5)}, (-9, -0.1), "Depends on the world: -9.0 in a; nothing in b.", "."),
        ({"a": (-9, -11, -7), "b": (-0.2, -0.3, -0.1)}, (-9, 0.1), "Depends on the world", "-9.0..+0.1, ignorance, 80%)."),
        ({"a": (-9, -11, -7), "b": (4, 3, 5)}, (-9, 4), "Cannot be told apart from nothing, since the sign depends", "."),
        ({"a": (0.1, 0, 0.3), "b": (0, 0, 0)}, (0, 0.1), "Less than 1 day in every world, which is called nothing", "."),
        ({"a": (-9, -20, 2), "b": (0, 0, 0)}, (-9, 0), "Cannot be told apart from nothing: nothing in b; not settled in a", "."),
        # A mean near zero is nothing only where its interval says so.
        ({"a": (0.1, -20, 20), "b": (0, 0, 0)}, (-37, 30), "Cannot be told apart from nothing: nothing in b; not settled in a: +0.1 (-20.0..+20.0, computing)", "."),
        ({"a": (-9, -11, -7)}, (-9, -7), "The sign is sure: -9.0 in a", "."),
        ({"a": (0, -0.9, 1.1)}, (-1, 1), "Cannot be told apart from nothing: not settled in a", "."),
        ({"a": (0.1, np.nan, np.nan)}, (np.nan, np.nan), "Cannot be told apart from nothing: not settled in a: +0.1.", "."),
        ({"a": (0.9, 0.5, 1.3), "b": (0.8, 0.4, 1.2)}, (0.3, 1.6), "The same sign in every world: +0.9 in a; +0.8 in b", "."),
        ({"a": (0.9, 0.5, 1.3), "b": (0.4, 0.3, 0.5)}, (0.3, 1.6), "Depends on the world: +0.9 in a; nothing in b", "."),
    ],
)  # fmt: skip
def test_the_verdict_says_nothing_a_world_or_a_sign(
    of_world: dict[str, tuple[float, float, float]], pooled: tuple[float, float], opens: str, ends: str
) -> None:
    said = verdict(rows_for(of_world, pooled), SHOWN[0], list(of_world))
    assert said.startswith(opens)
    assert said.endswith(ends)


def test_dismissals_are_shown_for_a_year(study: Study) -> None:
    assert study.played is not None
    shown = next(one for one in SHOWN if one.a_year)
    table = study.played.intervals
    whole = table[(table["measure"] == "dismissals") & table["period"].str.contains("/") & (table["base"] == "")]
    a_year = rows_of(table, shown, "hamlet", "")
    days = 1249  # 1 April 2015 to 31 August 2018
    expected = whole[whole["scenario"] == "hamlet"]["mean"] * 365.25 / days
    np.testing.assert_allclose(a_year["mean"], expected)


def test_the_screen_and_the_figure_tell_the_three_intervals_apart(study: Study) -> None:
    console = Console(width=120, record=True, file=io.StringIO())
    report.print_summary(study, console)
    told = console.export_text()
    assert "Three intervals over all 4 members of the ensemble of village (provisional: not calibrated yet)" in told
    assert "All of this ignorance rests on assumed numbers" in told
    shown = shown_intervals(study)
    assert "ignorance: range of 4 members" in told
    assert set(shown["interval"].map(kind_of)) == set(KINDS)
    said = draw_intervals(study, shown).description
    assert all(f"{LEVERS[0]} {kind}" in said for kind in (COMPUTING_LABEL, CHANCE_LABEL, "range of 4 members"))
    assert shown_intervals(replace(study, played=None)).empty


def test_a_lever_whose_effect_was_put_in_is_marked_in_the_figure_and_its_table(study: Study, tmp_path: Path) -> None:
    point = Point.model_validate({"text": "Put in.", "changes": ("psu.investigators",), "follows_from": "assumption"})
    first = study.headers[LEVERS[0]]
    put_in = replace(study, headers={**study.headers, LEVERS[0]: first.model_copy(update={"points": (point,)})})
    for one, assumed in ((study, []), (put_in, [LEVERS[0]])):
        shown = shown_intervals(one)
        assert sorted(set(shown.loc[shown["follows_from"] == "assumption", "scenario"])) == assumed
        labels = [label.get_text() for label in draw_intervals(one, shown).figure.axes[0].get_yticklabels()]
        assert [label.endswith("(assumed)") for label in labels] == [lever in assumed for lever in LEVERS]
        ignorance.write(one, 4, tmp_path / "page.md", tmp_path)
        table = pd.read_csv(tmp_path / "intervals.csv", keep_default_na=False)
        assert set(table.loc[table["follows_from"] == "assumption", "scenario"]) == set(assumed)


def test_the_page_of_ignorance_lies_under_out_by_the_name_of_its_scenario(
    folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    words = ["ignorance", "hamlet", "--scenarios", str(folder), "--members", "2", "--replications", "1"]
    with pytest.raises(SystemExit) as ended:
        main([*words, *(word for lever in LEVERS for word in ("--lever", lever))])
    assert not ended.value.code
    assert [path.name for path in tmp_path.iterdir()] == ["build"]
    place = tmp_path / "build" / "ignorance" / "hamlet" / "ignorance"
    assert (place / "verdicts.csv").is_file()
    text = (place / "ignorance.md").read_text(encoding="utf-8")
    (link,) = re.findall(r"\((\S*intervals\.png)\)", text)
    assert (place / link).is_file()


def test_the_page_has_a_verdict_for_every_lever_and_ranks_what_could_be_collected(study: Study, tmp_path: Path) -> None:
    page, folder = tmp_path / "docs" / "ignorance.md", tmp_path / "results" / "ignorance"
    written = ignorance.write(study, 4, page, folder)
    assert all(path.is_file() for path in written)
    text = page.read_text()
    assert "(../results/ignorance/intervals.png)" in text
    assert "--members 4 --replications" in text
    assert "nothing below is a result" in text
    assert "*Ignorance* (range of 4 members): " in text
    assert "| chance, 80% | range of 4 members |" in text
    told = pd.read_csv(folder / "verdicts.csv")
    assert set(told["scenario"]) == set(LEVERS)
    assert all(verdict_ in text for verdict_ in told["verdict"])
    worth = pd.read_csv(folder / "worth_collecting.csv")
    assert list(worth["rank"]) == list(range(1, len(worth) + 1))
    assert {"caseload", "IOPC share", "days to allocation"} <= set(worth["name"])
    assert "observed mean days) that would be saved" in text  # nobody was watched for the four years of true ones
    choice = pd.read_csv(folder / "choice.csv")
    assert (choice["gain_days"] >= 0).all()
    spans = pd.read_csv(folder / "unallocated.csv")
    assert set(spans["team"]) == {"psu", "dps"}
    assert set(spans["world"]) == {"slack", "psu_saturated"}
    for _, one in spans.iterrows():
        assert f"{one['mean']:,.0f} ({one['low']:,.0f}..{one['high']:,.0f})" in text
    assert ignorance.write(study, 4, page, folder) == written
    assert page.read_text() == text


def test_the_command_line_plays_an_ensemble_and_refuses_members_without_one(
    folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    def left(*words: str) -> tuple[int, str, str]:
        with pytest.raises(SystemExit) as ended:
            main([*words, "--scenarios", str(folder), "--out", str(tmp_path / "out")])
        told = capsys.readouterr()
        return int(ended.value.code or 0), told.out, told.err

    code, _, told = left("run", "hamlet", "--members", "3", "--set", "psu.caseloads=3")
    assert code == 2
    assert "expected with --ensemble" in told
    assert "psu.caseloads" in told  # and all else that is wrong
    assert left("ignorance", "nowhere", "--page", str(tmp_path / "page.md"))[0] == 2
    assert list(tmp_path.iterdir()) == []
    code, out, _ = left("run", "hamlet", "--ensemble", "--members", "2", "--replications", "1", "--no-figures")
    assert code == 0
    assert "Three intervals over 2 of 4 members" in out
    assert next(tmp_path.glob("out/hamlet/*/intervals.csv")).is_file()
