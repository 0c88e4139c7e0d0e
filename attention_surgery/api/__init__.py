"""The REST API; `uvicorn attention_surgery.api:app` serves it."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from fastapi import FastAPI

    app: FastAPI

__all__ = ["app"]


def __getattr__(name: str) -> FastAPI:
    """Build `app` when a server asks for it, not when a schema is imported."""
    if name != "app":
        raise AttributeError(name)
    from attention_surgery.api.factory import create_app
    from attention_surgery.settings import Settings

    return create_app(Settings())
