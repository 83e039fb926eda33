"""What would change? A pathway, its numbers, a world and dated reforms become a plan."""

from sim.scenario.build import ScenarioError
from sim.scenario.ensemble import Ensemble, Member, load_ensemble, save_ensemble
from sim.scenario.load import Scenario, load_scenario

__all__ = [
    "Ensemble",
    "Member",
    "Scenario",
    "ScenarioError",
    "load_ensemble",
    "load_scenario",
    "save_ensemble",
]
