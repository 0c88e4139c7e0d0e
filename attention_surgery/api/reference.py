"""A readable reference made from the OpenAPI document.

Swagger UI comes from a content network and needs inline scripts; this works without a network and
under the strict content security policy.
"""

from __future__ import annotations

import json
from html import escape
from typing import Any

STYLE = """
:root { color-scheme: light dark; --line: light-dark(#d4d4d8, #3f3f46);
  --soft: light-dark(#f4f4f5, #18181b); }
body { font: 16px/1.5 system-ui, sans-serif; margin: 0; }
main { max-width: 60rem; margin: 0 auto; padding: 1.5rem; }
code, pre { font: 0.875rem/1.5 ui-monospace, monospace; }
pre { background: var(--soft); padding: 0.75rem; overflow-x: auto; }
section { border-top: 1px solid var(--line); margin-top: 2rem; }
table { border-collapse: collapse; width: 100%; }
td, th { border-bottom: 1px solid var(--line); padding: 0.25rem 0.75rem 0.25rem 0;
  text-align: left; vertical-align: top; }
"""
PAGE = """<!doctype html><html lang="en"><head><meta charset="utf-8">
<meta name="viewport" content="width=device-width"><title>{title}: API</title>
<link rel="stylesheet" href="/docs/style.css"></head><body><main>
<h1>{title}</h1><p>{description}</p>
<p>Machine-readable: <a href="/openapi.json">/openapi.json</a></p>{routes}</main></body></html>"""


def render(document: dict[str, Any]) -> str:
    """The whole reference as one HTML page."""
    info = document["info"]
    routes = [
        _route(document, method.upper(), path, operation)
        for path, operations in document["paths"].items()
        for method, operation in operations.items()
    ]
    return PAGE.format(
        title=escape(info["title"]),
        description=escape(info["description"]),
        routes="".join(routes),
    )


def _route(document: dict[str, Any], method: str, path: str, operation: dict[str, Any]) -> str:
    anchor = escape(operation["operationId"])
    parts = [
        f'<section id="{anchor}"><h2><code>{method} {escape(path)}</code></h2>',
        f"<p>{escape(operation['summary'])}. {escape(operation.get('description', ''))}</p>",
    ]
    if "requestBody" in operation:
        schema = operation["requestBody"]["content"]["application/json"]["schema"]
        parts += [_fields(document, schema), _curl(path, schema)]
    answers = "".join(
        f"<tr><td>{status}</td><td>{escape(answer['description'])}</td></tr>"
        for status, answer in operation["responses"].items()
    )
    parts.append(f"<table><tr><th>Status</th><th>When</th></tr>{answers}</table></section>")
    return "".join(parts)


def _fields(document: dict[str, Any], schema: dict[str, Any]) -> str:
    model = document["components"]["schemas"][schema["$ref"].rpartition("/")[2]]
    required = model.get("required", [])
    rows = "".join(
        f"<tr><td><code>{escape(name)}</code></td><td>{escape(_kind(field))}</td>"
        f"<td>{'required' if name in required else escape(json.dumps(field.get('default')))}</td>"
        f"<td>{escape(field.get('description', ''))}</td></tr>"
        for name, field in model["properties"].items()
    )
    head = "<tr><th>Field</th><th>Type</th><th>Default</th><th>Meaning</th></tr>"
    return f"<table>{head}{rows}</table>"


def _kind(field: dict[str, Any]) -> str:
    """A schema in a few words: `integer ≥ 0`, `zero | mean`, `list of HeadAblation`."""
    if "anyOf" in field:
        return " | ".join(_kind(option) for option in field["anyOf"])
    if "$ref" in field:
        return str(field["$ref"].rpartition("/")[2])
    if "enum" in field:
        return " | ".join(map(str, field["enum"]))
    if "items" in field:
        return f"list of {_kind(field['items'])}"
    bounds = [f"{sign} {field[key]}" for key, sign in BOUNDS.items() if key in field]
    return " ".join([field.get("type", "any"), *bounds])


BOUNDS = {"minimum": "≥", "maximum": "≤"}


def _curl(path: str, schema: dict[str, Any]) -> str:
    example = json.dumps(schema["examples"][0])
    command = f"curl localhost:8000{path} -H 'Content-Type: application/json' -d '{example}'"
    return f"<pre>{escape(command)}</pre>"
