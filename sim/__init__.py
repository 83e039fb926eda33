"""How do police misconduct allegations move from report to outcome, and what would change that?"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from sim.experiment import Study, compare, run
    from sim.report import figure
    from sim.scenario import Scenario, ScenarioError, load_scenario

__version__ = "0.1.0"

__all__ = ["Scenario", "ScenarioError", "Study", "__version__", "compare", "figure", "load_scenario", "run"]

_LIVES_IN = {
    "Scenario": "sim.scenario",
    "ScenarioError": "sim.scenario",
    "Study": "sim.experiment",
    "compare": "sim.experiment",
    "figure": "sim.report",
    "load_scenario": "sim.scenario",
    "run": "sim.experiment",
}


def __getattr__(name: str) -> Any:
    """Public names, imported when first asked for: the engine never waits for tables and pictures."""
    if name in _LIVES_IN:
        return getattr(import_module(_LIVES_IN[name]), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


def __dir__() -> list[str]:
    return sorted(__all__)
