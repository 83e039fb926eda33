"""From which files was it read? Every one by its SHA-256."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Sequence
from pathlib import Path

from sim.scenario.files import Baseline, Kind, found, read, search_folders


def hashes(scenario: str, world: str, reforms: Sequence[str], folder: Path | None) -> dict[str, str]:
    """SHA-256 of the files of an arm that could be loaded: scenario and what it is based on, world, reforms, all evidence."""
    return {
        name: hashlib.sha256(path.read_bytes()).hexdigest() for name, path in _files(scenario, world, reforms, folder)
    }


def _files(scenario: str, world: str, reforms: Sequence[str], folder: Path | None) -> Iterator[tuple[str, Path]]:
    folders = search_folders(folder)

    def path_of(kind: Kind, name: str) -> Path:
        return Path(name) if name.endswith(".toml") else found(kind, folders)[name].path

    name: str | None = scenario
    while name is not None:
        yield path_of("scenarios", name).name, path_of("scenarios", name)
        header, _, _ = read("scenarios", name, folders)
        name = header.based_on if isinstance(header, Baseline) else None
    if world:
        yield f"worlds/{path_of('worlds', world).name}", path_of("worlds", world)
    for reform in reforms:
        yield f"reforms/{path_of('reforms', reform).name}", path_of("reforms", reform)
    for one in folders:
        whose = "evidence" if one == folders[-1] else "own evidence"
        yield from ((f"{whose}/{path.name}", path) for path in sorted((one / "evidence").glob("*.toml")))
