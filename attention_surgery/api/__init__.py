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
    from pydantic import ValidationError

    from attention_surgery.api.factory import application
    from attention_surgery.errors import AttentionSurgeryError
    from attention_surgery.settings import Settings, what_is_wrong

    try:
        return application(Settings())
    except ValidationError as error:
        raise SystemExit(what_is_wrong(error)) from None
    except AttentionSurgeryError as error:
        raise SystemExit(str(error)) from None
