"""Files in parts: many are written at once, each in small pieces, and nothing is held for long."""

from __future__ import annotations

import shutil
from pathlib import Path

_FLUSH_BYTES = 1 << 17


class PartWriter:
    """Appends lines to many files, keeping a little of each in memory.

    A file is opened for every flush only, so that hundreds of them need no open handles.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._pending: dict[str, bytearray] = {}

    def write(self, name: str, line: bytes) -> None:
        """Append one line to the file of that name under the folder."""
        pending = self._pending.get(name)
        if pending is None:
            pending = self._pending[name] = bytearray()
        # Copied, not kept: the JSON encoder's bytes hold several times the room that they need.
        pending += line
        pending += b"\n"
        if len(pending) > _FLUSH_BYTES:
            self._flush(name)

    def write_file(self, name: str, content: bytes) -> None:
        """Write a whole file."""
        path = self._folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)

    def close(self) -> None:
        """Write out what is left."""
        for name in list(self._pending):
            self._flush(name)

    def _flush(self, name: str) -> None:
        pending = self._pending.pop(name)
        path = self._folder / name
        if not path.parent.is_dir():
            path.parent.mkdir(parents=True, exist_ok=True)
        with path.open("ab") as file:
            file.write(pending)


def join_parts(parts: list[Path], target: Path) -> None:
    """Put parts one after another into one file; the parts are removed."""
    target.parent.mkdir(parents=True, exist_ok=True)
    if len(parts) == 1:
        shutil.move(parts[0], target)
        return
    with target.open("wb") as joined:
        for part in parts:
            with part.open("rb") as file:
                shutil.copyfileobj(file, joined, 1 << 20)
            part.unlink()
