"""The environment's command `dbt`, with the project parsed already.

Arguments: a file with the pickled manifest of the project, then those of dbt.
"""

import functools
import pickle
import sys
from pathlib import Path

import dbt.cli.main

from coco_warehouse.dbt_command import main

manifest = pickle.loads(Path(sys.argv.pop(1)).read_bytes())
dbt.cli.main.cli = functools.partial(dbt.cli.main.cli, obj={"manifest": manifest})
main()
