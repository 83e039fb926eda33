"""Does the report say what the tables say, stamped, readable, and nothing it must not?"""

import io
import re
from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import date
from functools import cache
from itertools import pairwise
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from matplotlib.collections import LineCollection
from matplotlib.figure import Figure
from rich.console import Console

from sim.experiment import Arm, Figures, Study
from sim.experiment.intervals import differences, summarise
from sim.experiment.study import KEYS, caption
from sim.measures import MEASURES
from sim.plan import Plan
from sim.report import (
    beside,
    costs,
    headline_table,
    not_drawn,
    own_teams,
    print_summary,
    quarters,
    queues,
    style,
    tables,
    write,
    write_tables,
)
from sim.report.write import PICTURES
from sim.scenario import load_scenario
from sim.scenario.capacity import PRICES
from sim.scenario.files import Expectation, Overlay, Point

WINDOW = "2013-04-01/2022-03-31"
YEARS = [f"{year}-{year - 1999:02d}" for year in range(2013, 2022)]
QUARTERS = [f"{year}-{end}" for year in range(2014, 2022) for end in ("03-31", "06-30", "09-30", "12-31")]
COHORT = "received_cohort"
BASE, MORE, TRAINING = "casey_2022", "more_investigators", "training"
OPPOSITE = f"{TRAINING} (opposite)"
WORLDS = ("slack", "psu_saturated")

STAMP = "Illustrative, not calibrated. A force like the Met, internal conduct."
FORBIDDEN = re.compile(
    r"\b(works|because of|improv\w+|rank\w*|scor\w+|best|worst|better|worse|offend\w+|guilty|repeat offender|bad apple\w*"
    r"|success\w*|fail\w*|propensity|predict\w*|calibrated to)\b",
    re.IGNORECASE,
)

# --- a small study made by hand ---------------------------------------------------------------------------------------


@cache
def plan(scenario: str = BASE) -> Plan:
    return load_scenario(scenario, world="slack").plan


def figures(days: float = 400.0, waiting: float = 10.0) -> list[tuple[str, str, str, str, str, float]]:
    """(measure, counted, basis, group, period, value) of one future."""
    rows = [
        ("mean_days_to_finalise", "allegation", COHORT, "", WINDOW, days),
        ("mean_days_to_finalise", "allegation", "finalised_in_period", "", WINDOW, days + 20),
        ("mean_days_to_finalise", "allegation", "survival", "", WINDOW, days + 60),
        ("mean_days_to_finalise_without_iopc_involvement", "case", COHORT, "", WINDOW, days - 50),
        ("median_days_to_finalise", "allegation", COHORT, "", WINDOW, days - 90),
        ("allegations_finalised", "allegation", COHORT, "", WINDOW, 16000.0),
        ("share_within_1_year", "allegation", COHORT, "", WINDOW, 0.62),
        ("share_over_2_years", "allegation", COHORT, "", WINDOW, 0.18),
        ("dismissal_rate_per_subject", "subject", COHORT, "", WINDOW, 0.05),
        ("dismissal_rate_per_person", "person", "received_in_period", "", WINDOW, 0.05),
        ("dismissals", "subject", "in_period", "", WINDOW, 360.0),
    ]
    for kind, owner, stage, part in (
        ("own_work", "force", "psu_evidence", 0.1),
        ("waiting_for_own_staff", "force", "dormant", 0.3),
        ("another_body", "IOPC", "iopc_investigation", 0.4),
        ("another_body", "other bodies", "other_enquiries", 0.2),
    ):
        name = f"days_in_{kind}"
        rows.append((name, "allegation", COHORT, f"owner={owner}", WINDOW, days * part))
        rows.append((name, "allegation", COHORT, f"stage={stage}", WINDOW, days * part))
    for owner, part in (("force", 0.4), ("IOPC", 0.4), ("other bodies", 0.2)):
        rows.append(("mean_days_by_owner", "allegation", COHORT, f"owner={owner}", WINDOW, days * part))
    for basis, lag in ((COHORT, 0), ("survival", 60)):
        for within in range(30, 1801, 30):
            share = 1 - float(np.exp(-max(within - lag, 0) / days))
            rows.append(("share_finalised_within", "allegation", basis, f"days={within}", WINDOW, share))
    for group, share in (("", 0.33), ("breach=sexual_misconduct", 0.28), ("breach=other", 0.34)):
        rows.append(("share_still_open_at_extract", "allegation", "received_in_period", group, WINDOW, 0.12))
        for measure, value in (
            ("case_to_answer_rate", share),
            ("no_case_to_answer_rate", 0.57),
            ("other_end_rate", 0.43 - share),
            ("undecided_rate", 0.0),
        ):
            rows.append((measure, "allegation", COHORT, group, WINDOW, value))
    for number, year in enumerate(YEARS):
        rows.append(("dismissals", "subject", "in_period", "", year, 36.0 + number))
        rows.append(("removals", "subject", "in_period", "", year, 50.0 + number))
        for way, people in (
            ("dismissed", 30.0),
            ("would_have_been_dismissed", 6.0),
            ("vetting", 0.0),
            ("resigned", 90.0),
        ):
            rows.append(("exits", "subject", "in_period", f"exit={way}", year, people + number * (people > 0)))
    for rate, of, share, number in (
        ("dismissal_rate_per_subject", "subjects_finalised", 0.05, 12000.0),
        ("dismissal_rate_per_gross_case_to_answer", "gross_cases_to_answer", 0.3, 2000.0),
        ("dismissal_rate_per_hearing", "subjects_heard", 0.5, 700.0),
    ):
        basis = "in_period" if of == "subjects_heard" else COHORT
        rows += [(of, "subject", basis, "", WINDOW, number)]
        rows += [(rate, "subject", basis, "", WINDOW, share)] if of != "subjects_finalised" else []
    for number, day in enumerate(QUARTERS):
        rows += [
            (f"people_{status}", "person", "at_period_end", group, day, share * (60.0 + number))
            for status in ("suspended", "restricted")
            for group, share in (
                ("", 1.0),
                ("employment=staff", 0.2),
                ("command=borough", 0.6),
                ("command=specialist", 0.4),
            )
        ]
        for age, cases in (
            ("", 600.0),
            ("age=under_6_months", 250.0),
            ("age=6_to_12_months", 150.0),
            ("age=1_to_2_years", 150.0),
            ("age=over_2_years", 50.0),
        ):
            rows.append(("cases_open", "case", "at_period_end", age, day, cases + number))
        quarter = f"{day[:4]}Q{int(day[5:7]) // 3}"
        rows.append(("mean_days_to_finalise", "case", "finalised_in_period", "", quarter, 2 * days - number))
        rows.append(("cases_finalised", "case", "finalised_in_period", "", quarter, 300.0))
        if number < 20:  # the rest have not been followed for two years
            rows.append(("mean_days_to_two_years", "case", "survival", "", quarter, days))
            rows.append(("cases_received", "case", "received_in_period", "", quarter, 310.0))
        rows.append(("cases_open_over_12_months", "case", "at_period_end", "", day, days / 4))
        rows.append(("unallocated_cases", "case", "at_period_end", "", day, waiting * (1 + number)))
        rows.append(("unallocated_cases", "case", "at_period_end", "team=psu", day, waiting * (1 + number)))
        rows.append(("awaiting_hearing", "subject", "at_period_end", "", day, 80.0 + number))
    for team, slots in (("psu", 0.96), ("dps", 0.5)):
        rows.append(("slot_utilisation", "slot", "in_period", f"team={team}", WINDOW, slots))
        rows.append(("utilisation", "post", "in_period", f"team={team}", WINDOW, 0.7))
        rows.append(("mean_days_waiting_for_a_slot", "allocation", "in_period", f"team={team}", WINDOW, 12.0))
        rows.append(("live_cases", "case", "in_period", f"team={team}", WINDOW, 500.0))
    return rows


def reform(title: str, key: str, follows_from: str, text: str) -> Overlay:
    point = Point.model_validate({"text": text, "changes": (key,), "follows_from": follows_from})
    return Overlay(title=title, author="tests", in_force_on=date(2016, 4, 1), points=(point,))


HEADERS = {
    MORE: reform("Twelve more investigators", "psu.investigators", "structure", "More posts."),
    TRAINING: reform("Training in local units", "psu.hours_a_bout", "assumption", "How much faster is put in."),
}
EFFECT = {BASE: 0.0, MORE: -40.0, TRAINING: -20.0, OPPOSITE: 20.0}


def study(
    labels: Sequence[str] = (BASE, MORE, TRAINING, OPPOSITE),
    worlds: Sequence[str] = WORLDS,
    replications: int = 3,
    scenario: str = BASE,
    only: str = "",
) -> Study:
    made: dict[tuple[str, str], Figures] = {}
    for label in labels:
        for place, world in enumerate(worlds):
            matrix = []
            for replication in range(replications):
                days = (
                    380
                    + 40 * place
                    + replication
                    + EFFECT[label] * (1 + 0.05 * replication) * (place if label == MORE else 1)
                )
                table = pd.DataFrame(figures(days, waiting=5.0 * place), columns=[*KEYS, "value"])
                table = table[table["measure"].str.contains(only)]
                matrix.append(table["value"].to_numpy())
            unit = [MEASURES[name].unit for name in table["measure"]]
            names = table[list(KEYS)].assign(unit=unit).reset_index(drop=True)
            made[label, world] = Figures(names, np.array(matrix))
    reforms = {BASE: (), MORE: (MORE,), TRAINING: (TRAINING,), OPPOSITE: (TRAINING,)}
    return Study(
        title="A made-up study",
        base=BASE,
        arms=tuple(
            Arm(label, BASE, world, reforms[label], (), label == OPPOSITE) for label in labels for world in worlds
        ),
        worlds=tuple(worlds),
        seed=7,
        replications=replications,
        figures=made,
        summary=summarise(made),
        differences=differences(made, BASE),
        plans={(label, world): plan(scenario) for label in labels for world in worlds},
        headers=HEADERS,
        share_assumed=0.4,
        wall_seconds=0.0,
        engine="reference",
    )


@pytest.fixture(scope="module")
def whole() -> Study:
    return study()


@pytest.fixture(scope="module")
def three_worlds() -> Study:
    return study((BASE, MORE), ("slack", "dps_saturated", "psu_saturated"))


@pytest.fixture(scope="module")
def folder(whole: Study, tmp_path_factory: pytest.TempPathFactory) -> Path:
    place = tmp_path_factory.mktemp("report")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(style, "RESOLUTION", 40)
        write(whole, place)
    return place


def said(one: Study, *, width: int = 100, encoding: str = "utf-8") -> str:
    raw = io.BytesIO()
    file = io.TextIOWrapper(raw, encoding=encoding, newline="\n")
    print_summary(one, Console(file=file, width=width, force_terminal=False))
    file.flush()
    return raw.getvalue().decode(encoding)


# --- figures and their tables -----------------------------------------------------------------------------------------


def test_every_figure_has_a_picture_a_drawing_and_a_table(folder: Path) -> None:
    for picture in PICTURES:
        for ending in ("png", "svg", "csv"):
            assert (folder / "figures" / f"{picture.stem}.{ending}").stat().st_size > 500
    assert len(list((folder / "figures").iterdir())) == 3 * len(PICTURES)


@pytest.mark.parametrize("stem", [picture.stem for picture in PICTURES])
def test_a_table_holds_the_numbers_of_the_study(stem: str, folder: Path, whole: Study) -> None:
    table = pd.read_csv(
        folder / "figures" / f"{stem}.csv",
        comment="#",
        keep_default_na=False,
        na_values={"mean": "", "low": "", "high": ""},
    )
    keys = ["scenario", "world", "measure", "counted", "basis", "group", "period"]
    if stem == "quarters":
        table = table[table["basis"] == "at_period_end"].rename(columns={"ends_on": "period"})
        ones = {own_teams.GROUP: "team=psu", quarters.EVERY_STREAM: ""}  # the one team and stream of this study
        table["group"] = table["group"].replace(ones)
    source = (
        whole.differences
        if stem in ("differences", "displacement", "clearance")
        else whole.summary[whole.summary["interval"].str.startswith("computing")]
    )
    both = table.merge(source, on=keys, how="left", suffixes=("", "_source"))
    assert len(both) == len(table) > 0
    for column in ("mean", "low", "high"):
        np.testing.assert_allclose(both[column], both[f"{column}_source"])


def test_every_drawing_and_table_is_stamped_and_says_what_was_run(folder: Path) -> None:
    written = [path for path in folder.rglob("*") if path.suffix in (".svg", ".csv")]
    assert len(written) == 2 * len(PICTURES) + 3
    for path in written:
        text = path.read_text(encoding="utf-8")
        assert STAMP in text, path
        assert "3 replications; seed 7" in text, path
        assert "95% computing" in text, path


def test_a_drawing_has_a_title_and_a_description(folder: Path) -> None:
    for path in (folder / "figures").glob("*.svg"):
        text = path.read_text(encoding="utf-8")
        assert re.search(r"<title>[^<]{40,}</title>\s*<desc>[^<]{40,}</desc>", text), path
        assert "<dc:date>" not in text


def test_the_same_study_gives_the_same_bytes(
    folder: Path, whole: Study, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(style, "RESOLUTION", 40)
    for path in write(whole, tmp_path):
        assert path.read_bytes() == (folder / path.relative_to(tmp_path)).read_bytes(), path


def test_published_figures_stand_beside_the_models_with_their_role(folder: Path, whole: Study) -> None:
    headline = headline_table(whole).drop_duplicates("label").set_index("label")
    assert headline.loc["Mean days to finalise", ["published", "role"]].tolist() == [400.0, "may be fitted"]
    assert headline.loc["Took over two years", ["published", "role"]].tolist() == [0.2, "held back, not fitted"]
    drawn = (folder / "figures/distribution_of_days.svg").read_text(encoding="utf-8")
    assert "published: 62% within 1 year" in drawn
    assert "published: 2% over 4 years" in drawn
    assert "weak source" in drawn


def test_published_figures_are_of_their_own_force_and_days(whole: Study) -> None:
    assert tables.published(whole, "awaiting_hearing_sep_2022") is None, "after the extract date"
    assert tables.published(whole, "removals_2020") is not None
    village = study((BASE,), ("slack",), 1, scenario="village")
    assert headline_table(village)["published"].isna().all()
    assert "like the Met" not in tables.stamp(village)


# --- differences ------------------------------------------------------------------------------------------------------


def test_what_follows_from_assumption_is_labelled_with_its_opposite_after_it(folder: Path, whole: Study) -> None:
    assert tables.ordered_arms(whole) == [MORE, TRAINING, OPPOSITE]
    table = pd.read_csv(folder / "figures/differences.csv", comment="#")
    assert set(table.loc[table["scenario"] != MORE, "follows_from"]) == {"assumption"}
    assert set(table.loc[table["scenario"] == MORE, "follows_from"]) == {"structure"}
    assert (folder / "figures/differences.svg").read_text(encoding="utf-8").count("(follows from assumption)") == 2


def test_worlds_that_disagree_are_pointed_out(folder: Path, whole: Study) -> None:
    rows = tables.differences(whole, "mean_days_to_finalise", counted="allegation", basis=COHORT)
    assert tables.depends_on_the_world(rows[rows["scenario"] == MORE])
    assert not tables.depends_on_the_world(rows[rows["scenario"] == TRAINING])
    assert ">depends on the world</text>" in (folder / "figures/differences.svg").read_text(encoding="utf-8")


@pytest.mark.parametrize(
    ("mean", "low", "high", "way"),
    [
        (3, 1, 5, 1),
        (-3, -5, -1, -1),
        (3, -1, 7, 0),
        (0, 0, 0, 0),
        (-3, np.nan, np.nan, -1),
        (np.nan, np.nan, np.nan, 0),
    ],
)
def test_a_direction_is_one_that_the_interval_leaves(mean: float, low: float, high: float, way: int) -> None:
    assert tables.direction(mean, low, high) == way


def with_rise(one: Study, arm: str, mean: float, low: float, high: float) -> Study:
    """The study, with another change of the share that ends without a decision."""
    table = one.differences.copy()
    rows = (table["measure"] == "other_end_rate") & (table["group"] == "") & (table["scenario"] == arm)
    assert rows.sum() == len(WORLDS)
    table.loc[rows, ["mean", "low", "high"]] = (mean, low, high)
    return replace(one, differences=table)


def test_days_saved_by_dropping_cases_are_told_from_days_saved(whole: Study) -> None:
    dropped = beside.ends_unfinished(with_rise(whole, TRAINING, 0.05, 0.04, 0.06), TRAINING)
    assert "a case dropped is not a case done" in dropped
    assert all(f"{world} +5.0 points" in dropped for world in WORLDS)
    assert beside.ends_unfinished(whole, TRAINING) == "", "days fall, and as many end without a decision"
    assert beside.ends_unfinished(with_rise(whole, TRAINING, 0.05, -0.01, 0.11), TRAINING) == "", "it may be chance"
    assert beside.ends_unfinished(with_rise(whole, OPPOSITE, 0.05, 0.04, 0.06), OPPOSITE) == "", "days rise"


def test_what_a_reform_expects_to_move_is_said_where_no_column_shows_it(whole: Study) -> None:
    expected = [
        Expectation(measure="mean_days_to_finalise", direction="down", kind="structure"),
        Expectation(measure="utilisation", group="team=psu", direction="none", kind="structure"),
        Expectation(measure="awaiting_hearing", direction="none", kind="assumption"),
        Expectation(measure="people_suspended", group="breach=other", direction="none", kind="assumption"),
    ]
    told = replace(whole, headers={**HEADERS, TRAINING: HEADERS[TRAINING].model_copy(update={"expected": expected})})
    lines = beside.expected_to_move(told, TRAINING, {"mean_days_to_finalise"})
    assert len(lines) == 2, "one has a column, and of one there is no figure"
    assert all(f"{world} 0.0" in line for line in lines for world in WORLDS)
    assert "team psu" in lines[0]
    assert lines[0].endswith("follows from structure")
    assert "Awaiting a hearing" in lines[1]
    assert lines[1].endswith("follows from assumption")
    assert beside.expected_to_move(told, OPPOSITE, ()) == [], "the opposite expects nothing"
    assert beside.expected_to_move(whole, MORE, ()) == []


# --- the summary ------------------------------------------------------------------------------------------------------


def test_the_summary_says_the_main_things(whole: Study) -> None:
    text = " ".join(said(whole).split())
    for phrase in (
        "Mean days to finalise 381 421 400",
        "held back",
        "follows from assumption: How much faster is put in.",
        "follows from assumption: the effect above, turned round",
        "true mean days change by -42.0 to 0.0, observed mean days by -42.0 to 0.0. True mean days fall in psu_saturated; in slack no change is shown.",
        "What other numbers of investigators change depends on the world.",
        "a queue that never settles",
        "96.0% of slots in use",
        STAMP,
        "40.0% of the dated numbers behind this are assumed",
    ):
        assert phrase in text, phrase


def test_a_queue_that_does_not_settle_gets_a_verdict_instead_of_a_figure(whole: Study) -> None:
    assert queues.that_never_settle(whole) == {("psu_saturated", "psu")}
    rows = [line for line in said(whole).splitlines() if line.startswith("PSU, ")]
    assert ["never settles" in row for row in rows] == [False, True]


def with_use(one: Study, world: str, slots: float, wait: float) -> Study:
    """The study, with other shares of the slots of local units in use in a world of its base, another wait for one, and queues that stand still."""
    figures = dict(one.figures)
    names = figures[BASE, world].names
    local = names["group"] == "team=psu"
    matrix = figures[BASE, world].matrix.copy()
    matrix[:, (local & (names["measure"] == "slot_utilisation")).to_numpy()] = slots
    matrix[:, (local & (names["measure"] == "mean_days_waiting_for_a_slot")).to_numpy()] = wait
    matrix[:, ((names["measure"] == "mean_days_waiting_for_a_slot") & ~local).to_numpy()] = 0.0
    matrix[:, (names["measure"] == "unallocated_cases").to_numpy()] = 20.0
    figures[BASE, world] = Figures(names, matrix)
    return replace(one, figures=figures, summary=summarise(figures), differences=differences(figures, BASE))


def test_a_team_with_room_on_average_whose_cases_wait_for_a_place_is_not_called_one_that_does_not_bind(
    whole: Study,
) -> None:
    said_ = queues.binding(with_use(with_use(whole, "slack", 0.4, 0.2), "psu_saturated", 0.8, 61.0))
    assert said_ == (
        "In slack no team binds; in psu_saturated no team is nearly full on average, but cases wait 61 days for a place "
        "with PSU, where 80.0% are in use."
    )
    assert "in psu_saturated PSU binds." in queues.binding(with_use(whole, "psu_saturated", 0.95, 61.0))


def with_complaints(one: Study, a_year: float) -> Study:
    """The study, with as many dismissals after public complaints in each year and over the window."""
    figures = {}
    for key, played in one.figures.items():
        mine = (played.names["measure"] == "dismissals").to_numpy()
        more = played.names[mine].assign(group="stream=public")
        years = [len(YEARS) if "/" in period else 1 for period in more["period"]]
        values = np.tile(a_year * np.array(years), (len(played.matrix), 1))
        names = pd.concat([played.names, more], ignore_index=True)
        figures[key] = Figures(names, np.hstack([played.matrix, values]))
    return replace(one, figures=figures, summary=summarise(figures), differences=differences(figures, BASE))


def test_dismissals_beside_the_published_count_are_counted_as_it_is(
    whole: Study, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """36 in 2013-14 and one more each year, so 40 to 44 in the five years to March 2022; and 3 a year after complaints."""
    label = "Dismissals a year, complaints included"
    assert label not in set(headline_table(whole)["label"]), "without complaints it cannot be told"
    one = with_complaints(whole, 3.0)
    rows = headline_table(one).set_index("label")
    found = rows.loc[label]
    days = (date(2022, 4, 1) - date(2017, 4, 1)).days
    np.testing.assert_allclose(found["mean"], (40 + 41 + 42 + 43 + 44 + 5 * 3) * 365.25 / days)
    assert set(found["period"]) == {"2017-04-01/2022-03-31"}
    assert set(found["published"]) == {40.0}
    internal = rows.loc["Dismissals, internal cases, last full year"]
    assert set(internal["mean"]) == {44.0}
    assert internal["published"].isna().all(), "of other days, and without complaints"
    assert "Dismissals a year, complaints included 45 45 40" in " ".join(said(one).split())
    monkeypatch.setattr(style, "RESOLUTION", 40)
    write(one, tmp_path)
    drawn = (tmp_path / "figures" / "outcomes.svg").read_text(encoding="utf-8")
    lines = " ".join(" ".join(re.findall(r">([^<>]+)</(?:text|tspan)>", drawn)).split())
    assert "Published counts hold those after public complaints too, which here would be 3.0 dismissals a year" in lines
    assert "complaints included" in lines


def with_cost(one: Study, of: dict[str, float]) -> Study:
    """The study, with a cost of the window for each arm."""
    figures = {}
    for key, played in one.figures.items():
        row = pd.DataFrame([("cost", "pound", "in_period", "", WINDOW, "GBP")], columns=[*KEYS, "unit"])
        values = np.full((len(played.matrix), 1), of[key[0]])
        names = pd.concat([played.names, row], ignore_index=True)
        figures[key] = Figures(names, np.hstack([played.matrix, values]))
    return replace(one, figures=figures, summary=summarise(figures), differences=differences(figures, BASE))


def test_each_arm_says_what_it_costs_at_the_prices_of_which_year(whole: Study) -> None:
    one = with_cost(whole, {BASE: 9e6, MORE: 12.5e6, TRAINING: 9e6, OPPOSITE: 9e6 - 2345.0})
    assert costs.sentence(one, MORE).endswith("slack +3,500 (+3,500..+3,500); psu_saturated +3,500 (+3,500..+3,500)")
    assert "thousand pounds of 2024-25" in costs.sentence(one, MORE)
    assert costs.sentence(one, TRAINING).endswith("slack 0 (0..0); psu_saturated 0 (0..0)")
    assert "slack -2 (-2..-2)" in costs.sentence(one, OPPOSITE)
    assert " ".join(said(one).split()).count("thousand pounds of 2024-25") == 3
    assert costs.sentence(whole, MORE) == ""


def test_every_unit_cost_is_in_pounds_of_the_year_that_is_named() -> None:
    numbers = tables.evidence().numbers
    prices = [number for key, number in numbers.items() if key.startswith("costs.") and number.unit.startswith("GBP")]
    assert len(prices) > 20
    for number in prices:
        assert all(f"pounds of {PRICES}" in step.because for step in number.steps), number.key


@pytest.mark.parametrize("width", [60, 80, 100, 140])
def test_no_number_is_broken(width: int, three_worlds: Study) -> None:
    one = three_worlds
    ranges = set(re.findall(r"\S+\.\.\S+", said(one, width=400)))
    assert len(ranges) > 20
    text = said(one, width=width)
    assert ranges <= set(re.findall(r"\S+\.\.\S+", text))
    if width >= 80:
        assert max(map(len, text.splitlines())) <= width


def test_a_terminal_without_utf_8_gets_ascii(whole: Study) -> None:
    assert said(whole, encoding="ascii").isascii()


def test_nothing_is_said_that_must_not_be(folder: Path, whole: Study) -> None:
    texts = {"summary": said(whole)}
    texts |= {
        path.name: path.read_text(encoding="utf-8") for path in folder.rglob("*") if path.suffix in (".svg", ".csv")
    }
    for name, text in texts.items():
        shown = re.sub(r"<(?!/?(text|title|desc|tspan)\b)[^>]*>", " ", text)
        assert not FORBIDDEN.findall(shown), name


# --- less than everything ---------------------------------------------------------------------------------------------


def test_one_world_and_one_arm_will_do(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(style, "RESOLUTION", 30)
    one = study((BASE,), ("",), 1)
    names = {path.name for path in write(one, tmp_path)}
    assert "teams.png" in names
    assert "differences.png" not in names
    assert not_drawn(one) == [
        "differences is not drawn: nothing was compared.",
        "displacement is not drawn: no days by owner were compared.",
        "clearance is not drawn: nothing was compared quarter by quarter.",
    ]


@pytest.mark.parametrize("replications", [1, 2])
def test_one_replication_has_no_interval(replications: int) -> None:
    text = said(study((BASE,), ("",), replications))
    assert "nan" not in text.lower()
    assert ("no interval: a single replication" in text) == (replications == 1)


def test_null_differences_can_be_drawn(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(style, "RESOLUTION", 30)
    one = study(replications=1, only="mean_days_to_finalise")
    assert {path.stem for path in write(one, tmp_path)} == {
        "headline",
        "limits",
        "differences",
        "clearance",
    }
    assert "differences" not in " ".join(not_drawn(one))


def test_an_empty_study_is_reported_as_such(tmp_path: Path) -> None:
    one = study((BASE,), ("slack",), 1, only="most_cases_of_one_person")
    assert [path.name for path in write(one, tmp_path)] == ["headline.csv", "limits.csv"]
    assert len(not_drawn(one)) == len(PICTURES)
    assert STAMP in said(one)


def test_ends_of_an_interval_that_can_not_be_are_not_shown_and_changes_keep_theirs() -> None:
    assert tables.between(-3.0, 9.0, "count") == "0..9"
    assert tables.between(-0.1, 0.3, "fraction") == "0.0..30.0%"
    assert tables.between(0.9, 1.2, "fraction") == "90.0..100.0%"
    assert tables.between(-3.0, 9.0, "count", sign=True) == "-3.0..+9.0"
    assert tables.between(2.0, 9.0, "count") == "2..9"


def test_where_a_queue_never_settles_it_is_said_before_the_days_with_and_without() -> None:
    made = study()
    (said,) = [line for line in queues.leading(made, MORE) if "PSU" in line]
    assert said.startswith("  In psu_saturated a queue never settles: PSU (a place), cases unallocated at the end ")
    assert said.endswith("The change of days there grows with the run.")
    rows = made.summary[(made.summary["measure"] == "unallocated_cases") & (made.summary["group"] == "team=psu")]
    rows = rows[(rows["world"] == "psu_saturated") & (rows["period"] == rows["period"].max())]
    without, with_it = (tables.value_of(rows, scenario=label) for label in (BASE, MORE))
    assert f"{without:,.0f} without and {with_it:,.0f} with." in said


def pictures(study: Study, *stems: str) -> Iterator[Figure]:
    for picture in PICTURES:
        if picture.stem in stems:
            yield picture.draw(study, picture.table(study)).figure


def test_one_world_s_line_has_no_marks_that_look_like_data(whole: Study) -> None:
    one = study((BASE,), ("slack",), 3)
    stems = ("distribution_of_days", "awaiting_hearing", "suspension")
    for several, alone in zip(pictures(whole, *stems), pictures(one, *stems), strict=True):
        drawn = [[line for axes in figure.axes for line in axes.lines] for figure in (several, alone)]
        marks = [{str(line.get_marker()) for line in lines if len(line.get_xdata()) > 2} for lines in drawn]  # type: ignore[arg-type]
        assert {look.marker for look in style.looks(whole.worlds).values()} <= marks[0], "worlds are told apart"
        assert marks[1] <= {"None", ""}


def test_words_about_a_published_count_stand_above_all_that_is_drawn(whole: Study) -> None:
    """Also where the interval of a count reaches far above the published one."""
    counts = whole.summary["measure"].isin(["dismissals", "removals"])
    wide = whole.summary.assign(high=whole.summary["high"].where(~counts, whole.summary["mean"] + 200))
    for made in (whole, replace(whole, summary=wide)):
        (figure,) = pictures(made, "outcomes")
        figure.draw_without_rendering()
        panels = [axes for axes in figure.axes if axes.get_title(loc="left").endswith("each financial year")]
        assert len(panels) == 2
        for axes in panels:
            words = [text for text in axes.texts if text.get_text().startswith("published")]
            assert words
            bars = [bar.get_segments() for bar in axes.collections if isinstance(bar, LineCollection)]
            top = max(
                *(float(np.max(one)) for bar in bars for one in np.asarray(bar)[..., 1]),
                *(float(np.max(line.get_ydata())) for line in axes.lines),
            )
            lowest = min(text.get_window_extent().y0 for text in words)
            assert axes.transData.transform((0.0, top))[1] <= lowest
            heights = sorted((text.get_window_extent().y0, text.get_window_extent().y1) for text in words)
            assert all(below[1] <= above[0] for below, above in pairwise(heights))


def test_queues_drawn_are_those_of_the_force_and_say_so(whole: Study) -> None:
    rows = [
        whole.summary[
            (whole.summary["measure"] == "unallocated_cases") & (whole.summary["group"] == "team=psu")
        ].assign(group=group)
        for group in ("team=dps", "team=specialist", "team=anti_corruption", "team=iopc")
    ]
    made = replace(whole, summary=pd.concat([whole.summary, *rows], ignore_index=True))
    (figure,) = pictures(made, "open_cases_by_age")
    (key,) = (axes.get_legend() for axes in figure.axes if axes.get_legend())
    assert key is not None
    assert [text.get_text() for text in key.get_texts()] == ["PSU", "DPS", "specialist", "anti corruption"]
    assert any("wait for the IOPC" in text.get_text() for text in figure.texts)


def test_no_footnote_is_cut_off_at_the_right(whole: Study) -> None:
    long = (
        "What a change of staff does depends on the world: these numbers hold in slack, and the others may say otherwise. "
        * 4
    )
    figure = style.page(4.0, "A title", [long, tables.stamp(whole)])
    figure.draw_without_rendering()
    assert len(figure.texts) > 3
    assert all(text.get_window_extent().x1 <= figure.bbox.x1 for text in figure.texts)


# --- what was set, and a study at a glance ----------------------------------------------------------------------------

SET = (("psu.investigators@2018-04-01", "10"), ("psu.caseload", "12"))
WITH = f"{BASE} with psu.investigators = 10 from 2018-04-01, psu.caseload = 12"


def with_settings(made: Study, settings: tuple[tuple[str, str], ...]) -> Study:
    return replace(made, arms=tuple(replace(arm, settings=settings) for arm in made.arms))


def test_what_was_set_stands_wherever_the_scenario_is_named(whole: Study, tmp_path: Path) -> None:
    """Every figure and table has the foot of `tables.foot`; that is tested above."""
    made = with_settings(whole, SET)
    for path in write_tables(made, tmp_path):
        assert f"# Scenario {WITH}; " in path.read_text(encoding="utf-8"), path.name
    (figure,) = pictures(made, "exits")
    assert f"Scenario {WITH}; " in " ".join(text.get_text() for text in figure.texts)
    on_screen = said(made, width=200)
    assert f"{WITH}, intervals" in on_screen
    assert f"Change from {WITH}, in the same futures" in on_screen
    assert f"Teams of {WITH}, " in on_screen


@pytest.mark.parametrize(
    ("settings", "words"),
    [
        ((), "v"),
        ((("a.b", "1"),), "v with a.b = 1"),
        (tuple((f"a.{n}", "1") for n in "bcdefg"), "v with a.b = 1, a.c = 1, a.d = 1, a.e = 1, 2 more, in run.json"),
    ],
)
def test_a_caption_names_single_changes_and_counts_the_rest(settings: tuple[tuple[str, str], ...], words: str) -> None:
    assert caption("v", settings) == words


def test_a_study_at_a_prompt_is_a_few_lines_with_its_headline(whole: Study) -> None:
    for shown in (repr(with_settings(whole, SET)), with_settings(whole, SET)._repr_html_()):
        assert len(shown) < 4000
        assert WITH in shown
        assert whole.limits in shown
        for world in whole.worlds:
            mine = tables.pick(tables.base_rows(whole, "mean_days_to_finalise"), counted="allegation", basis=COHORT)
            assert f"{tables.value_of(mine, world=world):,.0f} days (" in shown
        assert shown.count("follows from assumption") == len(whole.worlds) * 2, "training, and its opposite"
    assert len(repr(whole).splitlines()) < 25


def test_a_study_at_a_prompt_is_short_however_many_arms_there_are(whole: Study) -> None:
    arms = tuple(replace(whole.arms[0], label=f"arm {number}") for number in range(40))
    rows = whole.differences[whole.differences["scenario"] == MORE]
    many = pd.concat([rows.assign(scenario=arm.label) for arm in arms], ignore_index=True)
    shown = repr(replace(whole, arms=(*whole.arms[:2], *arms), differences=many))
    assert "arm 5" in shown
    assert "arm 6" not in shown
    assert "and 34 more arms" in shown


def test_a_study_in_a_notebook_shows_text_and_no_markup_of_its_own(whole: Study) -> None:
    assert "<b>x</b>" not in replace(whole, title="<b>x</b>")._repr_html_()
