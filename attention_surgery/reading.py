"""What the command line reads: text in UTF-8, from standard input or files."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

from attention_surgery.errors import InvalidPrompt, InvalidSetting


def decoded(text: str | bytes, what: str) -> str:
    """Text whose bytes are UTF-8; an argument of the shell holds others as lone surrogates.

    Raises:
        InvalidPrompt: they are not, as in Latin-1.
    """
    raw = text.encode("utf-8", "surrogateescape") if isinstance(text, str) else text
    try:
        return raw.decode()
    except UnicodeDecodeError as error:
        raise InvalidPrompt(
            f"{what} is not UTF-8 (byte 0x{raw[error.start]:02x} at {error.start}), but perhaps "
            "Latin-1: convert it, e.g. with iconv -f latin1 -t utf-8."
        ) from None


def standard_input() -> str:
    """All of standard input."""
    return decoded(sys.stdin.buffer.read(), "Standard input")


def lines_of(file: str | None) -> Iterator[bytes]:
    """The lines of a file, or of standard input, as they come; empty ones are left out.

    Raises:
        InvalidSetting: it cannot be read.
    """
    try:
        with sys.stdin.buffer if file in (None, "-") else Path(file or "").open("rb") as source:
            for line in source:
                if stripped := line.rstrip(b"\r\n"):
                    yield stripped
    except OSError as error:
        raise InvalidSetting(
            f"{file} cannot be read ({error.strerror}): name a text file."
        ) from None
