"""Does the house stand? Locks, wheel, versions, and what must never be written down."""

import re
import shutil
import subprocess
import tomllib
import zipfile
from importlib import metadata
from pathlib import Path

import pytest
import yaml
from hatchling.build import build_wheel
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

import sim

ROOT = Path(__file__).parents[1]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
RUN, TEST, BENCHMARK = (ROOT / "requirements" / f"{name}.txt" for name in ("run", "test", "benchmark"))

# Written so that this file does not hold what it looks for.
NEVER_WRITTEN = re.compile(
    r"(?<![\w./-])/(?:home|Users|root|work)/"  # somebody's own folders
    r"|[A-Z]:\\Users"
    r"|py[p]i\.org|python[h]osted",
    re.IGNORECASE,
)


def pins(lock: Path) -> list[tuple[Requirement, str]]:
    """Each pinned requirement of a lock, with the hashes that follow it."""
    logical_lines = lock.read_text(encoding="utf-8").replace("\\\n", " ").splitlines()
    split = (line.partition("--hash=") for line in logical_lines if line.strip())
    return [(Requirement(requirement.strip()), mark + hashes) for requirement, mark, hashes in split]


def files_of_the_project() -> list[Path]:
    if not (shutil.which("git") and (ROOT / ".git").exists()):
        pytest.skip("not a git checkout, so nothing says which files are the project's")
    listing = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    )
    return [path for name in listing.stdout.split("\0") if name and (path := ROOT / name).is_file()]


@pytest.mark.parametrize("lock", [RUN, TEST, BENCHMARK], ids=lambda lock: lock.name)
def test_a_lock_names_no_host_and_hashes_every_requirement(lock: Path) -> None:
    assert not re.search(r"://|--index|--find-links|@", lock.read_text(encoding="utf-8"))
    for requirement, hashes in pins(lock):
        assert re.fullmatch(r"==[^*]+", str(requirement.specifier)), requirement
        assert re.fullmatch(r"(--hash=sha256:[0-9a-f]{64}\s*)+", hashes), requirement


@pytest.mark.parametrize(
    ("lock", "groups"),
    [(RUN, {"build"}), (TEST, {"build", "dev"}), (BENCHMARK, {"build", "benchmark"})],
    ids=["run", "test", "benchmark"],
)
def test_every_dependency_is_locked_at_a_version_it_allows(lock: Path, groups: set[str]) -> None:
    model = PROJECT["project"]["dependencies"] + PROJECT["project"]["optional-dependencies"]["fast"]
    asked = sum((PROJECT["dependency-groups"][group] for group in groups), model)
    locked = pins(lock)
    for dependency in map(Requirement, asked):
        versions = [
            next(iter(pin.specifier)).version
            for pin, _ in locked
            if canonicalize_name(pin.name) == canonicalize_name(dependency.name)
        ]
        assert versions, f"{dependency} is not in {lock.name}: run `make lock`"
        assert all(dependency.specifier.contains(version) for version in versions), (dependency, versions)


def test_the_tests_run_on_the_versions_the_model_runs_on() -> None:
    assert {str(pin) for pin, _ in pins(RUN)} <= {str(pin) for pin, _ in pins(TEST)}


def test_the_build_backend_is_locked_too() -> None:
    assert PROJECT["build-system"]["requires"] == PROJECT["dependency-groups"]["build"]


def test_no_file_tells_where_it_was_made() -> None:
    found = []
    for path in files_of_the_project():
        content = path.read_bytes()
        if b"\0" in content:
            continue  # not text
        for number, line in enumerate(content.decode("utf-8").splitlines(), start=1):
            if NEVER_WRITTEN.search(line):
                found.append(f"{path.relative_to(ROOT)}:{number}: {line.strip()}")
    assert not found, "\n".join(found)


def test_the_wheel_carries_the_scenarios_and_nothing_but_the_package(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(ROOT)
    wheel = zipfile.ZipFile(tmp_path / build_wheel(str(tmp_path)))
    inside = set(wheel.namelist())

    ours = {path.relative_to(ROOT).as_posix() for path in files_of_the_project()}
    code = {name for name in ours if name.startswith("sim/")}
    scenarios = {f"sim/shipped_{name}" for name in ours if name.startswith("scenarios/")}
    described = {name for name in inside if name.startswith("police_misconduct_model-")}
    assert scenarios, "there is no scenario to ship"
    assert inside - described == code | scenarios


def test_changelog_citation_and_package_agree_on_the_version() -> None:
    changelog = (ROOT / "CHANGELOG.md").read_text(encoding="utf-8")
    newest_section = re.split(r"^## ", changelog, flags=re.MULTILINE)[1]
    citation = yaml.safe_load((ROOT / "CITATION.cff").read_text(encoding="utf-8"))

    assert metadata.version("police-misconduct-model") == sim.__version__
    assert citation["version"] == sim.__version__
    assert re.search(rf"(?<![\d.]){re.escape(sim.__version__)}(?![\d.]*\d)", newest_section), newest_section
    assert citation["license"] == PROJECT["project"]["license"]


def test_ci_runs_what_a_contributor_runs() -> None:
    script = ROOT / ".ci/run"
    assert script.stat().st_mode & 0o111, "not executable"
    assert script.read_text(encoding="utf-8").splitlines()[-1] == "make test"
