"""Proving a close later: the frozen rows and the certificate are what they were."""

import hashlib
import json
from datetime import date
from pathlib import Path

from coco_warehouse.catalog import read_catalog
from coco_warehouse.close.closing import opened
from coco_warehouse.close.errors import CloseError
from coco_warehouse.close.freezing import PERIODS, SOURCE, hash_frozen
from coco_warehouse.load.warehouse import table_name
from coco_warehouse.targets import Target, resolve_target


def verify_certificate(
    month: date,
    certificate: Path,
    target: str | Target | None = None,
    *,
    profiles_dir: Path | None = None,
    project_dir: Path | None = None,
) -> int:
    """Hold a certificate in JSON against the warehouse: its own text, and the frozen rows of the month.

    Returns:
        How many frozen rows were read.

    Raises:
        CloseError: they are not what they were when the month was closed, or it is not closed.
        TargetError: project, profile or target cannot be found.
    """
    if not isinstance(target, Target):
        target = resolve_target(target, profiles_dir, project_dir)
    catalog = read_catalog(target)
    content = certificate.read_bytes()
    with opened(target, catalog) as (warehouse, _):
        periods = catalog.table(SOURCE, PERIODS)
        known = (
            warehouse.query(
                f"select certificate_hash, certificate from {table_name(periods)} where period_month_date = %s",
                [month.isoformat()],
            )
            if warehouse.columns(periods)
            else []
        )
        if not known:
            raise CloseError(f"{month:%Y-%m} is not closed in target {target.name}.")
        found = hash_frozen(warehouse, catalog, month)
    [(certificate_hash, kept)] = known
    if hashlib.sha256(content).hexdigest() != certificate_hash:
        raise CloseError(
            f"{certificate} is not the certificate of {month:%Y-%m}, or was changed: its SHA-256 is not "
            f"{certificate_hash}. The one that was written stands in {periods.schema}.{periods.identifier}."
        )
    if hashlib.sha256(kept.encode()).hexdigest() != certificate_hash:
        raise CloseError(f"The certificate in {periods.schema}.{periods.identifier} was changed after the close.")
    told = json.loads(content)["frozen"]["tables"]
    changed = [name for name, (rows, digest) in found.items() if told[name] != {"rows": rows, "sha256": digest}]
    if changed:
        raise CloseError(
            f"The frozen rows of {month:%Y-%m} were changed after the close, in: {', '.join(changed)}. "
            "Bring these tables back from a backup; the certificate tells rows and hashes."
        )
    return sum(rows for rows, _ in found.values())
