"""Does the misconduct pathway do what the law says, rule by rule? Every file of `tests/cases` is one case, with its sums.

To read one case with all it came to: change a date in its file and run it, ``pytest -k <file>``.
"""

from pathlib import Path

import pytest
from case_files import case_files, read_case
from one_case import report


@pytest.mark.parametrize("path", case_files(), ids=lambda path: path.stem)
def test_a_case_goes_the_way_its_file_says(path: Path) -> None:
    text = report(path)
    assert not text, f"\n{text}"


def test_every_file_tells_a_rule_of_its_own() -> None:
    rules = [read_case(path).rule for path in case_files()]
    assert len(set(rules)) == len(rules)
