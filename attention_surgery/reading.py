"""What the command line reads: text in UTF-8, from standard input or files."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

import orjson

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


def named_values(given: Iterable[str]) -> dict[str, Any]:
    """Words like `corruption=abc`; a value that is JSON is read as that, others as text.

    Raises:
        InvalidSetting: one is not written `NAME=VALUE`.
    """
    found: dict[str, Any] = {}
    for each in given:
        name, separator, value = each.partition("=")
        if not separator:
            raise InvalidSetting(f"{each[:60]!r} is no parameter: write NAME=VALUE.")
        try:
            found[name] = orjson.loads(value)
        except orjson.JSONDecodeError:
            found[name] = decoded(value, "A value")
    return found


def text_of(file: str) -> str:
    """All of a file.

    Raises:
        InvalidSetting: it cannot be read as UTF-8 text.
    """
    try:
        return Path(file).read_text("utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise InvalidSetting(f"{file[:200]} cannot be read as UTF-8 text ({error}).") from None


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
