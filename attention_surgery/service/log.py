"""Structured logs: one object per line, readable on a terminal; no global configuration."""

from __future__ import annotations

import contextlib
import sys
from typing import Any, Literal

import structlog


def make_log(form: Literal["auto", "console", "json"] = "auto") -> Any:
    """A logger to standard error. Request ids are bound by the API as context variables."""
    readable = form == "console" or (form == "auto" and sys.stderr.isatty())
    # Never the locals of a traceback: they hold prompts and tensors.
    transform = structlog.tracebacks.ExceptionDictTransformer(show_locals=False)
    last: list[Any] = (
        [structlog.dev.ConsoleRenderer(exception_formatter=structlog.dev.plain_traceback)]
        if readable
        else [
            structlog.processors.ExceptionRenderer(transform),
            structlog.processors.JSONRenderer(),
        ]
    )
    return structlog.wrap_logger(
        _StandardError(),
        processors=[
            structlog.contextvars.merge_contextvars,
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso"),
            *last,
        ],
    )


class _StandardError:
    """Writes to whatever standard error is now; a log that cannot be written stops no request."""

    def msg(self, message: str) -> None:
        with contextlib.suppress(OSError, ValueError):
            print(message, file=sys.stderr, flush=True)  # noqa: T201

    info = warning = error = msg
