"""The command line, ``misconduct``: what to run, with what options, and what went wrong.

It leaves with 0 when all is done, 2 when the input is wrong (every problem on standard error, nothing written), 1 when this program is, or
when what it checked does not pass, and 130 when it was stopped.
"""

from __future__ import annotations

import atexit
import gc
import os
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, nullcontext, suppress
from dataclasses import dataclass
from datetime import date
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.console import Console

import sim
from sim.experiment.engines import Engine

if TYPE_CHECKING:
    from sim.evidence import Problem
    from sim.experiment.arms import Question
    from sim.experiment.study import Study
    from sim.scenario import Scenario
    from sim.scenario.sheets import Layout

# What computes is imported inside the commands, so that `--help` is there at once.

DEBUG = "MISCONDUCT_DEBUG"
WIDTH_IN_A_PIPE = 120
OBJECTS_BEFORE_COLLECTING = 500_000
"""What is imported is not garbage; looking for some all the while takes a tenth of the start."""
HOW_TO_CALIBRATE = "pip install '.[calibrate]' in a copy of the project, or its make target"
INPUT_IS_WRONG, OURS_IS_WRONG, NOT_PASSED, STOPPED = 2, 1, 1, 130

app = typer.Typer(
    name="misconduct",
    help="How long police misconduct cases take, and why. Every figure says whether it is illustrative or of a model that passed its check.",
    no_args_is_help=True,
    add_completion=False,
    rich_markup_mode=None,
)


Scenarios = Annotated[
    Path | None,
    typer.Option("--scenarios", metavar="DIR", help="Your own folder of scenarios; it wins over the shipped one."),
]
Worlds = Annotated[list[str] | None, typer.Option("--world", metavar="W", help="A world; may be repeated.")]
Reforms = Annotated[
    list[str] | None, typer.Option("--reform", metavar="R", help="A reform laid over it; may be repeated.")
]
A_CHANGE = "path=value or path@date=value; with a sign, +12, -10 or +20%, of what there is otherwise"


def _set(applied: str = "") -> Any:
    """The option ``--set``; what its changes are applied to, where that could be misunderstood."""
    return typer.Option("--set", metavar="PATH=VALUE", help=f"A single change, {A_CHANGE}; may be repeated.{applied}")


TO_ALL = " Applied to the base and to every arm, so it "
Settings = Annotated[list[str] | None, _set()]
SettingsOfARun = Annotated[list[str] | None, _set(f"{TO_ALL}moves levels; compare with --arm says what it changes.")]
SettingsOfAll = Annotated[list[str] | None, _set(f"{TO_ALL}is no part of what differs: that is --arm.")]
SingleArms = Annotated[
    list[str] | None,
    typer.Option(
        "--arm",
        metavar="PATH=VALUE",
        help="A single change, written as for --set, as one more arm: the base with it, beside the base without. May be repeated, also with several values of one path.",
    ),
]
StaffingSheet = Annotated[
    Path | None, typer.Option("--staffing", metavar="FILE", help="A staffing sheet laid over it, .csv or .xlsx.")
]
StaffingSheets = Annotated[
    list[Path] | None,
    typer.Option(
        "--staffing", metavar="FILE", help="A staffing sheet as one more arm, .csv or .xlsx; may be repeated."
    ),
]
OpeningSheet = Annotated[
    Path | None,
    typer.Option(
        "--opening",
        metavar="FILE",
        help="Cases open on the day its window begins, .csv or .xlsx. Play begins on that day, without the years before.",
    ),
]
Replications = Annotated[int, typer.Option("--replications", metavar="N", help="How many futures of each.")]
Seed = Annotated[int, typer.Option("--seed", help="Any whole number names a set of futures.")]
EngineChoice = Annotated[
    Engine | None,
    typer.Option(
        "--engine",
        help="What plays them, to the same digits; fast where it is installed, if not said.",
        show_default=False,
    ),
]
Workers = Annotated[
    int | None,
    typer.Option(
        "--workers",
        metavar="N",
        help="Threads, or processes of the reference engine; as many as cores if not said.",
        show_default=False,
    ),
]
From = Annotated[
    str | None, typer.Option("--from", metavar="DATE", help="Observe cases received from this day, as 2016-04-01.")
]
To = Annotated[str | None, typer.Option("--to", metavar="DATE", help="Observe cases received before this day.")]
Out = Annotated[Path, typer.Option("--out", metavar="DIR", help="Where results lie.")]
Events = Annotated[
    bool | None,
    typer.Option(
        "--events/--no-events",
        help="Write what happened in every replication of the base, or in none; in one if not said.",
        show_default=False,
    ),
]
Ensemble = Annotated[
    bool,
    typer.Option(
        "--ensemble",
        help="Also play members of the scenario's ensemble, of every world unless some are named: computing, chance and ignorance.",
    ),
]
Members = Annotated[
    int | None,
    typer.Option(
        "--members", metavar="N", help="How many members, with --ensemble; 24 if not said.", show_default=False
    ),
]
Unallocated = Annotated[
    list[str] | None,
    typer.Option(
        "--unallocated",
        metavar="TEAM@DATE=CASES",
        help="With --ensemble: your own count of cases of every stream not yet given to an investigator, as psu@2022-03-31=540, or =540+-30 if it may be 30 off; "
        "members weigh by how well they agree. May be repeated.",
    ),
]
NoFigures = Annotated[bool, typer.Option("--no-figures", help="Write tables only.")]
Quiet = Annotated[bool, typer.Option("--quiet", help="Say nothing but where the results are.")]


@app.command("list")
def list_(scenarios: Scenarios = None) -> None:
    """Scenarios, worlds and reforms that can be used."""
    from sim.experiment import describe
    from sim.experiment.arms import Question

    last = ""
    for kind, name, title in describe.contents(Question(scenarios, {}).folder):
        if kind != last:
            _say(f"{kind}:")
            last = kind
        _say(f"  {name:<38}  {title}")


@app.command()
def show(
    name: Annotated[str, typer.Argument(metavar="SCENARIO", help="A scenario, or a reform or world.")],
    world: Annotated[str | None, typer.Option("--world", metavar="W", help="A world.")] = None,
    reform: Reforms = None,
    settings: Settings = None,
    grep: Annotated[str, typer.Option("--grep", metavar="TEXT", help="Only numbers that mention this.")] = "",
    on: Annotated[
        str | None,
        typer.Option(
            "--on", metavar="DATE", help="The rules of law that are in force on this day, as 2026-11-25, instead."
        ),
    ] = None,
    capacity: Annotated[
        bool, typer.Option("--capacity", help="Its posts and money by date against what was published, instead.")
    ] = False,
    diagram: Annotated[
        bool, typer.Option("--diagram", help="Draw its pathway instead: stages, branches, side tracks, ends.")
    ] = False,
    stage: Annotated[
        str | None, typer.Option("--stage", metavar="NAME", help="With --diagram: the nodes inside one stage.")
    ] = None,
    case: Annotated[
        bool, typer.Option("--case", help="Follow one synthetic case of one future through its rules instead.")
    ] = False,
    number: Annotated[int, typer.Option("--number", metavar="K", help="With --case: the K-th case that fits.")] = 1,
    where: Annotated[
        list[str] | None,
        typer.Option("--where", metavar="NAME=LEVEL", help="With --case: as outcome=dismissed; may be repeated."),
    ] = None,
    seed: Seed = 1,
    replication: Annotated[
        int, typer.Option("--replication", metavar="N", help="With --case: which future, from 0.")
    ] = 0,
    engine: EngineChoice = None,
    out: Annotated[
        Path | None, typer.Option("--out", metavar="DIR", help="Where a picture lies, and the table of a case.")
    ] = None,
    scenarios: Scenarios = None,
) -> None:
    """Every number of a scenario, with unit, date, grade, range and source, or its rules on a day, its posts, its pathway, or one case; or what a reform does."""
    from sim.evidence import Problem
    from sim.experiment import describe
    from sim.experiment.arms import Question, settings_from
    from sim.scenario import ScenarioError, load_scenario
    from sim.scenario.capacity import capacity_lines
    from sim.scenario.files import as_date
    from sim.scenario.load import names
    from sim.scenario.rule_book import book_lines

    folder = Question(scenarios, {}).folder
    day = as_date(on) if on is not None else None
    asked = {"--on": on is not None, "--capacity": capacity, "--diagram": diagram or stage is not None, "--case": case}
    only_of_a_case = bool(where) or engine is not None or (number, replication, seed) != (1, 0, 1)
    wrong = _not_together(asked, only_of_a_case=only_of_a_case, out=out)
    if on is not None and day is None:
        wrong.append(Problem(file="--on", key="", found=repr(on), expected="a date such as 2026-11-25"))
    header = None if name in names("scenarios", folder) else describe.overlay(name, folder)
    if header is not None:
        for option in (option for option, is_asked in asked.items() if is_asked):
            wrong.append(Problem(file=option, key=name, found="no scenario", expected="a scenario, with --reform"))
        _refuse(wrong)
        for line in describe.overlay_lines(name, header):
            _say(line)
        return
    changes, problems = settings_from(settings or ())
    wrong += problems
    try:
        made = load_scenario(name, world=world, reforms=reform or (), settings=changes, folder=folder)
    except ScenarioError as error:
        raise ScenarioError([*wrong, *error.problems]) from None
    _refuse(wrong)
    if day is not None:
        for line in book_lines(made, day, grep):
            _say(line)
        return
    if capacity:
        for line in capacity_lines(made):
            _say(line)
        return
    if asked["--diagram"]:
        from sim.report import shown

        for path in shown.write_diagram(shown.layout_of(made), stage, out or Path("results")):
            _say(str(path))
        return
    if case:
        _show_case(made, seed, replication, number, where or [], engine, out)
        return
    for line in describe.scenario_lines(made):
        _say(line)
    blocks = [block for block in describe.number_blocks(made) if grep.casefold() in "\n".join(block).casefold()]
    for block in blocks:
        _say("")
        for line in block:
            _say(line)
    if not blocks:
        _say("")
        _say(f"No number mentions {grep!r}.")


@app.command()
def validate(
    files: Annotated[
        list[Path], typer.Argument(metavar="FILE...", help="Scenarios, worlds, reforms, evidence, or folders of them.")
    ],
    scenarios: Scenarios = None,
) -> None:
    """Whether files of a scenario folder are right; every problem at once if not."""
    from sim.experiment.arms import Question
    from sim.experiment.validate import validate as check

    kinds, problems = check(files, Question(scenarios, {}).folder)
    _refuse(problems)
    for path, kind in kinds.items():
        _say(f"{path}: right ({kind})")


@app.command()
def run(
    scenario: Annotated[str, typer.Argument(metavar="SCENARIO", help="Its name, or the path of its file.")],
    world: Worlds = None,
    reform: Reforms = None,
    settings: SettingsOfARun = None,
    staffing: StaffingSheet = None,
    opening: OpeningSheet = None,
    ensemble: Ensemble = False,
    members: Members = None,
    unallocated: Unallocated = None,
    replications: Replications = 4,
    seed: Seed = 1,
    engine: EngineChoice = None,
    workers: Workers = None,
    from_: From = None,
    to: To = None,
    out: Out = Path("results"),
    events: Events = None,
    no_figures: NoFigures = False,
    quiet: Quiet = False,
    scenarios: Scenarios = None,
) -> None:
    """Play a scenario several times, in its first world unless others are named; with a staffing sheet, beside the same without it, in all."""
    from sim import experiment
    from sim.experiment.arms import ask

    worlds, reforms = world or [], reform or []
    options = _options(
        settings,
        from_,
        to,
        opening,
        scenarios,
        _members(ensemble, members),
        unallocated,
        lambda question: ask(
            scenario,
            question=question,
            worlds=worlds,
            reforms=reforms,
            staffing=[staffing] if staffing else [],
            members_of=worlds,
        ),
    )
    ask_for = partial(
        experiment.run,
        scenario,
        worlds=worlds,
        reforms=reforms,
        staffing=staffing,
        replications=replications,
        seed=seed,
        engine=engine,
        workers=workers,
        out=out,
        events=events,
        **options,
    )
    arms = " ".join(f"--arm '{one}'" for one in settings or ())
    way_on = f"These are levels. What --set changes: misconduct compare {scenario} {arms}"
    _answer(ask_for, quiet=quiet, figures=not no_figures, way_on=way_on if arms and staffing is None else "")


@app.command()
def compare(
    base: Annotated[str, typer.Argument(metavar="BASE", help="A scenario: its name, or the path of its file.")],
    others: Annotated[
        list[str] | None,
        typer.Argument(
            metavar="[OTHER]...",
            help="Reforms, several joined by + (a staffing sheet, .csv or .xlsx, may be one), or scenarios; the scenario's own choice if none.",
            show_default=False,
        ),
    ] = None,
    world: Worlds = None,
    arm: SingleArms = None,
    settings: SettingsOfAll = None,
    staffing: StaffingSheets = None,
    opening: OpeningSheet = None,
    ensemble: Ensemble = False,
    members: Members = None,
    unallocated: Unallocated = None,
    replications: Replications = 4,
    seed: Seed = 1,
    engine: EngineChoice = None,
    workers: Workers = None,
    from_: From = None,
    to: To = None,
    out: Out = Path("results"),
    events: Events = None,
    no_figures: NoFigures = False,
    no_opposites: Annotated[
        bool, typer.Option("--no-opposites", help="Leave out the opposite of assumed effects.")
    ] = False,
    caught: Annotated[
        bool, typer.Option("--caught", help="Also count which open cases each reform catches on its day.")
    ] = False,
    quiet: Quiet = False,
    scenarios: Scenarios = None,
) -> None:
    """Play a scenario with and without reforms, staffing sheets or single changes, in the same futures, in all its worlds unless some are named."""
    from sim import experiment
    from sim.experiment.arms import ask

    worlds, named, sheets, singles = world or [], others or [], staffing or [], arm or []
    options = _options(
        settings,
        from_,
        to,
        opening,
        scenarios,
        _members(ensemble, members),
        unallocated,
        lambda question: ask(
            base, named, question=question, worlds=worlds, staffing=sheets, alone=singles, members_of=worlds
        ),
    )
    ask_for = partial(
        experiment.compare,
        base,
        named,
        worlds=worlds,
        staffing=sheets,
        arms=singles,
        replications=replications,
        seed=seed,
        engine=engine,
        workers=workers,
        out=out,
        events=events,
        opposites=not no_opposites,
        caught=caught,
        **options,
    )
    _answer(ask_for, quiet=quiet, figures=not no_figures)


@app.command()
def ignorance(
    scenario: Annotated[
        str, typer.Argument(metavar="SCENARIO", help="Its name, or the path of its file.")
    ] = "casey_2022",
    lever: Annotated[
        list[str] | None,
        typer.Option(
            "--lever",
            metavar="R",
            help="A reform; may be repeated. Ten of the shipped ones if none.",
            show_default=False,
        ),
    ] = None,
    members: Annotated[int, typer.Option("--members", metavar="N", help="How many members of the ensemble.")] = 48,
    replications: Annotated[int, typer.Option("--replications", metavar="N", help="How many futures of each.")] = 2,
    seed: Seed = 1,
    engine: EngineChoice = None,
    workers: Workers = None,
    out: Out = Path("build/ignorance"),
    page: Annotated[
        Path | None,
        typer.Option(
            "--page", metavar="FILE", help="The page; ignorance.md beside its tables if not said.", show_default=False
        ),
    ] = None,
    tables: Annotated[
        Path | None,
        typer.Option(
            "--tables",
            metavar="DIR",
            help="Where its tables lie; SCENARIO/ignorance under --out if not said.",
            show_default=False,
        ),
    ] = None,
    scenarios: Scenarios = None,
) -> None:
    """Write the page of what is not known: levers over the ensemble, and which missing number is worth collecting next. Needs the extra `calibrate`."""
    from importlib.util import find_spec

    from sim.evidence import Problem
    from sim.experiment import compare
    from sim.report import ignorance as of_ignorance

    missing = [name for name in ("SALib", "sklearn") if find_spec(name) is None]
    expected = f"the extra: {HOW_TO_CALIBRATE}"
    _refuse([Problem(file="ignorance", key=name, found="it is not installed", expected=expected) for name in missing])
    with _watching(quiet=False) as watch:
        study = compare(
            scenario,
            lever or of_ignorance.LEVERS,
            members=members,
            replications=replications,
            seed=seed,
            engine=engine,
            workers=workers,
            folder=scenarios,
            out=out,
            events=False,
            opposites=False,
            progress=watch.progress,
            notice=watch.notice,
        )
        watch.stop()
    beside = tables or out / Path(scenario).stem / "ignorance"
    for path in of_ignorance.write(study, members, page or beside / "ignorance.md", beside):
        _say(str(path))


@app.command()
def staffing(
    scenario: Annotated[str, typer.Argument(metavar="SCENARIO", help="Its name, or the path of its file.")],
    sheet: StaffingSheet = None,
    world: Annotated[str | None, typer.Option("--world", metavar="W", help="A world.")] = None,
    reform: Reforms = None,
    settings: Settings = None,
    out: Annotated[
        Path | None,
        typer.Option(
            "--out",
            metavar="FILE",
            help="Write it as a sheet instead, .csv or .xlsx; that of --staffing again if given.",
        ),
    ] = None,
    columns: Annotated[bool, typer.Option("--columns", help="What each column of a sheet may hold, instead.")] = False,
    every: Annotated[
        bool,
        typer.Option(
            "--all",
            help="Every quarter that is played and every column, as CSV, instead of what changes in the window.",
        ),
    ] = False,
    scenarios: Scenarios = None,
) -> None:
    """Posts, people and vacancies of a scenario by team, in each of its worlds, where they change in its window, without playing it; or its staffing as a sheet.

    A sheet written without a world leaves every team as each world has it; add rows below. With a world it holds the posts of that one, which
    would replace those of any other.
    """
    from sim.evidence import Problem
    from sim.experiment.arms import Question, settings_from
    from sim.scenario import ScenarioError, load_scenario
    from sim.scenario.staffing import LAYOUT, present_rows, rows_of_any_world, write_sheet

    folder = Question(scenarios, {}).folder
    changes, wrong = settings_from(settings or ())
    asked = {"--columns": columns, "--out": out is not None, "--all": every}
    several_asked = [option for option, is_asked in asked.items() if is_asked]
    if len(several_asked) > 1:
        found_both = f"together with {several_asked[1]}"
        wrong.append(Problem(file=several_asked[0], key="", found=found_both, expected="one of them"))
    try:
        made = load_scenario(
            scenario, world=world, reforms=reform or (), settings=changes, staffing=sheet, folder=folder
        )
    except ScenarioError as error:
        raise ScenarioError([*wrong, *error.problems]) from None
    _refuse(wrong)
    plan = made.plan
    if columns:
        _dictionary(LAYOUT)
        return
    several = world is None and len(made.baseline.worlds or ()) > 1
    if out is not None:
        if several:
            present = rows_of_any_world(made.rosters, plan.starts_on)
        else:
            present = present_rows(made.rosters, plan.starts_on, plan.day(plan.ends_at))
        write_sheet(made.staffing.rows if made.staffing else present, out)
        _say(str(out))
        if several and not made.staffing:
            _say("It leaves each team as every world has it, and changes nothing until rows are added.")
        elif len(made.baseline.worlds or ()) > 1 and not made.staffing:
            _say(
                f"It holds the posts of {plan.world}: laid over another world it replaces that one's own, and changes it even with nothing added. "
                f"Play it with --world {plan.world}, or write it without --world."
            )
        return
    from sim.experiment.staffing import staffing_table
    from sim.experiment.standing import limits_of

    limits = limits_of([plan])
    print(f"{limits[0].upper()}{limits[1:]}.", file=sys.stderr)
    rosters = {(made.name, plan.world): made.rosters}
    for other in (made.baseline.worlds or ())[1:] if several else ():
        found = load_scenario(
            scenario, world=other, reforms=reform or (), settings=changes, staffing=sheet, folder=folder
        )
        rosters[found.name, found.plan.world] = found.rosters
    table = staffing_table(rosters).round(6)  # sums of shares of people: what is beyond is none of them
    if every:
        table.to_csv(sys.stdout, index=False, lineterminator="\n")
        return
    from sim.report import posts

    for line in posts.lines(table, plan):
        _say(line)


@app.command()
def opening(
    scenario: Annotated[str, typer.Argument(metavar="SCENARIO", help="Its name, or the path of its file.")],
    out: Annotated[
        Path | None, typer.Option("--out", metavar="FILE", help="The sheet to write, .csv or .xlsx.")
    ] = None,
    columns: Annotated[bool, typer.Option("--columns", help="What each column of a sheet may hold, instead.")] = False,
    world: Annotated[
        str | None,
        typer.Option(
            "--world", metavar="W", help="The world whose open cases they are; the scenario's first if not said."
        ),
    ] = None,
    engine: EngineChoice = None,
    scenarios: Scenarios = None,
) -> None:
    """Write the cases open on the day a scenario's window begins as a sheet: synthesised from the model (one future of one world, seed 1), not a count of real cases."""
    from sim.evidence import Problem
    from sim.experiment.arms import Question
    from sim.experiment.opening import synthesise
    from sim.scenario import load_scenario
    from sim.scenario.opening_sheet import LAYOUT, write_opening
    from sim.scenario.sheets import check_ending

    folder = Question(scenarios, {}).folder
    made = load_scenario(scenario, world=world, folder=folder)
    if columns or out is None:
        told = "together with --out" if columns else "neither --out nor --columns"
        _refuse([] if columns and out is None else [Problem(file="--out", key="", found=told, expected="one of them")])
        _dictionary(LAYOUT)
        return
    check_ending(out)
    with _watching(quiet=False) as watch:
        caseload = synthesise(made, engine, watch.notice)
    write_opening(caseload.rows, out)
    for sentence in caseload.sentences:
        _say(sentence)
    _say(str(out))


@app.command()
def check(
    scenario: Annotated[str, typer.Argument(metavar="SCENARIO", help="Its name, or the path of its file.")],
    replications: Replications = 2,
    seed: Seed = 1,
    engine: EngineChoice = None,
    workers: Workers = None,
    out: Out = Path("results"),
    keep: Annotated[
        Path | None,
        typer.Option(
            "--keep", metavar="DIR", help="Also put it into the record of checks of this folder of scenarios."
        ),
    ] = None,
    kept: Annotated[
        bool,
        typer.Option("--kept", help="Play nothing: say whether the kept record still holds for the plans of today."),
    ] = False,
    no_figures: NoFigures = False,
    quiet: Quiet = False,
    scenarios: Scenarios = None,
) -> None:
    """Play the ensemble of a scenario and hold it against every published figure: 0 if it passes, 1 if it does not, 2 if the input is wrong."""
    from sim.calibration import check as checking
    from sim.experiment import store
    from sim.experiment.arms import Question
    from sim.scenario import ScenarioError

    folder = Question(scenarios, {}).folder
    if kept:
        problems = checking.problems_of_kept(scenario, folder)
        for problem in problems:
            _say(str(problem))
        _say("The kept check holds." if not problems else "The kept check does not hold: results stay illustrative.")
        raise SystemExit(NOT_PASSED if problems else 0)
    try:
        store.check_writable(out, Path(scenario).stem)
    except ScenarioError as error:
        _refuse(error.problems)
    with _watching(quiet) as watch:
        found = checking.check(
            scenario,
            replications=replications,
            seed=seed,
            engine=engine,
            workers=workers,
            folder=folder,
            out=out,
            kept=keep is not None,
            progress=watch.progress,
            notice=watch.notice,
        )
    where = out / found.scenario / "check"
    checking.write_check(found, where)
    if not no_figures:
        from sim.report import validation

        validation.write(where)
    if keep is not None:
        checking.keep(found, keep)
    if quiet:
        print(where)
    else:
        from sim.report.checked import print_check

        print_check(found, _wide_console())
        _say(f"results: {where}")
    if not found.passed:
        raise SystemExit(NOT_PASSED)


@app.command()
def calibrate(
    scenario: Annotated[str, typer.Argument(help="A scenario, such as casey_2022.")],
    out: Annotated[Path, typer.Option("--out", metavar="DIR", help="Where runs, ensemble and tables lie.")],
    seed: Annotated[int, typer.Option("--seed", metavar="N", help="The same seed gives the same ensemble.")] = 1,
    runs: Annotated[int, typer.Option("--runs", metavar="N", help="How many plays, all waves together.")] = 1400,
    budget: Annotated[
        float | None,
        typer.Option("--budget", metavar="MINUTES", help="Stop after so long; the same command goes on."),
    ] = None,
    workers: Annotated[
        int | None, typer.Option("--workers", metavar="N", help="Plays at once; as many as cores if not said.")
    ] = None,
    engine: Annotated[Engine | None, typer.Option("--engine", help="Who plays; the fastest if not said.")] = None,
    scenarios: Scenarios = None,
    quiet: Quiet = False,
) -> None:
    """Fit what nobody publishes to published figures, as an ensemble of sets of numbers with weights."""
    with _needs_calibrate():
        from sim.calibration import made
        from sim.calibration.calibrate import OutOfTimeError

    with _watching(quiet) as watch:
        task = made.task_of(
            scenario, seed=seed, runs=runs, workers=workers, engine=engine and engine.value, folder=scenarios
        )
        try:
            found, path = made.run(task, out, minutes=budget, told=watch.notice)
        except OutOfTimeError as error:
            watch.stop()
            _say(str(error))
            raise SystemExit(OURS_IS_WRONG) from None
        watch.stop()
    for family in found.families:
        told = "refused: no play agrees" if family.refused else f"weight {family.weight:.2f}"
        _say(f"{family.name:<16}  {told}, {family.kept} of {family.candidates} candidates agree")
    _say(f"{len(found.ensemble.members)} members in {path}")


@contextmanager
def _needs_calibrate() -> Iterator[None]:
    """What a calibration leans on is an extra."""
    from sim.evidence import Problem

    try:
        yield
    except ModuleNotFoundError as error:
        if (error.name or "").partition(".")[0] not in ("sklearn", "threadpoolctl", "SALib"):
            raise
        wanted = f"first, {HOW_TO_CALIBRATE}"
        _refuse([Problem(file="calibrate", key="", found=f"no {error.name}, which is an extra", expected=wanted)])


@app.command()
def query(
    result: Annotated[Path, typer.Argument(metavar="RESULT", help="The folder of a result.")],
    sql: Annotated[
        str,
        typer.Argument(
            metavar="SQL",
            help="Over its tables: measures, events, and each CSV file by its name, as summary, differences, quarters, limits.",
        ),
    ],
) -> None:
    """Ask a result in SQL; the answer is CSV."""
    from sim.experiment.query import limits_of_result
    from sim.experiment.query import query as answer

    table = answer(result, sql)
    print(limits_of_result(result), file=sys.stderr)
    table.to_csv(sys.stdout, index=False, lineterminator="\n")


def main(arguments: Sequence[str] | None = None) -> None:
    """Do what the command line says; always ends by leaving the program."""
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="replace")  # a screen without the letter shows another one
    gc.set_threshold(OBJECTS_BEFORE_COLLECTING)
    command = typer.main.get_command(app)
    try:
        command(arguments, prog_name="misconduct")
    except Exception as error:
        _refuse(getattr(error, "problems", ()))
        if os.environ.get(DEBUG):
            raise
        told = f"{type(error).__name__}: {error}".splitlines()[0]
        print(f"misconduct: this is our fault, not yours: {told}", file=sys.stderr)
        print(f"Set {DEBUG}=1 to see where, and please report it.", file=sys.stderr)
        raise SystemExit(OURS_IS_WRONG) from None


def _refuse(problems: Sequence[object]) -> None:
    """Leave with every problem on a line of its own, if there are any."""
    if problems:
        for problem in problems:
            print(" ".join(str(problem).split()), file=sys.stderr)
        raise SystemExit(INPUT_IS_WRONG)


def _options(
    settings: list[str] | None,
    from_: str | None,
    to: str | None,
    opening: Path | None,
    scenarios: Path | None,
    members: tuple[int | None, list[Problem]],
    unallocated: list[str] | None,
    asks: Callable[[Question], object],
) -> dict[str, Any]:
    """Options that need reading, for `run` and `compare`. If one cannot be read, leaves with that and with all else that is wrong."""
    from sim.evidence import Problem
    from sim.experiment.arms import Question, settings_from
    from sim.experiment.counted import counts_from
    from sim.scenario import ScenarioError
    from sim.scenario.files import as_date

    made, problems = settings_from(settings or ())
    counts, wrong = counts_from(unallocated or ())
    problems += [*members[1], *wrong]
    days: dict[str, date | None] = {}
    for option, text in (("--from", from_), ("--to", to)):
        days[option] = as_date(text) if text else None
        if text is not None and days[option] is None:
            problems.append(Problem(file=option, key="", found=repr(text), expected="a date such as 2016-04-01"))
    if problems:
        try:
            asks(Question(scenarios, made, days["--from"], days["--to"], opening, members[0], counts))
        except ScenarioError as error:
            problems += error.problems
        _refuse(problems)
    return {
        "settings": made,
        "window_from": days["--from"],
        "window_to": days["--to"],
        "opening": opening,
        "members": members[0],
        "unallocated": counts,
        "folder": scenarios,
    }


def _members(ensemble: bool, members: int | None) -> tuple[int | None, list[Problem]]:
    """How many members of an ensemble are asked for, if any, and what is wrong with that."""
    from sim.evidence import Problem
    from sim.experiment.members import MEMBERS

    if members is not None and not ensemble:
        return None, [Problem(file="--members", key="", found="it without --ensemble", expected="with --ensemble")]
    return (MEMBERS if members is None else members) if ensemble else None, []


def _answer(ask_for: Callable[..., Study], *, quiet: bool, figures: bool, way_on: str = "") -> None:
    """Run or compare: the table as soon as it is known, then the files, what to ask next, and last where they are."""
    with _watching(quiet) as watch:

        def known(study: Study) -> None:
            watch.stop()
            _tell(study)

        study = ask_for(
            progress=watch.progress,
            notice=watch.notice,
            known=None if quiet else known,
            finish=partial(_draw, quiet=quiet) if figures else _write_tables,
        )
    if quiet:
        print(study.folder)
    else:
        _say("")
        if way_on:
            _say(way_on)
        _say(f"results: {study.folder}")


@dataclass(frozen=True)
class _Watch:
    """What is told on standard error while something is played."""

    progress: Callable[[int, int, str], object]
    notice: Callable[[str], object]
    stop: Callable[[], object]
    """Takes the bar away."""


@contextmanager
def _watching(quiet: bool) -> Iterator[_Watch]:
    """A bar on standard error if that is a terminal, and notices there; Ctrl-C ends with a sentence."""
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

    console = Console(stderr=True)
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    try:
        with Progress(*columns, console=console, transient=True, disable=quiet or not console.is_terminal) as bar:
            task = bar.add_task("starting", total=None)

            def progress(done: int, total: int, label: str) -> None:
                bar.update(task, completed=done, total=total, description=label)

            def notice(sentence: str) -> None:
                if not quiet:
                    console.print(f"misconduct: {sentence}", markup=False, highlight=False, emoji=False, soft_wrap=True)

            yield _Watch(progress, notice, bar.stop)
    except KeyboardInterrupt:
        print(
            "misconduct: stopped; finished replications are kept, and the same command goes on from them.",
            file=sys.stderr,
        )
        sys.stderr.flush()
        os._exit(STOPPED)  # the workers are gone, and a queue to them that never empties would hold an ordinary exit


def _not_together(asked: Mapping[str, bool], *, only_of_a_case: bool, out: Path | None) -> list[Problem]:
    """What is wrong with the options of `show`: two answers at once, or an option that would do nothing."""
    from sim.evidence import Problem

    wrong = []
    several = [option for option, is_asked in asked.items() if is_asked]
    if len(several) > 1:
        wrong.append(Problem(file=several[0], key="", found=f"together with {several[1]}", expected="one of them"))
    if only_of_a_case and not asked["--case"]:
        options = "--number, --where, --seed, --replication, --engine"
        wrong.append(Problem(file=options, key="", found="one of them without --case", expected="with --case"))
    if out is not None and not (asked["--diagram"] or asked["--case"]):
        expected = "with --diagram or --case"
        wrong.append(Problem(file="--out", key="", found="neither --diagram nor --case", expected=expected))
    return wrong


def _show_case(
    scenario: Scenario,
    seed: int,
    replication: int,
    number: int,
    where: list[str],
    engine: Engine | None,
    out: Path | None,
) -> None:
    """One synthetic case on the screen, and in a folder if one is named."""
    from sim.report import one_case, shown

    with _watching(quiet=False) as watch:
        story = shown.find_case(
            scenario, seed=seed, replication=replication, number=number, where=where, engine=engine, notice=watch.notice
        )
    one_case.print_case(story, _wide_console())
    for path in one_case.write_case(story, out) if out else ():
        _say(str(path))


def _draw(study: Study, folder: Path, *, quiet: bool) -> None:
    from sim import report

    console = Console(stderr=True, quiet=quiet)
    with console.status("drawing figures") if console.is_terminal else nullcontext():
        report.write(study, folder)


def _write_tables(study: Study, folder: Path) -> None:
    from sim import report

    report.write_tables(study, folder)


def _tell(study: Study) -> None:
    """The tables of a study."""
    from sim import report

    report.print_summary(study, _wide_console())


def _wide_console() -> Console:
    """The screen; in a pipe, one of a width that tables fit into."""
    console = Console()
    return console if console.is_terminal else Console(width=WIDTH_IN_A_PIPE)


def _dictionary(layout: Layout) -> None:
    """How a sheet is laid out, and name, meaning and words of each of its columns."""
    _say(layout.told)
    width = max(len(word) for _, word, _ in layout.explained) + 2
    for name, word, meaning in layout.explained:
        _say(f"  {word:<{width}}{meaning}".rstrip() if word else f"{name}: {meaning}")


def _say(line: str) -> None:
    """One line of text, as it is: no colours, no guessing at markup, not broken in a pipe."""
    console = Console(soft_wrap=True)
    console.print(line, markup=False, highlight=False, emoji=False)


@app.callback(invoke_without_command=True)
def _version(version: Annotated[bool, typer.Option("--version", help="Say which version this is.")] = False) -> None:
    if version:
        print(sim.__version__)
        raise typer.Exit


def program() -> None:
    """`main`, then out at once: to take down what was imported and compiled, piece by piece, takes as long as a small question."""
    try:
        main()
    except SystemExit as left:
        if isinstance(left.code, int):
            with suppress(OSError):  # whoever read is gone, which is for Python to say
                sys.stdout.flush()
                sys.stderr.flush()
                atexit._run_exitfuncs()
                os._exit(left.code)
        raise


if __name__ == "__main__":
    program()
