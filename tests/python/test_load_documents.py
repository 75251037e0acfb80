"""The verdict on an order document, and the lines that documents come in."""

import json
from datetime import UTC, datetime
from pathlib import Path

import jiter
import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from coco_warehouse.load.documents import (
    MAX_DOCUMENT_BYTES,
    document_error,
    judge_chunk,
    read_chunks,
    storable_text,
)
from coco_warehouse.load.errors import FileRefused
from coco_warehouse.load.files import BLOCK_BYTES, inspect_file

VERDICTS = ["not valid JSON", "not a JSON object", "duplicate key", "number too long", "too deep", "too large"]
VERDICTS += ["null character", "lone surrogate", "not UTF-8"]

VALID = {
    "empty object": b"{}",
    "white space around": b' \n\t{"a" : 1}\r\n ',
    "escaped backslash before u0000": rb'{"a":"\\u0000"}',
    "surrogate pair": rb'{"a":"\ud83d\ude00"}',
    "characters beyond the first plane": '{"a":"😀 é \u2028"}'.encode(),
    "delete character": b'{"a":"\x7f"}',
    "number of 40 characters": b'{"a":' + b"9" * 40 + b"}",
    "digits in a string": b'{"a":"' + b"9" * 60 + b'"}',
    "digits in a key": b'{"' + b"9" * 60 + b'":1}',
    "long number in an escaped string": rb'{"a":"\"' + b"9" * 60 + b'"}',
    "64 levels": b'{"a":' * 64 + b"1" + b"}" * 64,
    "64 levels of arrays": b'{"a":' + b"[" * 63 + b"]" * 63 + b"}",
    "a hundred objects side by side": b'{"a":[' + b",".join([b"{}"] * 100) + b"]}",
    "the same key in two objects": b'{"a":{"k":1},"b":{"k":2}}',
    "brackets in a string": b'{"a":"' + b"[" * 100 + b'"}',
    "16 MiB": b'{"a":"' + b"x" * (MAX_DOCUMENT_BYTES - 8) + b'"}',
}

INVALID = {
    "nothing": (b"", "not valid JSON"),
    "text": (b"hello", "not valid JSON"),
    "trailing comma": (b'{"a":1,}', "not valid JSON"),
    "text after it": (b'{"a":1} x', "not valid JSON"),
    "second document after it": (b"{}{}", "not valid JSON"),
    "NaN": (b'{"a":NaN}', "not valid JSON"),
    "Infinity": (b'{"a":-Infinity}', "not valid JSON"),
    "leading zero": (b'{"a":01}', "not valid JSON"),
    "plus sign": (b'{"a":+1}', "not valid JSON"),
    "cut short": (b'{"id":"3475e4e5","details":{"to', "not valid JSON"),
    "cut short in an escape": (rb'{"a":"\u12', "not valid JSON"),
    "byte-order mark": (b"\xef\xbb\xbf{}", "not valid JSON"),
    "raw newline in a string": (b'{"a":"\n"}', "not valid JSON"),
    "single quotes": (b"{'a':1}", "not valid JSON"),
    "comment": (b'{"a":1/* c */}', "not valid JSON"),
    "array": (b'[{"a":1}]', "not a JSON object"),
    "string": (b'"a"', "not a JSON object"),
    "null": (b"null", "not a JSON object"),
    "number": (b"12", "not a JSON object"),
    "boolean": (b"true", "not a JSON object"),
    "key twice": (b'{"total":1,"total":2}', "duplicate key"),
    "key twice, equal values": (b'{"total":1,"total":1}', "duplicate key"),
    "key twice, once escaped": (rb'{"a":1,"\u0061":2}', "duplicate key"),
    "key twice, deep": (b'{"a":[{"b":{"c":1,"c":2}}]}', "duplicate key"),
    "whole number of 41 characters": (b'{"a":' + b"9" * 41 + b"}", "number too long"),
    "fraction of 41 characters": (b'{"a":0.' + b"1" * 39 + b"}", "number too long"),
    "number of 5000 characters": (b'{"a":' + b"9" * 5000 + b"}", "number too long"),
    "65 levels": (b'{"a":' * 65 + b"1" + b"}" * 65, "too deep"),
    "65 levels of arrays": (b'{"a":' + b"[" * 64 + b"]" * 64 + b"}", "too deep"),
    "300 levels": (b'{"a":' * 300 + b"1" + b"}" * 300, "too deep"),
    "100000 levels": (b'{"a":' * 100_000, "too deep"),
    "over 16 MiB": (b'{"a":"' + b"x" * (MAX_DOCUMENT_BYTES - 7) + b'"}', "too large"),
    "raw null character": (b'{"a":"x\x00y"}', "null character"),
    "null character after it": (b"{}\x00", "null character"),
    "escaped null character": (rb'{"a":"x\u0000y"}', "null character"),
    "escaped null character after a backslash": (rb'{"a":"\\\u0000"}', "null character"),
    "escaped null character in a key": (rb'{"\u0000":1}', "null character"),
    "high surrogate alone": (rb'{"a":"\ud800"}', "lone surrogate"),
    "low surrogate alone": (rb'{"a":"\udc00"}', "lone surrogate"),
    "two high surrogates": (rb'{"a":"\ud800\ud800"}', "lone surrogate"),
    "high surrogate before text": (rb'{"a":"\ud800x"}', "lone surrogate"),
    "high surrogate before another escape": (rb'{"a":"\ud83d\n"}', "lone surrogate"),
    "Latin-1": ('{"a":"é"}'.encode("latin-1"), "not UTF-8"),
    "encoded surrogate": (b'{"a":"\xed\xa0\x80"}', "not UTF-8"),
    "overlong encoding": (b'{"a":"\xc0\x80"}', "not UTF-8"),
}


@pytest.mark.parametrize("document", VALID.values(), ids=VALID.keys())
def test_a_valid_document_has_no_error(document: bytes) -> None:
    assert document_error(document) is None


@pytest.mark.parametrize(("document", "reason"), INVALID.values(), ids=INVALID.keys())
def test_an_invalid_document_is_told_why(document: bytes, reason: str) -> None:
    error = document_error(document)
    assert error is not None
    assert error.startswith(reason)


def test_every_verdict_is_tried() -> None:
    assert {reason for _, reason in INVALID.values()} == set(VERDICTS)


FRAGMENTS = st.lists(
    st.sampled_from(
        [
            "{",
            "}",
            "[",
            "]",
            ",",
            ":",
            '"a"',
            '"b"',
            '"a":',
            '"b":',
            "1",
            "-0",
            "1.50",
            "1e3",
            "null",
            " ",
            r'"\u0061":',
            r'"\u0000"',
            '"é"',
            r'"\ud800"',
            "9" * 41,
            '":"',
            r'"\\"',
            r'"\\":',
            "NaN",
            '"a":1,',
        ]
    ),
    max_size=16,
).map("".join)
VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
    lambda children: st.lists(children, max_size=3) | st.dictionaries(st.text(), children, max_size=3),
)


@given(FRAGMENTS.map(lambda text: "{" + text + "}"))
def test_the_quick_way_accepts_nothing_that_the_strict_parser_refuses(text: str) -> None:
    document = text.encode()
    if document_error(document) is None:
        jiter.from_json(document, allow_inf_nan=False, catch_duplicate_keys=True)
        assert "9" * 41 not in text.replace('"' + "9" * 41 + '"', "")


@given(st.dictionaries(st.text(), VALUES, max_size=4))
def test_white_space_and_escapes_do_not_change_the_verdict(value: dict[str, object]) -> None:
    try:
        compact = orjson.dumps(value)
    except TypeError:  # a whole number beyond 64 bits, or a lone surrogate
        return
    spaced = json.dumps(value, indent=1).encode()
    first, second = document_error(compact), document_error(spaced)
    assert (first or "").partition(":")[0] == (second or "").partition(":")[0]


def envelope(body: object, **changes: object) -> bytes:
    fields = {"received_at": "2026-09-01T18:20:46.900Z", "received_from": "webhook", "body": body, **changes}
    return json.dumps({name: value for name, value in fields.items() if value is not ...}).encode()


def only(chunk: bytes) -> dict[str, object]:
    (row,) = judge_chunk(chunk, 1).to_pylist()
    assert isinstance(row, dict)
    return row


def test_an_envelope_is_opened() -> None:
    row = only(envelope('{"id": "é"}'))
    assert row == {
        "source_row_number": 1,
        "received_at": datetime(2026, 9, 1, 18, 20, 46, 900_000, UTC),
        "received_from": "webhook",
        "document": '{"id": "é"}',
        "document_error": None,
    }


@pytest.mark.parametrize(
    ("text", "moment"),
    [
        ("2026-09-01T18:20:46Z", datetime(2026, 9, 1, 18, 20, 46, 0, UTC)),
        ("2026-09-01 18:20:46", datetime(2026, 9, 1, 18, 20, 46, 0, UTC)),
        ("2026-09-01T18:20:46.123456789+02:00", datetime(2026, 9, 1, 16, 20, 46, 123_456, UTC)),
        ("2026-09-01T18:20:46-0530", datetime(2026, 9, 1, 23, 50, 46, 0, UTC)),
    ],
)
def test_the_moment_of_receipt_is_read(text: str, moment: datetime) -> None:
    assert only(envelope("{}", received_at=text))["received_at"] == moment


@pytest.mark.parametrize(
    "line",
    [
        envelope("{}", received_at="2026-02-30T00:00:00Z"),
        envelope("{}", received_at="2026-02-03T24:00:00Z"),
        envelope("{}", received_at=None),
        envelope("{}", received_from=...),
        envelope("{}", another=1),
        envelope(None),
        envelope({"id": "1"}),
        b'{"id": "1"}',
    ],
)
def test_what_is_no_envelope_is_the_document_itself(line: bytes) -> None:
    row = only(line)
    assert (row["received_at"], row["received_from"], row["document"]) == (None, "file", line.decode())
    assert row["document_error"] is None


def test_a_body_is_judged_as_it_was_received() -> None:
    lines = [
        envelope('{"a":1,"a":2}'),
        envelope('{"a":"\0"}'),
        envelope('{"a":"X"}').replace(b"X", b"\xff"),
        envelope('{"a":"\ud800"}'),
        envelope(""),
    ]
    rows = judge_chunk(b"\n".join(lines), 1).to_pylist()
    assert [(row["document"], row["document_error"].partition(":")[0]) for row in rows] == [
        ('{"a":1,"a":2}', "duplicate key"),
        (r'{"a":"\x00"}', "null character"),
        (r'{"a":"\xff"}', "not UTF-8"),
        (r'{"a":"\xed\xa0\x80"}', "not UTF-8"),
        ("", "not valid JSON"),
    ]
    assert {row["received_from"] for row in rows} == {"webhook"}


def test_a_cut_line_is_a_document_of_its_own() -> None:
    row = only(envelope('{"id": 1}')[:-9])
    assert str(row["document_error"]).startswith("not valid JSON")
    assert row["document"] == envelope('{"id": 1}')[:-9].decode()


def test_lines_are_counted_with_the_blank_ones() -> None:
    rows = judge_chunk(b'\n{"id":1}\r\n  \n{"id":2}', 7).to_pylist()
    assert [(row["source_row_number"], row["document"]) for row in rows] == [(8, '{"id":1}'), (10, '{"id":2}')]


@given(st.binary())
def test_what_is_stored_is_text_without_null_characters(document: bytes) -> None:
    stored = storable_text(document)
    assert b"\0" not in stored
    assert stored.decode("utf-8") is not None
    if b"\0" not in document and document.decode("utf-8", "ignore").encode() == document:
        assert stored == document


def test_chunks_hold_whole_lines_whatever_their_length(tmp_path: Path) -> None:
    lines = [b'{"id":"%d","x":"%s"}' % (number, b"y" * length) for number, length in enumerate([0, BLOCK_BYTES, 3])]
    lines += [b'{"id":"%d"}' % number for number in range(3, 400_000)]
    path = tmp_path / "orders.ndjson"
    path.write_bytes(b"\xef\xbb\xbf" + b"\n".join(lines))
    chunks = list(read_chunks(inspect_file(path)))
    assert len(chunks) > 2
    read = [(first + place, line) for first, chunk in chunks for place, line in enumerate(chunk.split(b"\n")) if line]
    assert read == list(enumerate(lines, start=1))


def test_a_line_that_is_too_long_refuses_the_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("coco_warehouse.load.documents.BLOCK_BYTES", 30)
    monkeypatch.setattr("coco_warehouse.load.documents.MAX_LINE_BYTES", 100)
    path = tmp_path / "orders.ndjson"
    path.write_bytes(b'{"id":1}\n\n{"id":2}\n' + b"x" * 99 + b"\n{}")
    assert b"".join(chunk for _, chunk in read_chunks(inspect_file(path))) == path.read_bytes()
    path.write_bytes(b'{"id":1}\n\n{"id":2}\n' + b"x" * 200 + b"\n{}")
    with pytest.raises(FileRefused, match=r"^Line 4 is longer than"):
        list(read_chunks(inspect_file(path)))
