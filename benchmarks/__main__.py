"""What is measured today? All of it in some ten minutes, or a look: ``python -m benchmarks --quick``."""

from __future__ import annotations

import argparse
import sys
import time
from pathlib import Path

from benchmarks import machine, table
from benchmarks.child import ROOT
from benchmarks.engines import ENGINES
from benchmarks.rounds import PARTS, errands, measured


def main() -> None:
    """Measure, print the page, and keep it."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("--quick", action="store_true", help="one round, without what is slow; nothing is written")
    parser.add_argument("--parts", nargs="+", choices=PARTS, default=PARTS, help="only these")
    parser.add_argument("--out", type=Path, help="where the tables go; results/benchmark if everything is measured")
    asked = parser.parse_args()

    began = time.perf_counter()
    missing = {engine.name: why for engine in ENGINES.values() if (why := engine.why_not())}

    def tell(line: str) -> None:
        sys.stderr.write(f"{time.perf_counter() - began:5.0f} s  {line}\n")

    todo = errands(asked.parts, asked.quick, missing)
    figures = measured(todo, missing, rounds=1 if asked.quick else None, tell=tell)
    page = table.markdown(table.Figures(figures), machine.described(), missing)
    sys.stdout.write(page)
    everything = not asked.quick and set(asked.parts) == set(PARTS)
    folder = asked.out or (ROOT / "results" / "benchmark" if everything else None)
    if folder is not None:
        table.write(folder, figures, page)


if __name__ == "__main__":
    main()
