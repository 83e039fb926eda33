"""Does the misconduct pathway do what the law says, rule by rule? Every file of `tests/cases` is one case, with its sums.

To read one case with all it came to: change a date in its file and run it, ``pytest -k <file>``.
"""

from pathlib import Path

import pytest
from case_files import case_files, read_case
from one_case import report, scenario_plan

from sim.pathway.misconduct import PATHWAY


@pytest.mark.parametrize("path", case_files(), ids=lambda path: path.stem)
def test_a_case_goes_the_way_its_file_says(path: Path) -> None:
    text = report(path)
    assert not text, f"\n{text}"


def test_every_file_tells_a_rule_of_its_own() -> None:
    rules = [read_case(path).rule for path in case_files()]
    assert len(set(rules)) == len(rules)


def test_every_law_that_changes_on_a_date_is_shown_by_a_case_that_fails_without_it() -> None:
    """But for limits that only measures read: they turn no case another way."""
    plan = scenario_plan("casey_2022")
    changing = {value.name for value in plan.values if value.name.startswith("law.") and len(set(value.values)) > 1}
    counted = {plan.values[clock.within].name for clock in plan.clocks} | set(PATHWAY.told)
    shown = {key for path in case_files() for key in read_case(path).would_fail_if}
    assert len(changing - counted) > 20
    assert changing - counted - shown == set()
