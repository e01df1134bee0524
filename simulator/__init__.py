"""A contact centre with known ground truth, writing landing files in the shape of the contract.

Nothing here knows the warehouse. The command line and the tests are the only callers.
"""

from simulator.scale import Scale
from simulator.simulate import SimulationReport, advance, simulate

__all__ = ["Scale", "SimulationReport", "advance", "simulate"]
