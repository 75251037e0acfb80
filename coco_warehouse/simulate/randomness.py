"""Random numbers that depend on names alone: never on the process, its hash seed or the machine."""

from hashlib import sha256
from random import Random


def digest(*names: object) -> int:
    """A 128-bit number that is always the same for the same names."""
    return int.from_bytes(sha256("\x1f".join(map(str, names)).encode()).digest()[:16], "big")


def generator(*names: object) -> Random:
    """A generator of its own for the names."""
    return Random(digest(*names))


def uuid_text(bits: int) -> str:
    """A UUID (version 4) of 128 random bits."""
    text = f"{bits:032x}"
    return f"{text[:8]}-{text[8:12]}-4{text[13:16]}-a{text[17:20]}-{text[20:]}"


def named_uuid(*names: object) -> str:
    """A UUID that is always the same for the same names."""
    return uuid_text(digest(*names))
