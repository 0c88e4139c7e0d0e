"""The OpenAPI document, and the file in `docs/` that is made from it.

python -m attention_surgery.api.openapi            write docs/openapi.json
python -m attention_surgery.api.openapi --check    exit 1 if the file is not up to date
"""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

from fastapi import FastAPI
from pydantic import TypeAdapter

from attention_surgery.analyses import analyses
from attention_surgery.api import runs, schemas

FILE = Path(__file__).resolve().parents[2] / "docs" / "openapi.json"
REFERENCE = "#/components/schemas/{model}"


def streams() -> dict[str, dict[str, type]]:
    """The events of each stream: path → name → type of its data."""
    of_analyses: dict[str, dict[str, type]] = {
        f"{analysis.path()}/stream": {
            "queued": schemas.QueuedEvent,
            **{progress.event: progress for progress in analysis.progress},
            "done": analysis.result,
            "error": schemas.ErrorResponse,
        }
        for analysis in analyses()
    }
    return of_analyses | {"/runs/{run}/events": runs.EVENTS}


def install(app: FastAPI) -> None:
    """Make `app.openapi()` describe the events of the streams too."""
    generate = app.openapi

    def openapi() -> dict[str, Any]:
        if app.openapi_schema is None:
            describe_streams(generate())
        assert app.openapi_schema is not None
        return app.openapi_schema

    app.openapi = openapi  # type: ignore[method-assign]


def describe_streams(document: dict[str, Any]) -> None:
    """FastAPI knows that a route streams events, but not which; add their names and shapes."""
    kinds = {kind for stream in streams().values() for kind in stream.values()}
    ordered = sorted(kinds, key=lambda kind: kind.__name__)
    _, definitions = TypeAdapter.json_schemas(
        [(kind.__name__, "serialization", TypeAdapter(kind)) for kind in ordered],
        ref_template=REFERENCE,
    )
    components = document["components"]["schemas"]
    for name, schema in definitions["$defs"].items():
        components.setdefault(name, schema)
    for path, stream in streams().items():
        (operation,) = document["paths"][path].values()
        responses = operation["responses"]
        done = responses.pop("200")
        done["content"]["text/event-stream"] = {"schema": _text_of(stream)}
        for refusal in responses.values():  # FastAPI thinks that these were events too
            schema = refusal["content"].pop("text/event-stream")["schema"]
            refusal["content"]["application/json"]["schema"] = schema
        operation["responses"] = {"200": done} | responses


def _text_of(stream: dict[str, type]) -> dict[str, Any]:
    """A stream in the terms of OpenAPI 3.1: text whose content is a sequence of these events."""
    return {
        "type": "string",
        "contentMediaType": "text/event-stream",
        "contentSchema": {"type": "array", "items": {"oneOf": _events(stream)}},
    }


def _events(stream: dict[str, type]) -> list[dict[str, Any]]:
    return [
        {
            "type": "object",
            "required": ["event", "data"],
            "properties": {
                "event": {"const": name},
                "data": {
                    "type": "string",
                    "contentMediaType": "application/json",
                    "contentSchema": {"$ref": REFERENCE.format(model=model.__name__)},
                },
            },
        }
        for name, model in stream.items()
    ]


def document() -> str:
    """The file's text; the same whatever the environment says."""
    from attention_surgery.api.factory import create_app
    from attention_surgery.settings import Settings

    app = create_app(Settings.model_construct())
    return json.dumps(app.openapi(), indent=2, ensure_ascii=False) + "\n"


def main(arguments: list[str]) -> int:
    if "--check" not in arguments:
        FILE.write_text(document(), encoding="utf-8")
        return 0
    if FILE.read_text(encoding="utf-8") == document():
        return 0
    print("docs/openapi.json is out of date: run python -m attention_surgery.api.openapi")  # noqa: T201
    return 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
