"""What do the figures say? Tables with ratios, and what was promised beside what was measured; nothing in them that is not in the figures."""

from __future__ import annotations

import csv
import math
import statistics
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from benchmarks.engines import ENGINES
from benchmarks.given import numbers
from benchmarks.rounds import REPLICATIONS, Figure
from benchmarks.tasks import ARMS

SCALES = (1, 5, 20)
NEVER_BINDS = list(ARMS)[-1]
FARTHEST_Z = 3.5
NOTHING = "–"


class Figures:
    """The figures, asked for by name."""

    def __init__(self, figures: Iterable[Figure]) -> None:
        self.by_name: dict[tuple[str, str, int, str], dict[int, float]] = {}
        for part, about, scale, number, measure, value in figures:
            self.by_name.setdefault((part, about, scale, measure), {})[number] = value

    def rounds(self, part: str, about: str, measure: str, scale: int = 1) -> dict[int, float]:
        """Round -> value; empty where nothing was measured."""
        return self.by_name.get((part, about, scale, measure), {})

    def median(self, part: str, about: str, measure: str, scale: int = 1) -> float | None:
        """Over rounds."""
        found = self.rounds(part, about, measure, scale)
        return statistics.median(found.values()) if found else None

    def ratio(self, part: str, over: str, under: str, measure: str, scale: int = 1) -> float | None:
        """The median, over rounds that have both, of one thing's value over another's."""
        above, below = (self.rounds(part, about, measure, scale) for about in (over, under))
        both = above.keys() & below.keys()
        return statistics.median(above[number] / below[number] for number in both) if both else None

    def pooled(self, about: str, measure: str) -> tuple[float, float] | None:
        """Mean over all replications at scale 1, and how many there were."""
        values, weights = (self.rounds("pathway", about, name) for name in (measure, "replications"))
        count = sum(weights.values())
        return (sum(values[n] * weights[n] for n in values) / count, count) if count else None

    def z(self, about: str) -> tuple[float, float] | None:
        """How far mean days and the share over 730 days are from the known result, in standard errors of the difference."""
        known, found = numbers().known, [self.pooled(about, name) for name in ("mean_days", "share_over_730_days")]
        if found[0] is None or found[1] is None:
            return None
        (days, count), (share, _) = found[0], found[1]
        days_error = math.hypot(known.mean_days_error, known.mean_days_spread / math.sqrt(count))
        share_error = math.hypot(known.share_over_730_days_error, known.share_over_730_days_spread / math.sqrt(count))
        return (days - known.mean_days) / days_error, (share - known.share_over_730_days) / share_error


@dataclass(frozen=True)
class Target:
    """What was promised: a value at least, or at most, so much."""

    promise: str
    value: float | None
    limit: float
    at_least: bool
    places: int = 1

    @property
    def met(self) -> str:
        if self.value is None:
            return "not measured"
        return "yes" if (self.value >= self.limit if self.at_least else self.value <= self.limit) else "no"


def targets(figures: Figures) -> list[Target]:
    """What was promised of this model, with what was measured."""

    def commanded(about: str, measure: str) -> float | None:
        """Seconds, if all the replications that were promised were played."""
        asked = figures.median("command", about, "replications")
        return figures.median("command", about, measure) if asked == REPLICATIONS else None

    cut = [_variance_ratio(figures, arm) for arm in ARMS if arm != NEVER_BINDS]
    apart = [max(map(abs, z)) for engine in ENGINES if (z := figures.z(engine)) is not None]
    together = figures.median("workers", "fast", "together_a_second")
    alone = figures.median("workers", "fast", "alone_a_second")
    pace = {scale: figures.median("pathway", "fast", "median_seconds", scale) for scale in SCALES}
    time = "median_seconds"
    return [
        Target("times as fast as SimPy", figures.ratio("pathway", "simpy", "fast", time), 80, True),
        Target("times as fast as SimPy, at x20", figures.ratio("pathway", "simpy", "fast", time, 20), 120, True),
        Target("times the C program's time", figures.ratio("pathway", "fast", "c", time), 2, False, 2),
        Target("times the time at x1, at x20", _over(pace[20], pace[1]), 30, False),
        Target("times one worker's replications a second, with two", _over(together, alone), 1.8, True, 2),
        Target(
            "casey_2022: times as fast as the reference engine",
            figures.ratio("casey", "reference", "fast", "play_seconds"),
            60,
            True,
        ),
        Target(f"casey_2022: seconds from command to table, {REPLICATIONS} replications",
               commanded("command", "command_seconds"), 5, False, 2),
        Target("casey_2022: seconds when asked again in one process", commanded("asked twice", "again_seconds"), 2,
               False, 2),
        Target("seconds a second start asks for", figures.median("starts", "fast", "second_start_seconds"), 0.5, False,
               2),
        Target("least cut in the variance of a change of staffing, by keyed draws",
               min((ratio for ratio in cut if ratio is not None), default=None), 30, True),
        Target("largest difference by a chair who is never needed, days",
               figures.median("what_if", NEVER_BINDS, "largest_difference_days"), 0, False, 0),
        Target("farthest any engine is from the known result, standard errors", max(apart, default=None), FARTHEST_Z,
               False),
    ]  # fmt: skip


def markdown(figures: Figures, machine: Mapping[str, str], missing: Mapping[str, str]) -> str:
    """The page: targets, then every part that was measured."""
    lines = ["# Benchmark", ""]
    lines += [f"- {name}: {told}" for name, told in machine.items()]
    lines += ["", *_table(("promised", "limit", "measured", "met"), _target_rows(figures))]
    for title, header, rows in (
        _pathway(figures, missing),
        _growth(figures),
        _workers(figures),
        _starts(figures),
        _casey(figures),
        _command(figures),
        _what_if(figures),
    ):
        made = list(rows)
        if made:
            lines += ["", f"## {title}", "", *_table(header, made)]
    failed = [f"- {about}: {why}" for about, why in missing.items() if about not in ENGINES]
    if failed:
        lines += ["", "## Not measured", "", *failed]
    return "\n".join(lines) + "\n"


def write(folder: Path, figures: Sequence[Figure], page: str) -> None:
    """`benchmark.csv`, every figure; `benchmark.md`, the page."""
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / "benchmark.csv").open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(Figure._fields)
        writer.writerows((*figure[:-1], f"{figure.value:.6g}") for figure in figures)
    (folder / "benchmark.md").write_text(page, encoding="utf-8")


Section = tuple[str, tuple[str, ...], Iterable[tuple[str, ...]]]
"""Title, header and rows."""


def _target_rows(figures: Figures) -> Iterator[tuple[str, ...]]:
    for target in targets(figures):
        limit = f"at {'least' if target.at_least else 'most'} {target.limit:g}"
        yield target.promise, limit, _number(target.value, target.places), target.met


def _pathway(figures: Figures, missing: Mapping[str, str]) -> Section:
    def rows() -> Iterator[tuple[str, ...]]:
        for engine in ENGINES.values():
            timed = figures.rounds("pathway", engine.name, "median_seconds")
            if not timed:
                if engine.name in missing:
                    yield (engine.title, missing[engine.name], *[NOTHING] * 8)
                continue
            seconds = statistics.median(timed.values())
            rows = figures.median("pathway", engine.name, "rows")
            yield (
                engine.title,
                _number(1000 * seconds),
                _number(1000 * min(figures.rounds("pathway", engine.name, "least_seconds").values())),
                f"{100 * (max(timed.values()) - min(timed.values())) / seconds:.0f} %",
                _number(figures.ratio("pathway", "simpy", engine.name, "median_seconds"), 2),
                _number(figures.ratio("pathway", engine.name, "c", "median_seconds"), 2),
                _number(_over(rows, 1e6 * seconds), 2),
                _number(figures.median("pathway", engine.name, "peak_megabytes"), 0),
                _number((figures.pooled(engine.name, "mean_days") or (None,))[0], 2),
                ", ".join(f"{z:+.1f}" for z in figures.z(engine.name) or ()),
            )

    title = "pathway-bench: one replication of 13 years, every transition logged, one core"
    header = ("engine", "ms, median", "ms, least", "spread of rounds", "times SimPy", "times C's time", "million rows a second",
              "peak MB", "mean days", "z of mean days, of share over 730")  # fmt: skip
    return title, header, rows()


def _growth(figures: Figures) -> Section:
    def rows() -> Iterator[tuple[str, ...]]:
        for engine in ENGINES.values():
            seconds = [figures.median("pathway", engine.name, "median_seconds", scale) for scale in SCALES]
            memory = [figures.median("pathway", engine.name, "peak_megabytes", scale) for scale in SCALES]
            simpy = [figures.ratio("pathway", "simpy", engine.name, "median_seconds", scale) for scale in SCALES]
            if any(seconds[1:]):
                yield (
                    engine.title,
                    *(_number(None if one is None else 1000 * one) for one in seconds),
                    _number(_over(seconds[2], seconds[0])),
                    *(_number(one, 2) for one in simpy[1:]),
                    *(_number(one, 0) for one in memory),
                )

    header = ("engine", *(f"ms at x{scale}" for scale in SCALES), "x20 / x1", "times SimPy at x5", "at x20",
              *(f"peak MB at x{scale}" for scale in SCALES))  # fmt: skip
    return "pathway-bench: with more cases and as many more posts", header, rows()


def _workers(figures: Figures) -> Section:
    def rows() -> Iterator[tuple[str, ...]]:
        for engine in ENGINES.values():
            alone, both = (figures.median("workers", engine.name, f"{n}_a_second") for n in ("alone", "together"))
            if alone is not None:
                kind = "threads" if engine.threads else "processes"
                yield engine.title, kind, _number(alone, 2), _number(both, 2), _number(_over(both, alone), 2)

    header = ("engine", "workers are", "replications a second, 1 worker", "2 workers", "2 / 1")
    return "pathway-bench: two workers", header, rows()


def _starts(figures: Figures) -> Section:
    def rows() -> Iterator[tuple[str, ...]]:
        for start in ("first", "second"):
            seconds = figures.median("starts", "fast", f"{start}_start_seconds")
            if seconds is not None:
                yield (
                    f"{start} start, {'compiled' if start == 'first' else 'loaded from the cache'}",
                    _number(seconds, 2),
                )

    return "The fast engine's start: its import, and what the first replication takes longer", ("", "seconds"), rows()


def _casey(figures: Figures) -> Section:
    def rows() -> Iterator[tuple[str, ...]]:
        measures = ("cast_seconds", "play_seconds", "measures_seconds")
        for name in ("fast", "reference"):
            spent = [figures.median("casey", name, measure) for measure in measures]
            if spent[1] is not None:
                times = (None if one is None else 1000 * one for one in spent)
                rows = figures.median("casey", name, "rows")
                yield ENGINES[name].title, *(_number(one) for one in times), _number(rows, 0)
        if all(ratios := [figures.ratio("casey", "reference", "fast", measure) for measure in measures]):
            yield "reference / fast", *(_number(ratio) for ratio in ratios), NOTHING

    header = ("engine", "ms, cast", "ms, play with its cast", "ms, measures", "rows")
    return "casey_2022: one replication", header, rows()


def _command(figures: Figures) -> Section:
    def rows() -> Iterator[tuple[str, ...]]:
        for about, measure, words in (
            ("command", "command_seconds", "the command, to the printed table"),
            ("asked twice", "first_seconds", "asked in a process"),
            ("asked twice", "again_seconds", "asked again in it, which remembers"),
            ("asked twice", "others_seconds", "asked in it for other futures"),
        ):
            seconds = figures.median("command", about, measure)
            if seconds is not None:
                yield words, _number(figures.median("command", about, "replications"), 0), _number(seconds, 2)

    return "casey_2022: with measures, all cores", ("", "replications", "seconds"), rows()


def _what_if(figures: Figures) -> Section:
    def rows() -> Iterator[tuple[str, ...]]:
        for arm in ARMS:
            effect = figures.median("what_if", arm, "effect_days")
            pairs = figures.median("what_if", arm, "replications")
            keyed = figures.median("what_if", arm, "variance_keyed")
            if effect is None or pairs is None or keyed is None:
                continue
            ratio = _variance_ratio(figures, arm)
            yield (
                arm,
                _number(pairs, 0),
                f"{effect:+.3f} ± {math.sqrt(keyed / pairs):.3f}",
                "no variance left" if ratio == math.inf else _number(ratio, 0),
                f"{figures.median('what_if', arm, 'largest_difference_days'):.3g}",
            )

    header = (
        "change",
        "pairs",
        "effect on mean days ± s.e.",
        "independent / keyed variance",
        "largest difference, days",
    )
    return "pathway-bench: changes of staffing in the same futures", header, rows()


def _variance_ratio(figures: Figures, arm: str) -> float | None:
    keyed, independent = (figures.median("what_if", arm, f"variance_{kind}") for kind in ("keyed", "independent"))
    if keyed is None or independent is None:
        return None
    return independent / keyed if keyed else math.inf


def _over(above: float | None, below: float | None) -> float | None:
    return None if above is None or below is None else above / below


def _number(value: float | None, places: int = 1) -> str:
    return NOTHING if value is None else f"{value:,.{places}f}"


def _table(header: Sequence[str], rows: Iterable[Sequence[str]]) -> list[str]:
    lines = [header, ["---", *["--:"] * (len(header) - 1)], *rows]
    return [f"| {' | '.join(line)} |" for line in lines]
