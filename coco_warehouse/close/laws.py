"""The laws of the project, run by dbt before a month is closed."""

import json
import os
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from coco_warehouse.close.errors import CloseError
from coco_warehouse.targets import Target

RUN_DBT = "from dbt.cli.main import cli; cli()"
# Lines of dbt's own output that are told where it fails.
TOLD_LINES = 15


@dataclass(frozen=True)
class Law:
    """A test of the project that was run.

    `status` is dbt's word: pass, warn, fail, error or skipped; `row_count` is how many rows break it.
    """

    name: str
    status: str
    row_count: int

    @property
    def is_warned_of(self) -> bool:
        """Whether it does not hold and is a matter for people: the marts stand, and so does a close."""
        return self.status == "warn"

    @property
    def told(self) -> str:
        """Its status as the certificate tells it."""
        return f"warn, rows: {self.row_count}" if self.is_warned_of else self.status


def run_laws(target: Target, profiles_dir: Path, as_of: datetime) -> Sequence[Law]:
    """Run every test that is a query of its own: laws, checks of seeds and of macros.

    dbt works in a process of its own, since DuckDB lets no two in. What is only warned of refuses nothing: the summary
    of a platform may stay wrong for good, and is for the reviewer to judge.

    Args:
        as_of: the moment that the marts look from, UTC.

    Raises:
        CloseError: dbt cannot run them, or one fails.
    """
    folder = Path(os.environ.get("DBT_TARGET_PATH") or target.project_dir / "target")
    results = target.project_dir / folder / "run_results.json"
    results.unlink(missing_ok=True)
    done = subprocess.run(
        [
            *(sys.executable, "-c", RUN_DBT, "--no-use-colors", "test", "--select", "test_type:singular"),
            *("--target", target.name, "--project-dir", str(target.project_dir)),
            *("--profiles-dir", str(profiles_dir), "--vars", json.dumps({"as_of": f"{as_of:%Y-%m-%d %H:%M:%S.%f}"})),
        ],
        cwd=target.project_dir,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
    )
    told = "\n".join((done.stdout + done.stderr).strip().splitlines()[-TOLD_LINES:])
    if not results.is_file():
        raise CloseError(f"The laws could not be run, so that nothing was closed. dbt says:\n{told}")
    found = json.loads(results.read_text(encoding="utf-8"))["results"]
    tests = [result for result in found if result["unique_id"].startswith("test.")]
    laws = [Law(result["unique_id"].split(".")[2], result["status"], result["failures"] or 0) for result in tests]
    broken = [law for law in laws if law.status != "pass" and not law.is_warned_of]
    if broken or not laws or done.returncode != 0:
        names = "".join(f"\n  - {law.name}: {law.status}" for law in broken)
        raise CloseError(
            f"The laws do not all hold, so that nothing was closed:{names}\n"
            f"See the rows with: dbt test --store-failures --select "
            f"{broken[0].name if broken else 'test_type:singular'}\ndbt says:\n{told}"
        )
    return sorted(laws, key=lambda law: law.name)
