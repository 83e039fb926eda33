"""The page of all levers, `docs/levers.md`, made from the reform files: ``python tests/levers_page.py`` writes it, a test keeps it equal."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

from sim.experiment.describe import expectation
from sim.scenario.files import LEVERS, Overlay, found, read, shipped_folder

PAGE = Path(__file__).resolve().parent.parent / "docs" / "levers.md"

OPENING = """# Levers

Thirty-five kinds of reform of the misconduct system, each as a file of `scenarios/reforms` that can be laid over the baselines it names,
alone or with others: `misconduct compare casey_2022 psu_training+caseload_cap`. This page is made from those files by
`python tests/levers_page.py`.

*Expected* says which way a figure goes before anything is run. What follows from **structure** is led to by queues, clocks and rules
alone, and is tested on paired futures of the small force. What follows from **assumption** is the size of an effect, put in and given
back: it says nothing about the world. Beside it stand the run without the effect, which is the base, and the opposite where there is one;
a switch or a set share has none. Where a world is named the direction holds there: elsewhere the figure may not move.
"""


def reforms() -> dict[str, Overlay]:
    """The shipped reforms by name, in the order of their levers; those that pull none come last."""
    folders = (shipped_folder(),)
    headers = {name: read("reforms", name, folders)[0] for name in found("reforms", folders)}
    overlays = {name: header for name, header in headers.items() if isinstance(header, Overlay)}
    return dict(sorted(overlays.items(), key=lambda item: (item[1].lever or len(LEVERS) + 1, item[0])))


def page() -> str:
    """The page as it should be."""
    return "\n".join([OPENING, *_table(), *_files()])


def _table() -> Iterator[str]:
    yield "| lever | file | what it does | on | mechanism | expected | follows from | source |"
    yield "|---|---|---|---|---|---|---|---|"
    for name, header in reforms().items():
        follows = " and ".join(sorted({point.follows_from for point in header.points}))
        cells = [
            str(header.lever or ""),
            f"[`{name}`](#{name})",
            header.title,
            ", ".join(header.applies_to),
            header.mechanism,
            "<br>".join(f"{expectation(one)} ({one.kind})" for one in header.expected),
            follows,
            " ".join(f"<{link}>" for link in _links(header.reference)) or "own",
        ]
        yield "| " + " | ".join(cell.replace("|", "\\|") for cell in cells) + " |"
    yield ""


def _links(text: str) -> list[str]:
    return [link.rstrip(".;,") for link in re.findall(r"https?://\S+", text)]


def _files() -> Iterator[str]:
    for name, header in reforms().items():
        yield f"## {name}\n"
        yield f"{header.title}. {header.description}\n"
        for point in header.points:
            yield f"- {point.text} *Follows from {point.follows_from}.*"
        numbers = [*header.set, *header.scale, *header.add]
        yield f"\nNumbers: {', '.join(f'`{key}`' for key in numbers)}. Reference: {header.reference}\n"


if __name__ == "__main__":
    PAGE.parent.mkdir(exist_ok=True)
    PAGE.write_text(page(), encoding="utf-8", newline="\n")
