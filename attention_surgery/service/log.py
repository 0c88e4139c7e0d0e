"""Structured logs: one object per line, readable on a terminal; no global configuration."""

from __future__ import annotations

import sys
from typing import Any, Literal

import structlog


def make_log(form: Literal["auto", "console", "json"] = "auto") -> Any:
    """A logger to standard error. Request ids are bound by the API as context variables."""
    readable = form == "console" or (form == "auto" and sys.stderr.isatty())
    last: list[Any] = (
        [structlog.dev.ConsoleRenderer()]
        if readable
        else [structlog.processors.dict_tracebacks, structlog.processors.JSONRenderer()]
    )
    return structlog.wrap_logger(
        structlog.PrintLogger(sys.stderr),
        processors=[
            structlog.contextvars.merge_contextvars,
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso"),
            *last,
        ],
    )
