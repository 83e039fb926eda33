"""Do the notebooks run as they are, from their first cell to their last, and do they hold what they say?"""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from notebook import ROOT, code_cells, play

NOTEBOOKS = sorted((ROOT / "examples").glob("*.ipynb"))


def test_there_is_a_notebook() -> None:
    assert [path.name for path in NOTEBOOKS] == ["planner.ipynb"]


@pytest.mark.slow
@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_every_cell_runs_and_shows_the_kinds_of_things_that_are_kept(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Figures may move when evidence does, so it is kinds that are compared: ``make examples`` writes them anew."""
    monkeypatch.chdir(ROOT)
    notebook = json.loads(path.read_text(encoding="utf-8"))
    kept = [cell["outputs"] for cell in code_cells(notebook)]
    found = play(notebook)
    assert [[set(one.get("data", {})) for one in cell] for cell in found] == [
        [set(one.get("data", {})) for one in cell] for cell in kept
    ]
