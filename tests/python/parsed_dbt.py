"""The environment's command `dbt`, with the project parsed already.

Arguments: a file with the pickled manifest of the project, then those of dbt.
"""

import functools
import pickle
import sys
from pathlib import Path

from dbt.cli.main import cli

from coco_warehouse.dbt_command import main

manifest = pickle.loads(Path(sys.argv.pop(1)).read_bytes())
cli.make_context = functools.partial(cli.make_context, obj={"manifest": manifest})  # type: ignore[method-assign]
main()
