"""How sure are we? Scenarios are run or compared in several worlds and futures, on all cores, to the same digits."""

from sim.experiment.study import LIMITS, OPPOSITE, Arm, Study
from sim.experiment.verbs import compare, run

__all__ = ["LIMITS", "OPPOSITE", "Arm", "Study", "compare", "run"]
