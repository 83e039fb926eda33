"""What did the published figures tell, and what could they not? The page of a calibration and its figure, from its tables and nothing else.

``python -m sim.report.calibration results/calibration docs/calibration.md`` writes the page again from a folder that ``misconduct calibrate`` left.
"""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pandas as pd

from sim.report.style import Drawn, beside, house_style, looks, page, row_of_axes, rows_only, rule, save

TABLES = ("identifiability", "combinations", "pairs", "emulators", "fit")
FIGURE = "identifiability"
RECOVERY = "recovery"
LITTLE = 0.1
"""A parameter whose spread shrinks by less is told next to nothing of."""
WIDE = 2.0
"""Standard deviations beyond which a figure is missed."""


def read(folder: Path) -> tuple[dict[str, pd.DataFrame], Mapping[str, Any]]:
    """The tables and the record of a calibration. A study of recovery lies beside them where it was made."""
    tables = {name: pd.read_csv(folder / f"{name}.csv", keep_default_na=False, na_values=[""]) for name in TABLES}
    if (path := folder.parent / RECOVERY / "coverage.csv").is_file():
        tables[RECOVERY] = pd.read_csv(path)
    return tables, json.loads((folder / "record.json").read_text(encoding="utf-8"))


def draw_identifiability(tables: Mapping[str, pd.DataFrame], record: Mapping[str, Any]) -> Drawn:
    """How much less is unknown of each parameter, by family."""
    table = tables["identifiability"]
    pooled = table[table["family"].isna()].sort_values("told")
    names = list(pooled["parameter"])
    families = list(record["families"])
    look = looks(families)
    title = "How much the published figures tell of what nobody publishes: 0 nothing, 1 everything"
    notes = [
        "One less the ratio of the posterior's spread to the prior's, in the space in which the prior is flat. Below 0 the posterior is pushed to both ends.",
        f"{record['runs']:,} plays of {record['scenario']}, {record['targets']['number']} published figures; what was held out is not among them.",
    ]
    with house_style():
        figure = page(1.6 + 0.165 * len(names), title, notes, look)
        (axes,) = row_of_axes(figure, 1)
        for place, family in enumerate(families):
            own = table[table["family"] == family].set_index("parameter")["told"].reindex(names)
            rows = [beside(row, place, len(families)) for row in range(len(names))]
            one = look[family]
            axes.plot(own.to_numpy(), rows, one.marker, color=one.colour, markersize=4.0, linestyle="none")
        rule(axes, 0.0)
        axes.set_yticks(range(len(names)), [name.replace("_", " ") for name in names])
        axes.set_ylim(-0.7, len(names) - 0.3)
        axes.set_xlim(min(-0.1, float(table["told"].min()) - 0.05), 1.0)
        rows_only(axes)
    best, worst = names[-1].replace("_", " "), names[0].replace("_", " ")
    return Drawn(
        figure, title, f"{len(names)} parameters in {len(families)} families; most is told of {best}, least of {worst}."
    )


def page_of(folder: Path, figures: str) -> str:
    """The page as Markdown.

    Args:
        folder: what ``misconduct calibrate`` left.
        figures: where the page finds the figure.
    """
    tables, record = read(folder)
    return "\n".join(_page(tables, record, figures)) + "\n"


def _page(tables: Mapping[str, pd.DataFrame], record: Mapping[str, Any], figures: str) -> Iterator[str]:
    table = tables["identifiability"]
    pooled = table[table["family"].isna()].sort_values("told", ascending=False)
    yield "# Calibration"
    yield ""
    yield "<!-- Written by python -m sim.report.calibration. -->"
    yield ""
    yield (
        f"{record['members']} sets of numbers agree with {record['targets']['number']} published figures of role *calibrate*. They were found on "
        f"{record['calibrated_on']} from {record['runs']:,} plays of `{record['scenario']}` (seed {record['seed']}); figures kept back took no part. "
        "What may be moved, how far and why is in `scenarios/calibration/parameters.toml`. An ensemble is a description of ignorance: every member "
        "could have given the published figures, as far as these tell."
    )
    yield ""
    yield "## Families of worlds"
    yield ""
    yield "| family | weight | log evidence | candidates that agree | of its prior not ruled out |"
    yield "|---|---|---|---|---|"
    for name, one in record["families"].items():
        weight = "refused" if one["refused"] else f"{one['weight']:.2f}"
        left = one["prior_not_ruled_out"]
        yield f"| `{name}` | {weight} | {one['log_evidence']:.1f} | {one['candidates_kept']} of {one['candidates']} | {left:.3%} |"
    yield ""
    yield (
        "A difference of one in log evidence is a factor of 2.7 in how well a family does as a whole. A family that can agree keeps a tenth of the weight, "
        "however well the others do: that floor is declared, not found."
    )
    yield ""
    yield "## What the figures tell"
    yield ""
    yield f"![{FIGURE}]({figures}/{FIGURE}.png)"
    yield ""
    untold = [f"*{name.replace('_', ' ')}*" for name in pooled.loc[pooled["told"] < LITTLE, "parameter"]]
    if untold:
        yield f"Next to nothing is told of {', '.join(untold)}: whatever an answer owes to them is ignorance."
        yield ""
    yield "Combinations that are told most and least of, in each family (`ratio`: the variance left of the prior's):"
    yield ""
    yield "| family | | ratio | combination |"
    yield "|---|---|---|---|"
    for row in tables["combinations"].itertuples(index=False):
        yield f"| `{row.family}` | {row.which} | {row.ratio:.3f} | {str(row.combination).replace('_', ' ')} |"
    yield ""
    yield "Pairs that trade off against each other:"
    yield ""
    yield "| family | | | correlation |"
    yield "|---|---|---|---|"
    for row in tables["pairs"].head(20).itertuples(index=False):
        yield f"| `{row.family}` | {str(row.first).replace('_', ' ')} | {str(row.second).replace('_', ' ')} | {row.correlation:+.2f} |"
    yield ""
    yield "## Parameters"
    yield ""
    yield "| parameter | family | prior | posterior, middle 80% | told |"
    yield "|---|---|---|---|---|"
    for row in (
        table[table["family"].notna()].sort_values(["parameter", "family"], kind="stable").itertuples(index=False)
    ):
        yield (
            f"| {str(row.parameter).replace('_', ' ')} | `{row.family}` | {row.low:g} to {row.high:g} | {row.p10:.3g} to {row.p90:.3g} | {row.told:.2f} |"
        )
    yield ""
    yield "## Figures that are missed"
    yield ""
    missed = tables["fit"][tables["fit"]["implausibility"] > WIDE]
    if missed.empty:
        yield "The mean of the candidates lies within two standard deviations of every figure that was fitted."
    else:
        yield "Means of the candidates' plays beyond two standard deviations of what was published, tolerance and discrepancy together:"
        yield ""
        yield "| family | figure | published | plays | standard deviations |"
        yield "|---|---|---|---|---|"
        for row in missed.itertuples(index=False):
            yield (
                f"| `{row.family}` | `{row.target}` | {row.published:.3g} | {row.model:.3g} | {row.implausibility:.1f} |"
            )
    yield ""
    yield "## How well runs are foreseen"
    yield ""
    emulators = tables["emulators"]
    yield (
        "An emulator stands for plays that were never made. Over runs that it had not seen it foresees "
        f"{emulators['r2'].median():.0%} of the variance of the median figure, and its intervals of 95% hold {emulators['coverage_of_95'].mean():.1%} of them. "
        "What it cannot foresee is mostly the chance of one future. `results/calibration/emulators.csv` has every figure."
    )
    if RECOVERY in tables:
        yield ""
        yield "## Known truths"
        yield ""
        found = tables[RECOVERY]
        one_by_one, jointly = found[found["parameter"] != "all together"], found[found["parameter"] == "all together"]
        mean = (one_by_one["inside"] * one_by_one["truths"]).sum() / one_by_one["truths"].sum()
        yield (
            f"{int(jointly['truths'].iloc[0])} runs were taken as truths and calibrated to, each by an emulator that had not seen it (`make recovery`). Intervals of 80% hold "
            f"the truth of a parameter in {mean:.1%} of cases, the joint region of 80% in {jointly['inside'].iloc[0]:.1%}; 75 to 85% is what honest ones give."
        )


def write(folder: Path, target: Path) -> list[Path]:
    """The page and its figure, beside the tables; the paths of what was written."""
    tables, record = read(folder)
    figures = folder / "figures"
    figures.mkdir(exist_ok=True)
    drawn = save(draw_identifiability(tables, record), figures / FIGURE)
    shown = Path(os.path.relpath(figures, target.parent)).as_posix()
    target.write_text(page_of(folder, shown), encoding="utf-8", newline="\n")
    return [target, *drawn]


if __name__ == "__main__":
    source, page_path = (Path(one) for one in (sys.argv[1:] or ("results/calibration", "docs/calibration.md")))
    write(source, page_path)
