"""What `docs/openapi.json` says of requests and results, in words.

The document is made from the routes and requests themselves, and a test holds it to them.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

from manual.markdown import cell, table

ROOT = Path(__file__).resolve().parents[1]
PREFIX = "#/components/schemas/"
# What all of these together are called.
CUT = {"Zero", "Mean", "Previous", "DatasetMean", "Resample"}
# Of every result.
COMMON = ("model", "provenance", "warnings")

Schema = dict[str, Any]


@cache
def document() -> Schema:
    """The whole OpenAPI document."""
    read: Schema = json.loads((ROOT / "docs" / "openapi.json").read_text("utf-8"))
    return read


def component(name: str) -> Schema:
    found: Schema = document()["components"]["schemas"][name]
    return found


def kind(schema: Schema) -> str:
    """A type and its bounds in words."""
    if "$ref" in schema:
        name = schema["$ref"].removeprefix(PREFIX)
        return "a cut" if name in CUT else f"`{name}`"
    if "const" in schema:
        return f"`{json.dumps(schema['const'], ensure_ascii=False)}`"
    if "enum" in schema:
        return " or ".join(f"`{value}`" for value in schema["enum"])
    for union in ("anyOf", "oneOf"):
        if union in schema:
            return " or ".join(dict.fromkeys(kind(each) for each in schema[union]))
    match schema.get("type"):
        case "array":
            return f"list of {kind(schema.get('items', {}))}{_size(schema, 'Items')}"
        case "object":
            return f"object{_size(schema, 'Properties')}"
        case "string":
            return f"text{_size(schema, 'Length')}"
        case "integer" | "number" as name:
            return {"integer": "whole number", "number": "number"}[name] + _bounds(schema)
        case "boolean":
            return "`true` or `false`"
        case "null":
            return "null"
        case _:
            return "any"


def _bounds(schema: Schema) -> str:
    words = (
        ("minimum", "≥"),
        ("exclusiveMinimum", ">"),
        ("maximum", "≤"),
        ("exclusiveMaximum", "<"),
    )
    # Beyond a million stand bounds that no request means.
    said = [f"{sign} {schema[key]:g}" for key, sign in words if abs(schema.get(key, 1e9)) < 1e6]
    return f", {', '.join(said)}" if said else ""


def _size(schema: Schema, of: str) -> str:
    least, most = schema.get(f"min{of}"), schema.get(f"max{of}")
    unit = " characters" if of == "Length" else ""
    if least and most:
        return f", {least} to {most}{unit}"
    return f", at most {most}{unit}" if most else ""


def default(schema: Schema) -> str:
    """What a field is when it is left out; nothing where it must be given."""
    if schema.get("default") is None:
        return {"object": "`{}`", "array": "`[]`"}.get(schema.get("type", ""), "null")
    return f"`{json.dumps(schema['default'], ensure_ascii=False)}`"


def fields_of(name: str, without: tuple[str, ...] = ()) -> Iterator[tuple[str, Schema, bool]]:
    """Name, schema, and whether it must be given, of each field."""
    schema = component(name)
    required = set(schema.get("required", ()))
    for field, of in schema.get("properties", {}).items():
        if field not in without:
            yield field, of, field in required


def request_table(name: str, limits: dict[str, str], without: tuple[str, ...] = ()) -> str:
    """The fields of a request: default, what they may be, what they mean."""
    rows = []
    for field, schema, required in fields_of(name, without):
        meaning = cell(schema.get("description", ""))
        if field in limits:
            setting = limits[field]
            meaning += f" A server's bound: [`{setting}`](settings.md)."
        given = "**needed**" if required else default(schema)
        rows.append((f"`{field}`", kind(schema).replace("|", "\\|"), given, meaning.strip()))
    return table(("field", "may be", "when absent", "meaning"), rows)


def result_table(name: str, without: tuple[str, ...] = ()) -> str:
    """The fields of a result and what they mean."""
    rows = [
        (f"`{field}`", kind(schema).replace("|", "\\|"), cell(schema.get("description", "")))
        for field, schema, _ in fields_of(name, without)
    ]
    return table(("field", "is", "meaning"), rows)


def named_in(schema: Any) -> Iterator[str]:
    """The components that a schema refers to."""
    if isinstance(schema, dict):
        if str(schema.get("$ref", "")).startswith(PREFIX):
            yield schema["$ref"].removeprefix(PREFIX)
        for value in schema.values():
            yield from named_in(value)
    elif isinstance(schema, list):
        for value in schema:
            yield from named_in(value)


def parts_of(name: str, without: set[str]) -> list[str]:
    """The components of a result, and theirs, in the order in which they are met."""
    met: dict[str, None] = {}
    for part in named_in(component(name)):
        if part not in without and part not in met and part != name:
            met[part] = None
            met |= dict.fromkeys(parts_of(part, without | set(met) | {name}))
    return list(met)
