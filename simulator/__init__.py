"""A contact centre with known ground truth, writing landing files in the shape of the contract.

Nothing here knows the warehouse. The command line and the tests are the only callers.
"""

from simulator.lock import alone
from simulator.scale import Scale
from simulator.simulate import SimulationReport, advance, simulate
from simulator.staging import Staging
from simulator.truth import read as read_truth

__all__ = ["Scale", "SimulationReport", "Staging", "advance", "alone", "read_truth", "simulate"]
