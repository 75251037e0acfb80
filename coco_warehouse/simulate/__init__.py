"""`coco simulate`: all raw inputs of the warehouse for a sample company, from one seed."""

from coco_warehouse.simulate.contract import ContractError
from coco_warehouse.simulate.faults import FaultError
from coco_warehouse.simulate.simulation import OutputError, Summary, simulate

__all__ = ["ContractError", "FaultError", "OutputError", "Summary", "simulate"]
