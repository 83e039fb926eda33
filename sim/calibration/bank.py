"""What has been played so far? Runs of members, kept in files that are only ever added, so that a calibration goes on where it was stopped.

A run is one replication of one member. Its replication number is its own: no two runs share a future, so that what an emulator learns from many
runs is the mean over futures, and what it leaves over is chance; with one future for all it would learn the accidents of that one. Runs that are
played again under other numbers (`replicates`) say how large chance is.

A bank is a folder: ``bank.json`` says of what it is, ``w1.design.csv`` which runs a wave has, ``w1.0000.csv`` and so on what came of them, `CHUNK` runs
in each. Every file is written whole or not at all, and what is in it depends on the seed and the runs before, never on the number of workers.
"""

from __future__ import annotations

import csv
import hashlib
import io
import json
import os
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from sim.calibration.parameters import Prior
from sim.evidence import Problem
from sim.scenario import Member, ScenarioError

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

CHUNK = 32
RECORD = "bank.json"

Play = Callable[[Sequence[tuple[Member, int]]], Floats]
"""Plays members, each in the future of its number; what comes back is shaped (runs, outputs)."""
Told = Callable[[str], object]


@dataclass(frozen=True, eq=False)
class Runs:
    """Runs in the order they were designed."""

    family: NDArray[np.str_]
    wave: Ints
    replication: Ints
    points: Floats
    """Runs by parameters of the prior, each from 0 to 1; NaN where a parameter is not free in the family."""
    outputs: Floats
    """Runs by outputs; NaN where nothing was to be measured."""

    def __len__(self) -> int:
        return len(self.family)

    def take(self, which: NDArray[np.bool_] | Ints) -> Runs:
        return Runs(
            self.family[which], self.wave[which], self.replication[which], self.points[which], self.outputs[which]
        )

    def of(self, family: str) -> Runs:
        return self.take(self.family == family)


def together(parts: Sequence[Runs]) -> Runs:
    """The runs of several banks or waves, one after the other."""
    return Runs(
        np.concatenate([part.family for part in parts]),
        np.concatenate([part.wave for part in parts]),
        np.concatenate([part.replication for part in parts]),
        np.concatenate([part.points for part in parts]),
        np.concatenate([part.outputs for part in parts]),
    )


@dataclass(frozen=True)
class Design:
    """Which runs a wave has."""

    family: tuple[str, ...]
    replication: tuple[int, ...]
    points: Floats
    """Runs by parameters of the prior; NaN where not free."""


class Bank:
    """The runs of one calibration, in a folder."""

    def __init__(self, folder: Path, prior: Prior, outputs: Sequence[str], of: Mapping[str, object]) -> None:
        """Open a folder, or begin one.

        Args:
            folder: where the files lie.
            prior: whose points are played.
            outputs: what each run gives, by name.
            of: whatever decides a digit of a run: scenario, seed, code, parameters.

        Raises:
            ScenarioError: the folder holds another bank.
        """
        self.folder, self.prior, self.outputs = folder, prior, tuple(outputs)
        self.parameters = tuple(prior.parameters)
        told = json.dumps(
            {**of, "outputs": list(outputs), "parameters": list(self.parameters)}, sort_keys=True, indent=1
        )
        self.digest = hashlib.sha256(told.encode()).hexdigest()[:16]
        path = folder / RECORD
        if path.is_file():
            if path.read_text(encoding="utf-8") != told + "\n":
                found = "runs of another calibration (seed, scenario, parameters, targets or model differ)"
                raise ScenarioError(
                    [Problem(file=str(folder), key="", found=found, expected="a new folder, or the same again")]
                )
        else:
            folder.mkdir(parents=True, exist_ok=True)
            write_whole(path, told + "\n")

    def design(self, wave: int, make: Callable[[], Design]) -> Design:
        """The runs of a wave: as written when it was begun, else made now and written."""
        path = self.folder / f"w{wave}.design.csv"
        if not path.is_file():
            made = make()
            rows = [[f, r, *map(_cell, p)] for f, r, p in zip(made.family, made.replication, made.points, strict=True)]
            write_whole(path, _text(["family", "replication", *self.parameters], rows))
        _, lines = _rows(path)
        points = np.array([[_float(cell) for cell in line[2:]] for line in lines]).reshape(
            len(lines), len(self.parameters)
        )
        return Design(tuple(line[0] for line in lines), tuple(int(line[1]) for line in lines), points)

    def play(self, wave: int, design: Design, play: Play, told: Told = lambda _: None) -> Runs:
        """The runs of a wave: those that are kept are read, the others are played."""
        starts = range(0, len(design.family), CHUNK)
        missing = [start for start in starts if not self._chunk(wave, start).is_file()]
        began, done = time.monotonic(), 0
        for at, start in enumerate(missing):
            span = range(start, min(start + CHUNK, len(design.family)))
            asked = [
                (self.member(f"w{wave}.{run}", design.family[run], design.points[run]), design.replication[run])
                for run in span
            ]
            found = play(asked)
            write_whole(self._chunk(wave, start), _text(list(self.outputs), [list(map(_cell, row)) for row in found]))
            done += len(span)
            left = sum(min(CHUNK, len(design.family) - s) for s in missing[at + 1 :])
            seconds = (time.monotonic() - began) / done * left
            told(f"wave {wave}: {done} of {done + left} runs, {_spoken(seconds)} left")
        rows = [row for start in starts for row in _rows(self._chunk(wave, start))[1]]
        return Runs(
            np.array(design.family),
            np.full(len(rows), wave),
            np.array(design.replication),
            design.points,
            np.array([[_float(cell) for cell in row] for row in rows]).reshape(len(rows), len(self.outputs)),
        )

    def member(self, name: str, family: str, point: Floats, weight: float = 1.0) -> Member:
        """The member of a point that is given in all parameters of the prior."""
        free = [self.parameters.index(one) for one in self.prior.free_in(family)]
        return self.prior.member(name, family, point[free], weight)

    def widen(self, family: str, points: Floats) -> Floats:
        """Points in the parameters that are free in a family, in all parameters of the prior."""
        free = [self.parameters.index(one) for one in self.prior.free_in(family)]
        wide = np.full((len(points), len(self.parameters)), np.nan)
        wide[:, free] = points
        return wide

    def _chunk(self, wave: int, start: int) -> Path:
        return self.folder / f"w{wave}.{start // CHUNK:04d}.csv"


def write_whole(path: Path, text: str) -> None:
    """Write a file so that nobody, whenever this is stopped, finds a part of it."""
    beside = path.with_name(f".{path.name}.{os.getpid()}")
    beside.write_text(text, encoding="utf-8", newline="\n")
    beside.replace(path)


def _text(names: Sequence[str], rows: Sequence[Sequence[object]]) -> str:
    text = io.StringIO()
    out = csv.writer(text, lineterminator="\n")
    out.writerow(names)
    out.writerows(rows)
    return text.getvalue()


def _rows(path: Path) -> tuple[list[str], list[list[str]]]:
    lines = list(csv.reader(io.StringIO(path.read_text(encoding="utf-8"))))
    return lines[0], lines[1:]


def _cell(value: float) -> str:
    return "" if np.isnan(value) else repr(float(value))


def _float(cell: str) -> float:
    return float(cell) if cell else float("nan")


def _spoken(seconds: float) -> str:
    return f"{seconds:.0f} s" if seconds < 100 else f"{seconds / 60:.0f} min"
