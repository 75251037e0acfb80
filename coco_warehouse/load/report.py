"""What a load did, file by file and table by table."""

from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

FileStatus = Literal["landed", "already loaded", "refused"]


@dataclass
class FileOutcome:
    """What became of one file.

    `row_count` counts rows landed from it; `reason` says why it was refused; `same_as` names the file whose content
    it repeats; `skipped` counts records that are no data rows, `document_errors` the invalid documents by reason;
    `rejected_rows` are the rows of resolutions that are wrong, by number and reason.
    """

    path: Path
    status: FileStatus
    content_hash: str = ""
    content_kind: str = ""
    content_format: str = ""
    row_count: int = 0
    reason: str = ""
    same_as: str = ""
    skipped: Counter[str] = field(default_factory=Counter)
    document_errors: Counter[str] = field(default_factory=Counter)
    rejected_rows: list[tuple[int, str]] = field(default_factory=list)


@dataclass
class LoadReport:
    """What a load did. `rows_by_table` counts the rows that landed, by the table's name in the database."""

    target: str
    files: list[FileOutcome] = field(default_factory=list)
    rows_by_table: Counter[str] = field(default_factory=Counter)

    def with_status(self, status: FileStatus) -> list[FileOutcome]:
        """The files of one status, in the order they were found."""
        return [outcome for outcome in self.files if outcome.status == status]
