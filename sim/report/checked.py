"""What did a check find, on the screen? A line for each target, its family's vote, and the score."""

from __future__ import annotations

from collections.abc import Mapping
from math import isnan

from rich.console import Console

from sim.calibration.check import Check
from sim.calibration.score import CALIBRATE, CONFLICT, NEEDED, VALIDATE
from sim.report.validation import amount, rows_of, span

HEADINGS: Mapping[str, str] = {
    CALIBRATE: "Calibration: may be fitted",
    VALIDATE: "Hold-out: never fitted, told as it is",
    CONFLICT: "Sources disagree: both readings, no vote",
}


def print_check(found: Check, console: Console) -> None:
    """Targets by role, in the order of families; then the score, and what is stale or missing."""

    def say(line: str) -> None:
        console.print(line, markup=False, highlight=False, emoji=False, soft_wrap=True)

    for role, heading in HEADINGS.items():
        mine = found.targets[found.targets["role"] == role]
        if mine.empty:
            continue
        say(f"\n{heading}")
        say(
            f"  {'target':<52}{'published':>10} {'(tolerance)':<20}{'model':>9} {'(nine in ten)':<20}{'distance':>8}  verdict"
        )
        for row in rows_of(mine):
            unit = str(row["unit"])
            marks = ", ".join(
                word
                for word, said in (("an input", row["input"] == "yes"), ("weak", row["strength"] == "weak"))
                if said
            )
            distance = float(row["implausibility"])
            say(
                f"  {row['target']!s:<52}{amount(row['published'], unit):>10} {span(row['low'], row['high'], unit):<20}"
                f"{amount(row['model'], unit):>9} {span(row['model_low'], row['model_high'], unit):<20}"
                f"{'-' if isnan(distance) else f'{distance:.1f}':>8}  {row['verdict']}{f' ({marks})' if marks else ''}"
            )
    say("")
    score = found.score
    say(
        f"Calibration families inside: {score.calibration_inside} of {score.calibration}, {score.share:.0%}; "
        f"{NEEDED:.0%} are needed. A family has the verdict of its worst reading."
    )
    say(
        f"Without those that are inputs: {score.without_inputs_inside} of {score.without_inputs}, "
        f"{score.share_without_inputs:.0%}; {NEEDED:.0%} are needed of these too."
    )
    say(f"Hold-out families inside: {score.held_out_inside} of {score.held_out}.")
    for problem in found.problems:
        say(str(problem))
    say("The check passes." if found.passed else "The check does not pass: results stay illustrative.")
