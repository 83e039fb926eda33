"""A slow study, ``make agreement``: both engines play the large force in every world, with each shipped reform in one of them by turns, and each row has to be equal.

It writes one line for each play. `test_fast.py` does the same with `village` in the ordinary tests.
"""

import csv
import sys
import time
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path

from agreement import first_difference

from sim.engines import fast, reference
from sim.scenario import load_scenario
from sim.scenario.load import reforms_for

SCENARIOS = ("casey_2022", "today")
"""A reform is played on the first of them that it is written for."""
SEEDS = {"slack": 1, "dps_saturated": 2, "psu_saturated": 3}
"""Of each world."""
COLUMNS = ("scenario", "world", "reform", "seed", "plan", "event_rows", "first_difference")


def questions() -> list[tuple[str, str, str, int]]:
    """Scenario, world, reform (or none) and seed of every play."""
    asked: dict[str, str] = {}
    for scenario in SCENARIOS:
        for reform in reforms_for(scenario):
            asked.setdefault(reform, scenario)
    turns = [*SEEDS.items()]
    bases = [(scenario, world, "", seed) for scenario in SCENARIOS for world, seed in turns]
    with_one = []
    for at, (reform, scenario) in enumerate(asked.items()):
        world, seed = turns[at % len(turns)]
        with_one.append((scenario, world, reform, seed))
    return bases + with_one


def compared(question: tuple[str, str, str, int]) -> tuple[object, ...]:
    """One line: what was played, how many event rows it has, and where the engines first differ."""
    scenario, world, reform, seed = question
    plan = load_scenario(scenario, world=world, reforms=[reform] if reform else []).plan
    one, other = reference.play(plan, seed), fast.play(plan, seed)
    rows = len(one.events["minute"])
    return (scenario, world, reform, seed, plan.fingerprint, rows, first_difference(plan, one, other))


def main(out: Path) -> int:
    plays = questions()
    began = time.perf_counter()
    with ProcessPoolExecutor() as pool:
        lines = []
        for line in pool.map(compared, plays):
            lines.append(line)
            print(f"{len(lines)}/{len(plays)} {time.perf_counter() - began:.0f} s: {line}", file=sys.stderr)
    out.parent.mkdir(parents=True, exist_ok=True)
    with out.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(COLUMNS)
        writer.writerows(sorted(lines, key=str))
    differ = sum(bool(line[-1]) for line in lines)
    print(f"{len(lines)} plays, {sum(int(str(line[5])) for line in lines):,} event rows; {differ} differ: {out}")
    return 1 if differ else 0


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1])))
