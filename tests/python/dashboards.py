"""The dashboard for the tests: a reader of a warehouse, what a page says, and the dashboard as a user serves it."""

from __future__ import annotations

import contextlib
import os
import re
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from warehouses import PROJECT, Warehouse, environment

from coco_warehouse.dashboard.publish import publish, warehouse_path
from coco_warehouse.dashboard.reader import PostgresReader, Reader, SnapshotReader
from coco_warehouse.targets import Target, resolve_target


def target_of(warehouse: Warehouse) -> Target:
    with environment(warehouse.environment):
        return resolve_target(warehouse.target, warehouse.folder, PROJECT)


def reader_of(warehouse: Warehouse, snapshot: Path) -> Reader:
    """A reader of a warehouse; on DuckDB of a snapshot that is published now, where there is none."""
    target = target_of(warehouse)
    if warehouse.engine == "postgres":
        return PostgresReader(target)
    if not snapshot.is_file():
        publish(target, snapshot)
    return SnapshotReader(snapshot, "coco_marts", warehouse_path(target))


def parts_of(part: Any) -> Iterator[Any]:
    """Every component of a page, in the order that it is read in."""
    if isinstance(part, list | tuple):
        for one in part:
            yield from parts_of(one)
    elif part is not None:
        yield part
        yield from parts_of(getattr(part, "children", None))


def text_of(part: Any) -> str:
    """What a page says, as text."""
    return " ".join(one for one in parts_of(part) if isinstance(one, str))


def figures_of(part: Any) -> dict[str, str]:
    """The tiles of a page: name to figure."""
    found = {}
    for one in parts_of(part):
        if str(getattr(one, "className", "")).startswith("tile ") or getattr(one, "className", "") == "tile":
            name, figure = one.children[0], one.children[1]
            found[next(text for text in parts_of(name) if isinstance(text, str))] = text_of(figure)
    return found


def tables_of(part: Any) -> dict[str, list[list[str]]]:
    """The short tables of a page: caption to rows of cells."""
    found = {}
    for one in parts_of(part):
        if type(one).__name__ == "Table":
            caption = next(text_of(child) for child in one.children if type(child).__name__ == "Caption")
            rows = [row for row in parts_of(one) if type(row).__name__ == "Tr"]
            found[caption] = [[text_of(cell) for cell in row.children] for row in rows]
    return found


@contextlib.contextmanager
def served(warehouse: Warehouse, *options: str, **variables: str) -> Iterator[str]:
    """Serve the dashboard with `coco dashboard` on a free port; the value is its address."""
    command = [
        *(str(Path(sys.executable).parent / "coco"), "dashboard", "--port", "0", "--target", warehouse.target),
        *("--profiles-dir", str(warehouse.folder), *options),
    ]
    process = subprocess.Popen(
        command,
        cwd=PROJECT,
        env={**os.environ, **warehouse.environment, "PYTHONUNBUFFERED": "1", **variables},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    timer = threading.Timer(120, process.kill)
    timer.start()
    said = []
    try:
        assert process.stdout is not None
        for line in process.stdout:
            said.append(line)
            if address := re.search(r"http://[^ ]+", line):
                break
        else:
            raise AssertionError("".join(said))
        timer.cancel()
        # What it prints later must not fill the pipe.
        threading.Thread(target=process.stdout.read, daemon=True).start()
        yield address.group().rstrip("/")
    finally:
        timer.cancel()
        process.terminate()
        process.wait(timeout=30)
