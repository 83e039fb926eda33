"""Does other work that draws on the same people starve misconduct cases, and is that said?"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pytest

from sim.engines import fast
from sim.experiment import Study, compare
from sim.plan import MINUTES_A_DAY, Plan
from sim.record import What
from sim.report import displacement
from sim.scenario import load_scenario

FLOODS = {
    "complaints": ('[scale]\n"public.cases" = 1.8', "more public cases come in"),
    "reports": ('[scale]\n"reporting.share" = 1.6', "more misconduct cases come in"),
    "reopened": (
        '[set]\n"law.force_may_reopen" = 1\n"reopening.share" = 0.3\n[scale]\n"reopening.after" = 0.2',
        "more cases are opened again",
    ),
}
"""What each lays over the base, and how the output names it."""
WORLD = "psu_saturated"


@pytest.fixture(scope="module")
def flooded(tmp_path_factory: pytest.TempPathFactory) -> Study:
    """Each flood from the opening of the window, in the same futures of a small force whose local units are short of places."""
    folder = tmp_path_factory.mktemp("floods")
    (folder / "reforms").mkdir()
    for name, (changes, _) in FLOODS.items():
        keys = [line.partition(" =")[0] for line in changes.splitlines() if line.startswith('"')]
        header = f'title = "{name}"\nauthor = "tests"\nin_force_on = {{ today = 2027-01-01 }}\n'
        point = f'[[points]]\ntext = "More work."\nchanges = [{", ".join(keys)}]\nfollows_from = "structure"\n'
        (folder / "reforms" / f"{name}.toml").write_text(f"{header}{changes}\n{point}", encoding="utf-8")
    return compare("village_today", list(FLOODS), worlds=[WORLD], replications=6, folder=folder, workers=1)


@pytest.mark.parametrize("flood", FLOODS)
def test_misconduct_cases_wait_longer_for_the_same_people_and_it_is_said(flooded: Study, flood: str) -> None:
    table = displacement.displacement(flooded)
    mine = table[(table["scenario"] == flood) & (table["measure"] == displacement.OWN_STAFF)]
    (wait,) = mine.to_dict("records")
    assert wait["low"] > 0, "beyond the computing interval"
    (said,) = displacement.sentences(flooded, flood)
    told = f"misconduct cases wait {wait['mean']:.1f} days longer for the force's own staff"
    clause = next(clause for clause in said.rstrip(".").split("; ") if clause.endswith(told))
    assert FLOODS[flood][1] in clause


def test_public_complaints_take_the_places_of_misconduct_cases(flooded: Study) -> None:
    table = displacement.displacement(flooded)
    mine = table[(table["scenario"] == "complaints")]

    def change(measure: str, group: str) -> tuple[float, float]:
        (one,) = mine[(mine["measure"] == measure) & (mine["group"].fillna("") == group)].to_dict("records")
        return one["low"], one["high"]

    assert change(displacement.RECEIVED, "stream=public")[0] > 0
    low, high = change(displacement.RECEIVED, "")
    assert low <= 0 <= high, "no more misconduct cases come in"
    assert change(displacement.WAIT, "stream=internal")[0] > 0


def test_vetting_reviews_starve_each_other_and_nobody_else() -> None:
    """Those who review clearance have a team of their own, beside the case: a flood of reviews is waited for by reviews alone."""

    def played(**settings: str) -> tuple[Plan, float]:
        """The plan, and the mean days that reviews wait for attention."""
        plan = load_scenario("village_today", world=WORLD, settings=settings).plan
        rows = fast.play(plan, 1, 0).events
        names = np.array([node.name for node in plan.nodes])[rows["node"]]
        return plan, mean_days(rows, names == "vetting_review", What.ASKED, What.STARTED)

    (plan, few), (_, many) = played(), played(**{"vetting.from_no_case_share@2027-01-01": "1"})
    assert many > few
    team = next(at for at, team in enumerate(plan.teams) if team.name == "vetting")
    assert [node.name for node in plan.nodes if node.team == team] == ["vetting_review"]


def mean_days(rows: Mapping[str, np.ndarray], here: np.ndarray, joined: What, served: What) -> float:
    """Mean days between joining a queue and being served, of those who were."""
    since: dict[tuple[int, int], int] = {}
    waited = []
    at = here & np.isin(rows["what"], [joined, served])
    columns = (rows[name][at].tolist() for name in ("minute", "case", "token", "what"))
    for minute, case, token, what in zip(*columns, strict=True):
        if what == joined:
            since[case, token] = minute
        elif (case, token) in since:
            waited.append(minute - since.pop((case, token)))
    return sum(waited) / len(waited) / MINUTES_A_DAY
