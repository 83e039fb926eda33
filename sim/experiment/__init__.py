"""How sure are we? Scenarios are run or compared in several worlds and futures, on all cores, to the same digits."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from sim.experiment.study import LIMITS, OPPOSITE, Arm, Figures, Study
    from sim.experiment.verbs import compare, run

__all__ = ["LIMITS", "OPPOSITE", "Arm", "Figures", "Study", "compare", "run"]


def __getattr__(name: str) -> Any:
    """Public names, imported when first asked for: the command line names its engines without waiting for them."""
    if name in __all__:
        module = "verbs" if name in {"compare", "run"} else "study"
        return getattr(import_module(f"sim.experiment.{module}"), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
