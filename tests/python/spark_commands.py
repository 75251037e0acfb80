"""Run commands one after the other in one process, and so in one Spark session: a session takes long to begin.

Arguments: each command as a JSON list, those of dbt, or "write" with a table and the folder for its rows as Parquet.
Ends with 1 at the first that fails. Runs in the environment .venv-spark.
"""

import json
import sys
import time

from dbt.cli.main import dbtRunner
from pyspark.sql import SparkSession


def succeeds(command: list[str]) -> bool:
    if command[0] == "write":
        _, table, folder = command
        SparkSession.active().table(table).write.parquet(folder)
        return True
    return bool(dbtRunner().invoke(command).success)


for text in sys.argv[1:]:
    began = time.monotonic()
    command = json.loads(text)
    if not succeeds(command):
        sys.exit(1)
    print(f"{' '.join(command[:2])}: {time.monotonic() - began:.0f} s", flush=True)
