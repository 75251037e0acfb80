"""Coco's analytics warehouse: what stands around its dbt project."""

from importlib.metadata import PackageNotFoundError, version

try:
    __version__ = version("coco-warehouse")
except PackageNotFoundError:  # a checkout that was never installed
    __version__ = "0+unknown"
