"""Does the meter say what moved from whom to whom, and nothing where nothing did?"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from test_report import FORBIDDEN, HEADERS, STAMP, plan

from sim.experiment import Arm, Figures, Study
from sim.experiment.intervals import differences, summarise
from sim.experiment.study import KEYS
from sim.measures import MEASURES
from sim.measures.owners import owners_of
from sim.report import displacement, tables
from sim.report.displacement import METER, draw_displacement, sentences

WINDOW, LAST = "2013-04-01/2022-03-31", "2022-03-31"
BASE, ARM = "casey_2022", "more_investigators"
BASIS = {measure: (counted, basis) for measure, counted, basis, _ in METER}

Changes = Mapping[tuple[str, str], Sequence[float]]
"""By measure and group, how much more than the base in each replication."""

FUTURES = 3
BEGINS = {
    ("mean_days_by_owner", "owner=force"): 200.0,
    ("mean_days_by_owner", "owner=IOPC"): 100.0,
    ("mean_days_by_owner", "owner=hearing panel and parties"): 20.0,
    ("cases_received", ""): 900.0,
    ("cases_received", "stream=public"): 900.0,
    ("mean_days_waiting_for_a_slot", "stream=internal"): 10.0,
    ("mean_days_waiting_for_a_slot", "stream=public"): 10.0,
    ("unallocated_cases", ""): 5.0,
    ("post_days", "team=psu"): 10_000.0,
    ("post_days", "team=dps"): 10_000.0,
    ("officer_days_suspended", ""): 800.0,
    ("cost", "payer=force"): 1_000_000.0,
    ("cost", "payer=local_policing_body"): 100_000.0,
    ("cost", "item=suspension_pay"): 50_000.0,
}
"""What the base has in its first replication; each further one has one per cent more."""


def study(changes: Changes, *, replications: int = FUTURES, arm: str = ARM, world: str = "slack") -> Study:
    names = [
        (measure, *BASIS[measure], group, LAST if BASIS[measure][1] == "at_period_end" else WINDOW)
        for measure, group in BEGINS
    ]
    made = {}
    for label in (BASE, arm):
        matrix = [
            [
                begins * (1 + 0.01 * future) + (changes.get(key, [0.0] * FUTURES)[future] if label == arm else 0.0)
                for key, begins in BEGINS.items()
            ]
            for future in range(replications)
        ]
        table = pd.DataFrame(names, columns=list(KEYS)).assign(unit=[MEASURES[measure].unit for measure, _ in BEGINS])
        made[label, world] = Figures(table, np.array(matrix))
    return Study(
        title="A made-up study",
        base=BASE,
        arms=tuple(Arm(label, BASE, world, () if label == BASE else (ARM,)) for label in (BASE, arm)),
        worlds=(world,),
        seed=7,
        replications=replications,
        figures=made,
        summary=summarise(made),
        differences=differences(made, BASE),
        plans={(label, world): plan() for label in (BASE, arm)},
        headers=HEADERS,
        share_assumed=None,
        wall_seconds=0.0,
        engine="reference",
    )


def said(changes: Changes, **more: int) -> list[str]:
    return sentences(study(changes, **more), ARM)


FORCE, IOPC, PANEL = (
    ("mean_days_by_owner", f"owner={owner}") for owner in ("force", "IOPC", "hearing panel and parties")
)


def test_a_reform_that_changes_nothing_moves_nothing() -> None:
    one = study({})
    table = displacement.displacement(one)
    assert (table[["mean", "low", "high"]] == 0).all(axis=None)
    assert sentences(one, ARM) == []
    drawn = draw_displacement(one, table)
    assert "nothing moved from one body to another" in drawn.description


def test_days_that_go_from_one_body_to_another_are_named() -> None:
    changes = {FORCE: (-11.0, -12.0, -13.0), PANEL: (8.9, 9.0, 9.1)}
    assert said(changes) == [
        "  slack: days moved, of cases finalised: 12.0 days fewer with the force, 9.0 days more waiting for a hearing."
    ]


def test_the_largest_move_is_named_first() -> None:
    changes = {FORCE: (-2.0, -2.1, -2.2), IOPC: (-7.0, -7.1, -7.2), PANEL: (5.0, 5.0, 5.0)}
    assert said(changes) == [
        "  slack: days moved, of cases finalised: 7.1 days fewer with the IOPC, 2.1 days fewer with the force, 5.0 days more waiting for a hearing."
    ]


FEWER, MORE = "12.0 days fewer with the force", "9.0 days more waiting for a hearing"


@pytest.mark.parametrize(
    ("changes", "told"),
    [
        ({FORCE: (-11.0, -12.0, -13.0)}, FEWER),  # nobody has more
        ({PANEL: (8.9, 9.0, 9.1)}, MORE),  # nobody has fewer
        ({FORCE: (-11.0, -12.0, -13.0), PANEL: (-30.0, 9.0, 39.0)}, FEWER),  # it may be chance
        ({FORCE: (-11.0, -12.0, -13.0), PANEL: (0.04, 0.04, 0.04)}, FEWER),  # it rounds to nothing
    ],
)
def test_no_move_is_named_where_one_side_of_it_is_missing(changes: Changes, told: str) -> None:
    """The days of the other side are told, as a change and not as a move."""
    assert said(changes) == [f"  slack: days, of cases finalised: {told}."]


def test_a_single_future_cannot_say_that_days_moved() -> None:
    assert said({FORCE: (-12.0,), PANEL: (9.0,)}, replications=1) == []


def test_a_stream_that_is_flooded_is_said_to_starve_the_other() -> None:
    changes = {
        ("cases_received", "stream=public"): (300.0, 310.0, 320.0),
        ("mean_days_waiting_for_a_slot", "stream=internal"): (20.0, 21.0, 22.0),
        ("mean_days_waiting_for_a_slot", "stream=public"): (-0.5, 0.0, 0.5),
    }
    assert said(changes) == ["  slack: more public cases come in, and internal cases wait 21.0 days longer for a slot."]


def test_a_flood_that_makes_only_its_own_stream_wait_starves_nobody() -> None:
    changes = {
        ("cases_received", "stream=public"): (300.0, 310.0, 320.0),
        ("mean_days_waiting_for_a_slot", "stream=public"): (20.0, 21.0, 22.0),
    }
    assert said(changes) == []


def test_a_stream_that_is_put_first_is_said_to_starve_the_other() -> None:
    changes = {
        ("mean_days_waiting_for_a_slot", "stream=internal"): (-4.0, -4.1, -4.2),
        ("mean_days_waiting_for_a_slot", "stream=public"): (20.0, 21.0, 22.0),
    }
    assert said(changes) == [
        "  slack: internal cases wait 4.1 days less for a slot, and public cases wait 21.0 days longer for a slot."
    ]


def test_posts_name_the_unit_that_gives_them_up_in_officer_days() -> None:
    psu, dps = ("post_days", "team=psu"), ("post_days", "team=dps")
    assert said({psu: (-3653.0,) * 3, dps: (3653.0,) * 3}) == [
        "  slack: posts moved: 3,653 calendar days of taking cases given up by PSU, 3,653 calendar days of taking cases gained by DPS."
    ]
    assert said({psu: (3653.0,) * 3}) == [
        "  slack: posts moved: 3,653 calendar days of taking cases gained by PSU, 3,653 more in all, from units that are not modelled and go "
        "without them."
    ]
    assert said({psu: (-3653.0,) * 3, dps: (653.0,) * 3}) == [
        "  slack: posts moved: 3,653 calendar days of taking cases given up by PSU, 653 calendar days of taking cases gained by DPS, 3,000 fewer in all."
    ]


def test_cost_that_goes_from_one_payer_to_another_is_named() -> None:
    changes = {
        ("cost", "payer=force"): (-90_000.0, -91_000.0, -92_000.0),
        ("cost", "payer=local_policing_body"): (40_000.0, 40_000.0, 40_000.0),
    }
    assert said(changes) == [
        "  slack: cost moved: GBP 91,000 less for the force, GBP 40,000 more for the local policing body."
    ]


def test_fewer_days_of_suspension_are_no_saving() -> None:
    """The change stands in the table, as a cost; no sentence makes a gain of it."""
    pay = ("cost", "item=suspension_pay")
    one = study({pay: (-9000.0, -9100.0, -9200.0), ("officer_days_suspended", ""): (-50.0, -51.0, -52.0)})
    table = displacement.displacement(one)
    assert tables.value_of(table, measure="cost", group="item=suspension_pay") == pytest.approx(-9100)
    assert sentences(one, ARM) == []
    assert not re.search(r"sav(e|ing)", draw_displacement(one, table).description)


def test_the_table_holds_every_side_of_the_meter_as_the_study_has_it() -> None:
    one = study({FORCE: (-11.0, -12.0, -13.0), ("unallocated_cases", ""): (2.0, 3.0, 4.0)})
    table = displacement.displacement(one)
    assert set(zip(table["measure"], table["group"], strict=True)) == set(BEGINS)
    assert list(dict.fromkeys(table["measure"])) == [
        measure for measure, *_ in METER if measure in set(table["measure"])
    ]
    both = table.merge(one.differences, on=["scenario", "world", *KEYS], suffixes=("", "_source"))
    assert len(both) == len(table) == len(BEGINS)
    assert both["mean"].equals(both["mean_source"])
    assert tables.value_of(table, measure="unallocated_cases") == pytest.approx(3)


def test_a_drawing_is_stamped_names_its_owners_and_says_nothing_that_must_not_be_said() -> None:
    one = study({FORCE: (-11.0, -12.0, -13.0), PANEL: (8.9, 9.0, 9.1)})
    drawn = draw_displacement(one, displacement.displacement(one))
    labels = [label.get_text() for label in drawn.figure.axes[0].get_yticklabels()]
    assert labels == ["More investigators", "Force", "Hearing panel and parties"]  # the IOPC's days do not change
    bars = [patch.get_width() for patch in drawn.figure.axes[0].patches]
    assert bars == pytest.approx([-12, 9])
    written = [text.get_text() for text in drawn.figure.texts]
    assert any(STAMP in text for text in written)
    assert not FORBIDDEN.search(" ".join([*written, drawn.title, drawn.description]))


def test_without_days_by_owner_there_is_no_meter() -> None:
    one = study({})
    few = one.differences[one.differences["measure"] != "mean_days_by_owner"]
    assert displacement.displacement(replace(one, differences=few)).empty


def test_every_measure_of_the_meter_is_registered_with_what_it_is_split_by() -> None:
    for measure, counted, basis, split in METER:
        assert counted in MEASURES[measure].counted
        assert basis in MEASURES[measure].basis
        assert {part for part in split if part} <= set(MEASURES[measure].groups)


def test_every_owner_of_the_pathway_has_words() -> None:
    assert {place.owner for place in owners_of(plan()).places} <= displacement.OWNERS.keys()
