"""Order documents: the strict parser that judges each, and the lines of a file that hold them."""

import json
import re
from codecs import BOM_UTF8
from collections.abc import Iterator
from datetime import datetime
from typing import Any, BinaryIO

import jiter
import orjson
import pyarrow as pa

from coco_warehouse.load.errors import FileRefused
from coco_warehouse.load.files import BLOCK_BYTES, SourceFile, nearest

MAX_DEPTH = 64
MAX_NUMBER_CHARACTERS = 40
MAX_DOCUMENT_BYTES = 16 * 1024 * 1024
MAX_LINE_BYTES = 16 * MAX_DOCUMENT_BYTES

ENVELOPE_KEYS = frozenset(("received_at", "received_from", "body"))
# Any one of these at the top marks an order of either schema version; of the second set it takes two.
ORDER_MARKS = frozenset(("store", "details", "rawPlatformFinancials"))
ORDER_HINTS = frozenset(("id", "status", "deliveryStatus", "createdAt", "updatedAt", "cancellation"))
SAMPLED_LINES = 100

# Every character that a number may hold becomes 0, every other a blank: one search then finds a long number.
_NUMBER_CHARACTERS = bytes(ord("0") if chr(code) in "0123456789+-.eE" else ord(" ") for code in range(256))
_LONG_RUN = b"0" * (MAX_NUMBER_CHARACTERS + 1)
_STRING_OR_NUMBER = re.compile(rb'"[^"\\]*(?:\\.[^"\\]*)*"|(-?[0-9][0-9.eE+-]*)', re.DOTALL)
_ESCAPED_NULL = re.compile(rb"(?<!\\)(?:\\\\)*\\u0000")
_INSTANT = re.compile(
    r"([0-9]{4}-[0-9]{2}-[0-9]{2})[T ]([0-9]{2}:[0-9]{2}:[0-9]{2})(\.[0-9]{1,9})?(Z|[+-][0-9]{2}:?[0-9]{2})?"
)


def document_error(document: bytes) -> str | None:
    """Judge an order document as RFC 8259 and the bounds of `docs/raw.md` do.

    Returns:
        None for a valid document, otherwise the reason, which starts with one of: not valid JSON, not a JSON object,
        duplicate key, number too long, too deep, too large, null character, lone surrogate, not UTF-8.
    """
    if len(document) > MAX_DOCUMENT_BYTES:
        return f"too large: {len(document)} bytes, at most {MAX_DOCUMENT_BYTES}"
    value = _written_back(document)
    if value is not None:
        return _null_or_depth_error(document, value)
    try:
        value = jiter.from_json(document, allow_inf_nan=False, catch_duplicate_keys=True)
    except ValueError as error:
        return _syntax_error(document, str(error))
    return _content_error(document, value)


def _written_back(document: bytes) -> dict[str, object] | None:
    """Parse a JSON object that is written back byte for byte; None for any other document.

    Most documents are such. A key that stands twice would be lost on the way, and a number longer than 64 bits need
    would change, so that neither is in them: this way takes half the time of the strict parser.
    """
    if b'": ' in document[:80]:
        return None
    try:
        value = orjson.loads(document)
        is_same = type(value) is dict and orjson.dumps(value) == document
    except (orjson.JSONDecodeError, orjson.JSONEncodeError):  # the latter for hundreds of levels
        return None
    return value if is_same else None


def _syntax_error(document: bytes, message: str) -> str:
    """Name the reason why the parser refused a document."""
    if b"\0" in document:
        return f"null character: byte {document.index(0)}"
    try:
        document.decode("utf-8")
    except UnicodeDecodeError as error:
        return f"not UTF-8: byte {error.start}"
    if message.startswith("Detected duplicate key"):
        # The key may be a customer's name.
        return "duplicate key:" + message[message.rindex(" at ") :]
    if message.startswith(("lone leading surrogate", "unexpected end of hex escape")):
        return "lone surrogate:" + message[message.rindex(" at ") :]
    if message.startswith("recursion limit exceeded"):
        return f"too deep: more than {MAX_DEPTH} levels"
    if message.startswith("number out of range"):
        return f"number too long: more than {MAX_NUMBER_CHARACTERS} characters"
    return f"not valid JSON: {message}"


def _content_error(document: bytes, value: object) -> str | None:
    """Check what the parser does not: the kind of the value, length of numbers, null characters, depth."""
    if type(value) is not dict:
        return f"not a JSON object: {_kind(value)}"
    if _LONG_RUN in document.translate(_NUMBER_CHARACTERS):
        for number in _STRING_OR_NUMBER.findall(document):
            if len(number) > MAX_NUMBER_CHARACTERS:
                return f"number too long: {len(number)} characters, at most {MAX_NUMBER_CHARACTERS}"
    return _null_or_depth_error(document, value)


def _null_or_depth_error(document: bytes, value: dict[str, object]) -> str | None:
    # The search for one byte takes a tenth of that for six, and few documents have it.
    if b"\\" in document and b"\\u0000" in document and _ESCAPED_NULL.search(document):
        return "null character: escaped as \\u0000"
    if document.count(b"{") + document.count(b"[") > MAX_DEPTH and _depth(value) > MAX_DEPTH:
        return f"too deep: more than {MAX_DEPTH} levels"
    return None


def _kind(value: object) -> str:
    if value is None:
        return "null"
    if isinstance(value, bool):
        return "boolean"
    if isinstance(value, list):
        return "array"
    return "string" if isinstance(value, str) else "number"


def _depth(value: dict[str, object]) -> int:
    """Levels of nested objects and arrays, 1 for an object of scalars; counting stops just beyond the bound."""
    depth = 0
    level: list[Any] = [value]
    while level and depth <= MAX_DEPTH:
        depth += 1
        level = [
            child
            for container in level
            for child in (container.values() if type(container) is dict else container)
            if type(child) is dict or type(child) is list
        ]
    return depth


def storable_text(document: bytes) -> bytes:
    r"""Write what PostgreSQL cannot hold as text (NUL, bytes that are not UTF-8) as `\xNN`; else return it as it is."""
    if b"\0" in document:
        document = document.replace(b"\0", b"\\x00")
    try:
        document.decode("utf-8")
    except UnicodeDecodeError:
        document = document.decode("utf-8", "backslashreplace").encode("utf-8")
    return document


# What a chunk of lines becomes; the file's own columns are added where it is landed.
JUDGED_SCHEMA = pa.schema(
    [
        ("source_row_number", pa.int64()),
        ("received_at", pa.timestamp("us", tz="UTC")),
        ("received_from", pa.string()),
        ("document", pa.string()),
        ("document_error", pa.string()),
    ]
)


def judge_chunk(chunk: bytes, first_row: int) -> pa.RecordBatch:
    """Judge the lines of a chunk that ends at the end of a line.

    Args:
        chunk: whole lines; blank ones are passed over, but counted.
        first_row: number of the chunk's first line.

    Returns:
        A batch of JUDGED_SCHEMA; `received_at` is null where the line does not say.
    """
    return judge_lines(list(enumerate(chunk.split(b"\n"), start=first_row)))


def judge_lines(numbered_lines: list[tuple[int, bytes]]) -> pa.RecordBatch:
    """Judge numbered lines, each an envelope or the document itself; see `judge_chunk`."""
    row_numbers: list[int] = []
    received_at: list[str | None] = []
    received_from: list[str] = []
    documents: list[bytes] = []
    errors: list[str | None] = []
    for row_number, line in numbered_lines:
        line = line.rstrip(b"\r")
        if not line or line.isspace():
            continue
        received, origin, document, error = _judge_line(line)
        row_numbers.append(row_number)
        received_at.append(received)
        received_from.append(origin)
        documents.append(document if error is None else storable_text(document))
        errors.append(error)
    return pa.RecordBatch.from_arrays(
        [
            pa.array(row_numbers, pa.int64()),
            pa.array(received_at, pa.string()).cast(JUDGED_SCHEMA.field("received_at").type),
            pa.array(received_from, pa.string()),
            pa.array(documents, pa.binary()).view(pa.string()),
            pa.array(errors, pa.string()),
        ],
        schema=JUDGED_SCHEMA,
    )


def _judge_line(line: bytes) -> tuple[str | None, str, bytes, str | None]:
    """Open an envelope, if the line is one. Returns when and where it was received, the document and its verdict."""
    try:
        value = jiter.from_json(line, allow_inf_nan=False, catch_duplicate_keys=True)
    except ValueError as error:
        broken = _broken_envelope(line) if b'"body"' in line else None
        if broken is None:
            return None, "file", line, document_error(line) or f"not valid JSON: {error}"
        received, origin, document = broken
        return received, origin, document, document_error(document)
    envelope = _envelope(value)
    if envelope is not None:
        received, origin, body = envelope
        document = body.encode("utf-8")
        return received, origin, document, document_error(document)
    if len(line) > MAX_DOCUMENT_BYTES:
        return None, "file", line, document_error(line)
    return None, "file", line, _content_error(line, value)


def _envelope(value: object) -> tuple[str, str, str] | None:
    """The parts of an envelope; None when the value is not one, so that the line itself is the document."""
    if type(value) is not dict or len(value) != len(ENVELOPE_KEYS) or value.keys() != ENVELOPE_KEYS:
        return None
    received, origin, body = value["received_at"], value["received_from"], value["body"]
    if not (isinstance(received, str) and isinstance(origin, str) and isinstance(body, str)):
        return None
    instant = _instant(received)
    return None if instant is None or "\0" in origin else (instant, origin, body)


def _instant(text: str) -> str | None:
    """A moment as Arrow reads it, UTC where no offset is given, cut to microseconds; None when it is none."""
    match = _INSTANT.fullmatch(text)
    if match is None:
        return None
    date, time, fraction, offset = match.groups()
    instant = f"{date}T{time}{(fraction or '')[:7]}{offset or 'Z'}"
    try:
        datetime.fromisoformat(instant)
    except ValueError:  # the 30th of February, or hour 24
        return None
    return instant


def _broken_envelope(line: bytes) -> tuple[str, str, bytes] | None:
    """Open an envelope that the strict parser refuses for its body's sake: bytes that are not UTF-8, lone surrogates.

    The body's bytes come back as they were received.
    """
    try:
        value = json.loads(line.decode("utf-8", "surrogateescape"))
    except ValueError:
        return None
    envelope = _envelope(value)
    if envelope is None:
        return None
    received, origin, body = envelope
    return received, origin.encode("utf-8", "replace").decode(), _received_bytes(body)


def _received_bytes(body: str) -> bytes:
    """Undo `surrogateescape`; an escaped surrogate becomes the three bytes that stand for it, which are not UTF-8."""
    return b"".join(
        character.encode("utf-8", "surrogateescape" if "\udc80" <= character <= "\udcff" else "surrogatepass")
        for character in body
    )


def single_document(file: SourceFile) -> bytes | None:
    """Read a `.json` file that is one document, over however many lines; None for a file of one document a line.

    Raises:
        FileRefused: it is longer than MAX_LINE_BYTES.
    """
    if file.stem_and_suffix[1] != ".json" or _is_lines(file.head):
        return None
    with file.open() as stream:
        document = stream.read(MAX_LINE_BYTES + 1)
    if len(document) > MAX_LINE_BYTES:
        raise _too_long(1)
    return document.removeprefix(BOM_UTF8)


def read_chunks(file: SourceFile) -> Iterator[tuple[int, bytes]]:
    """Read a file of one document a line in chunks of whole lines.

    Yields:
        The number of the chunk's first line, from 1, and the chunk.

    Raises:
        FileRefused: a line is longer than MAX_LINE_BYTES.
    """
    with file.open() as stream:
        yield from _read_line_chunks(stream)


def _read_line_chunks(stream: BinaryIO) -> Iterator[tuple[int, bytes]]:
    row_number = 1
    while chunk := stream.read(BLOCK_BYTES):
        end = chunk.rfind(b"\n") + 1
        if end < len(chunk):
            chunk += stream.readline(MAX_LINE_BYTES)
            if len(chunk) - end > MAX_LINE_BYTES:
                raise _too_long(row_number + chunk.count(b"\n", 0, end))
        yield row_number, chunk.removeprefix(BOM_UTF8) if row_number == 1 else chunk
        row_number += chunk.count(b"\n")


def _too_long(row_number: int) -> FileRefused:
    return FileRefused(
        f"Line {row_number} is longer than {MAX_LINE_BYTES // 2**20} MiB. "
        "Order documents come one a line; check how the file was made."
    )


def _is_lines(head: bytes) -> bool:
    """Whether a `.json` file holds one document a line: its first line is a whole value and more follows."""
    first, _, rest = head.removeprefix(BOM_UTF8).lstrip().partition(b"\n")
    return bool(rest.strip()) and _parses(first)


def _parses(text: bytes) -> bool:
    try:
        json.loads(text)
    except ValueError:
        return False
    return True


def recognise_documents(file: SourceFile, extract_names: list[str]) -> None:
    """Refuse a JSON file that holds no order documents.

    Broken documents are no reason: they are landed and judged. Refused is a file whose lines are all whole and none
    of them an order, a JSON array, and a document spread over several lines of an `.ndjson` file.

    Raises:
        FileRefused: as said.
    """
    suffix = file.stem_and_suffix[1]
    head = file.head.removeprefix(BOM_UTF8).lstrip()
    if not head:
        raise FileRefused("It holds only white space. Fetch it again, or leave it out.")
    lines = head.split(b"\n")
    if len(head) == len(file.head) and len(lines) > 1:
        lines = lines[:-1]  # the head may end within a line
    if head.startswith(b"[") and (suffix == ".json" or not _parses(lines[0])):
        raise FileRefused("It is a JSON array. Write its documents one a line, each without a comma after it.")
    if suffix != ".json" and lines[0].strip() == b"{":
        raise FileRefused("Its documents are spread over several lines. Write one a line; a single one may be .json.")
    if suffix == ".json" and not _is_lines(file.head):
        lines = [head]
    values = [json.loads(line) for line in lines[:SAMPLED_LINES] if _parses(line)]
    if values and not any(_looks_like_order(value) for value in values):
        stem = file.stem_and_suffix[0]
        raise FileRefused(
            f"Its first {len(values)} lines are JSON, and none is an order document (with “store” and “details”) or "
            "an envelope (received_at, received_from, body). A table extract is named <schema>.<table>.ndjson."
            + nearest(".".join(stem.split(".")[:2]), extract_names)
        )


def _looks_like_order(value: object) -> bool:
    if not isinstance(value, dict):
        return False
    keys = value.keys()
    return keys == ENVELOPE_KEYS or bool(keys & ORDER_MARKS) or len(keys & ORDER_HINTS) > 1
