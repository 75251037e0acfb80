"""Raw files before anything is read from them: found, hashed, and refused when they are not what they claim."""

import codecs
import gzip
import hashlib
import os
import zlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO, cast

from coco_warehouse.load.errors import FileRefused, LoadError

HEAD_BYTES = 64 * 1024
BLOCK_BYTES = 4 * 1024 * 1024

GZIP_MAGIC = b"\x1f\x8b"
PARQUET_MAGIC = b"PAR1"
TEXT_SUFFIXES = (".csv", ".ndjson", ".jsonl", ".json")

_SAVE_AS_CSV = "Open it and save it as “CSV UTF-8 (comma separated)”, or download the CSV export."
_SAVE_AS_UTF8 = "Save it as UTF-8 (in a spreadsheet: “CSV UTF-8”; in an editor: encoding UTF-8) and load it again."

# The first bytes of what people load by mistake.
_FOREIGN_CONTENT = (
    (b"PK\x03\x04", f"It is an Excel workbook or a zip archive, whatever its name says. {_SAVE_AS_CSV}"),
    (
        b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1",
        f"It is an old Excel workbook, whatever its name says. {_SAVE_AS_CSV}",
    ),
    (b"%PDF", "It is a PDF. Download the export as CSV."),
    (b"\xff\xfe\x00\x00", f"It is encoded as UTF-32. {_SAVE_AS_UTF8}"),
    (b"\x00\x00\xfe\xff", f"It is encoded as UTF-32. {_SAVE_AS_UTF8}"),
    (b"\xff\xfe", f"It is encoded as UTF-16. {_SAVE_AS_UTF8}"),
    (b"\xfe\xff", f"It is encoded as UTF-16. {_SAVE_AS_UTF8}"),
)


@dataclass(frozen=True)
class SourceFile:
    """A file that can be read whole. `head` is the start of its content, uncompressed."""

    path: Path
    content_hash: str
    is_compressed: bool
    head: bytes

    @property
    def name(self) -> str:
        """Its name, without folders."""
        return self.path.name

    @property
    def stem_and_suffix(self) -> tuple[str, str]:
        """Its name without `.gz`, split before the last suffix, which is given in lower case."""
        return split_name(self.path)

    def open(self) -> BinaryIO:
        """Open its content, uncompressed."""
        return cast(BinaryIO, gzip.open(self.path) if self.is_compressed else self.path.open("rb"))


def split_name(path: Path) -> tuple[str, str]:
    """Split a file's name, without `.gz`, into stem and lower-case suffix."""
    name = path.name[:-3] if path.name.lower().endswith(".gz") else path.name
    stem, suffix = os.path.splitext(name)
    return stem, suffix.lower()


def find_files(path: Path) -> list[Path]:
    """Find the files under a path, in the order of their names; hidden files and folders are passed over.

    Raises:
        LoadError: the path does not exist.
    """
    if not path.exists():
        raise LoadError(f"There is no file or folder {path}.")
    if not path.is_dir():
        return [path]
    found: list[Path] = []
    for folder, subfolders, names in os.walk(path):
        subfolders[:] = [name for name in subfolders if not name.startswith((".", "__MACOSX"))]
        found.extend(Path(folder, name) for name in names if not name.startswith("."))
    return sorted(found)


def content_hash(path: Path) -> str:
    """SHA-256 of a file's bytes as they are, for a file that cannot be read as what it claims."""
    try:
        with path.open("rb") as stream:
            return hashlib.file_digest(stream, "sha256").hexdigest()
    except OSError:
        return hashlib.sha256(b"").hexdigest()


def inspect_file(path: Path) -> SourceFile:
    """Read a file once, from end to end: its hash, and whether it is what its name claims.

    The hash is of the content, uncompressed, so that a file is known again after it was zipped.

    Raises:
        FileRefused: it cannot be read, is empty, is cut short, is something else, or is not UTF-8 where it must be.
    """
    suffix = split_name(path)[1]
    digest = hashlib.sha256()
    head = b""
    check = _text_check(suffix)
    try:
        with path.open("rb") as stream:
            is_compressed = stream.read(2) == GZIP_MAGIC
        for block in _blocks(path, is_compressed):
            if not head:
                head = block[:HEAD_BYTES]
                _refuse_foreign_content(head, suffix)
            digest.update(block)
            check.feed(block)
        check.finish()
    except (EOFError, zlib.error, gzip.BadGzipFile) as error:
        raise FileRefused(f"Its gzip compression is damaged or cut short ({error}). Fetch the file again.") from error
    except OSError as error:
        raise FileRefused(f"It cannot be read: {error.strerror or error}.") from error
    if not head:
        raise FileRefused("It is empty. Download it again, or leave it out.")
    return SourceFile(path, digest.hexdigest(), is_compressed, head)


def _blocks(path: Path, is_compressed: bool) -> Iterator[bytes]:
    with cast(BinaryIO, gzip.open(path) if is_compressed else path.open("rb")) as stream:
        while block := stream.read(BLOCK_BYTES):
            yield block


def _refuse_foreign_content(head: bytes, suffix: str) -> None:
    if suffix == ".xlsx" and head.startswith(b"PK\x03\x04"):
        return
    for magic, reason in _FOREIGN_CONTENT:
        if head.startswith(magic):
            raise FileRefused(reason)
    if suffix == ".parquet" and not head.startswith(PARQUET_MAGIC):
        raise FileRefused("It is not Parquet, although its name says so. Fetch it again, or correct its name.")
    if suffix in TEXT_SUFFIXES:
        if head.startswith(PARQUET_MAGIC):
            raise FileRefused("It is Parquet, although its name says otherwise. Name it <schema>.<table>.parquet.")
        start = head.removeprefix(codecs.BOM_UTF8).lstrip()[:512].lower()
        if start.startswith((b"<!doctype html", b"<html")) or (start.startswith(b"<?xml") and b"<html" in start):
            raise FileRefused(
                "It is a web page, most likely a login page that was saved in place of the export. "
                "Log in to the platform and download the export again."
            )


class _TextCheck:
    """Checks nothing: a broken order document is landed and judged, not refused."""

    def feed(self, block: bytes) -> None:
        """Take the next bytes."""

    def finish(self) -> None:
        """Take the end of the file."""


class _CsvCheck(_TextCheck):
    """Checks that a CSV is UTF-8 without NUL characters, and names the offset where it is not."""

    def __init__(self) -> None:
        self._decoder = codecs.getincrementaldecoder("utf-8")()
        self._offset = 0

    def feed(self, block: bytes) -> None:
        nul = block.find(b"\0")
        if nul >= 0:
            raise FileRefused(
                f"It has a NUL character at byte {self._offset + nul}, so it is not UTF-8 text. {_SAVE_AS_UTF8}"
            )
        self._decode(block, final=False)
        self._offset += len(block)

    def finish(self) -> None:
        self._decode(b"", final=True)

    def _decode(self, block: bytes, final: bool) -> None:
        carried = len(self._decoder.getstate()[0])
        try:
            self._decoder.decode(block, final)
        except UnicodeDecodeError as error:
            offset = self._offset - carried + error.start
            raise FileRefused(f"It is not UTF-8: byte {offset} cannot be decoded. {_SAVE_AS_UTF8}") from error


def _text_check(suffix: str) -> _TextCheck:
    return _CsvCheck() if suffix == ".csv" else _TextCheck()


def nearest(name: str, known: Iterable[str]) -> str:
    """A hint that names the known spelling nearest to `name`; empty when none is near."""
    import difflib

    by_folded = {entry.casefold(): entry for entry in known}
    matches = difflib.get_close_matches(name.casefold(), by_folded, n=1, cutoff=0.75)
    return f" Did you mean “{by_folded[matches[0]]}”?" if matches else ""
