"""What would change? A pathway, its numbers, a world and dated reforms become a plan."""

from sim.scenario.build import ScenarioError
from sim.scenario.load import Scenario, load_scenario

__all__ = ["Scenario", "ScenarioError", "load_scenario"]
