"""Landing of raw files in the warehouse; `docs/raw.md` is its contract."""

from coco_warehouse.load.errors import LoadError
from coco_warehouse.load.report import FileOutcome, LoadReport
from coco_warehouse.load.run import load_paths

__all__ = ["FileOutcome", "LoadError", "LoadReport", "load_paths"]
