"""Fields that may be written in short, as `L9H6q` for a head's queries."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

from pydantic import GetCoreSchemaHandler, GetJsonSchemaHandler
from pydantic.json_schema import JsonSchemaValue
from pydantic_core import CoreSchema, core_schema


@dataclass(frozen=True)
class InShort:
    """Metadata of a field: how a text stands for its object.

    Attributes:
        pattern: whose named groups are the object's fields; whole numbers are read as such.
        example: a text that fits.
    """

    pattern: str
    example: str

    def read(self, value: object) -> object:
        """The fields that a text or a tuple stands for; anything else as it is."""
        if isinstance(value, tuple):
            return dict(zip(re.compile(self.pattern).groupindex, value, strict=False))
        match = re.fullmatch(self.pattern, value) if isinstance(value, str) else None
        if match is None or not match.groupdict():
            return value
        return {
            name: int(part) if part.isdigit() else part for name, part in match.groupdict().items()
        }

    def __get_pydantic_core_schema__(
        self, source: Any, handler: GetCoreSchemaHandler
    ) -> CoreSchema:
        return core_schema.no_info_before_validator_function(self.read, handler(source))

    def __get_pydantic_json_schema__(
        self, schema: CoreSchema, handler: GetJsonSchemaHandler
    ) -> JsonSchemaValue:
        full = handler(schema)
        if handler.mode == "serialization":
            return full
        pattern = re.sub(r"\?P<\w+>", "", self.pattern)
        short = {"type": "string", "pattern": f"^{pattern}$", "examples": [self.example]}
        return {"anyOf": [*full.get("anyOf", [full]), short]}
