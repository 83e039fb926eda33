"""How are people changed whom no staffing sheet can plan? Those who do this beside another job, other bodies' people, and who sits at hearings."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from sim.pathway.kinds import Pathway
from sim.scenario.files import Overlay, found, read


def elsewhere(cells: Mapping[str, str], pathway: Pathway, folders: tuple[Path, ...]) -> str:
    """The numbers, and the reforms, that change a team or diary which a row of a sheet names; empty where it names none.

    Args:
        cells: of the row, by column, as written.
        pathway: its teams and diaries.
        folders: where reforms lie.
    """
    keys = _keys(cells.get("team", ""), pathway)
    if not keys:
        return ""
    posts, when = cells.get("posts", ""), cells.get("date", "")
    amount = posts if cells.get("how") == "established" or posts[:1] in ("+", "-", "") else f"+{posts}"
    arms = " or ".join(f"--arm {key}{f'@{when}' if when else ''}={amount or '+1'}" for key in keys)
    reforms = _that_change(keys, folders)
    laid = f", or a reform, which a sheet can be joined to ({', '.join(reforms)})" if reforms else ""
    return f"no sheet plans these people, but a single change does, with compare ({arms}){laid}"


def _keys(name: str, pathway: Pathway) -> list[str]:
    """The numbers of those a name means: by their own name, by what their number is called after, or by their last word (``hearing chairs``)."""
    asked = "_".join(name.casefold().replace("-", " ").split())
    known = {team.name: team.posts for team in pathway.teams if not team.staffing}
    known |= {diary.name: diary.size for diary in pathway.diaries}
    exact = [key for one, key in known.items() if asked in (one, key.partition(".")[0])]
    if asked in known:
        exact = [known[asked]]
    last = asked.rpartition("_")[2].removesuffix("s")
    return exact or [key for one, key in known.items() if last and one.rpartition("_")[2].removesuffix("s") == last]


def _that_change(keys: list[str], folders: tuple[Path, ...]) -> list[str]:
    """Reforms that add to or scale one of these numbers."""
    headers = {name: read("reforms", name, folders)[0] for name in found("reforms", folders)}
    return [
        name
        for name, header in headers.items()
        if isinstance(header, Overlay) and any(key in {**header.scale, **header.add} for key in keys)
    ]
