"""The temporary folder of a load."""

import os
import shutil
import stat
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path

PREFIX = "coco-load-"
# A younger folder may be one that its load is about to lock.
LEAST_AGE_SECONDS = 60


@contextmanager
def scratch_folder() -> Iterator[Path]:
    """Make a folder for one load, gone at its end; remove those that killed loads of the same user left.

    A load holds a lock on its folder, which the system takes back however the load ends.
    """
    _remove_left_behind()
    with tempfile.TemporaryDirectory(prefix=PREFIX) as name, ExitStack() as stack:
        # Where folders cannot be locked, nobody removes what is left behind.
        with suppress(OSError):
            stack.enter_context(_locked(Path(name)))
        yield Path(name)


def _remove_left_behind() -> None:
    if sys.platform == "win32":
        return
    for folder in Path(tempfile.gettempdir()).glob(f"{PREFIX}*"):
        # Another load may be removing it, or hold its lock.
        with suppress(OSError):
            status = folder.lstat()
            is_own = stat.S_ISDIR(status.st_mode) and status.st_uid == os.getuid()
            if is_own and status.st_mtime < time.time() - LEAST_AGE_SECONDS:
                with _locked(folder):
                    shutil.rmtree(folder, ignore_errors=True)


@contextmanager
def _locked(folder: Path) -> Iterator[None]:
    """Hold the lock of a folder. Raises OSError when another holds it, or folders cannot be locked."""
    if sys.platform == "win32":
        raise OSError("Windows locks no folders.")
    import fcntl

    descriptor = os.open(folder, os.O_RDONLY)
    try:
        # Not fcntl.lockf, whose locks do not keep the loads of one process apart.
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        yield
    finally:
        os.close(descriptor)
