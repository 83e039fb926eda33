"""Does it need a compiler? Measures are one and the same code, compiled or not."""

from __future__ import annotations

import pickle
import subprocess
import sys
from pathlib import Path

import pandas as pd

from sim.engines.reference import play
from sim.measures import ledger, measure
from sim.scenario import load_scenario

WITHOUT_A_COMPILER = """
import pickle, sys
sys.modules["numba"] = None
from sim.compile import INSTALLED
from sim.measures import ledger, measure
assert not INSTALLED
plan, record = pickle.load(open(sys.argv[1], "rb"))
pickle.dump((measure(plan, record), ledger(plan, record)), open(sys.argv[2], "wb"))
"""


def test_without_a_compiler_every_figure_is_the_same_to_the_last_digit(tmp_path: Path) -> None:
    plan = load_scenario("village", world="psu_saturated").plan
    record = play(plan, 1)
    (tmp_path / "record").write_bytes(pickle.dumps((plan, record)))
    subprocess.run(
        [sys.executable, "-c", WITHOUT_A_COMPILER, str(tmp_path / "record"), str(tmp_path / "figures")], check=True
    )
    figures, days = pickle.loads((tmp_path / "figures").read_bytes())
    pd.testing.assert_frame_equal(figures, measure(plan, record), check_exact=True)
    pd.testing.assert_frame_equal(days, ledger(plan, record), check_exact=True)
    assert figures["value"].notna().sum() > 1000
