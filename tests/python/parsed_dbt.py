"""The environment's command `dbt`, with the project parsed already.

Arguments: a file with the pickled manifest of the project, then those of dbt.
"""

import functools
import pickle
import sys
from pathlib import Path

from dbt.cli.main import cli
from lean_dbt import lean

from coco_warehouse.dbt_command import main


def take_parsed(file: str) -> None:
    """Let dbt in this process take a pickled manifest for what it would parse."""
    manifest = pickle.loads(Path(file).read_bytes())
    cli.make_context = functools.partial(cli.make_context, obj={"manifest": manifest})  # type: ignore[method-assign]


if __name__ == "__main__":
    take_parsed(sys.argv.pop(1))
    with lean():
        main()
