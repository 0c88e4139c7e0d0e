"""Requests made from the OpenAPI document, right ones and wrong ones.

`test_schemathesis_at_length.py` makes tens of thousands of them. The model is tiny and so are its
limits, because this is about the API and not about inference. Strings hold NUL bytes and lone
surrogates.
"""

from __future__ import annotations

import json
from typing import Any

import schemathesis
from hypothesis import HealthCheck
from hypothesis import settings as hypothesis_settings
from schemathesis.checks import not_a_server_error
from schemathesis.config import (
    CoveragePhaseConfig,
    GenerationConfig,
    PhasesConfig,
    ProjectConfig,
    ProjectsConfig,
    SchemathesisConfig,
)
from schemathesis.generation import GenerationMode
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    negative_data_rejection,
    response_headers_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from attention_surgery.api import openapi

from .servers import Server

CHECKS = [
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
    negative_data_rejection,
]
GENERATION = GenerationConfig(
    modes=[GenerationMode.POSITIVE, GenerationMode.NEGATIVE],
    allow_x00=True,
    codec=None,
    deterministic=True,
)


def config(*, coverage: bool) -> SchemathesisConfig:
    """With coverage each keyword of the schema is violated and met: some 400 requests a route."""
    phases = PhasesConfig(coverage=CoveragePhaseConfig(enabled=coverage))
    project = ProjectConfig(generation=GENERATION, phases=phases)
    return SchemathesisConfig(projects=ProjectsConfig(default=project))


def document() -> dict[str, Any]:
    """The committed one; Schemathesis checks events one by one, as OpenAPI 3.2 describes them."""
    found: dict[str, Any] = json.loads(openapi.FILE.read_text("utf-8"))
    for operation in (each for path in found["paths"].values() for each in path.values()):
        answer = operation["responses"].get("200", {})
        for stream in answer.get("content", {}).values():
            if stream["schema"].get("contentMediaType") == "text/event-stream":
                stream["itemSchema"] = stream.pop("schema")["contentSchema"]["items"]
    return found


schema = schemathesis.openapi.from_dict(document(), config=config(coverage=False))


def cases(count: int) -> hypothesis_settings:
    every = list(HealthCheck)
    return hypothesis_settings(
        max_examples=count, deadline=None, suppress_health_check=every, database=None
    )


def keeps_its_word(case: schemathesis.Case, server: Server) -> None:
    answer = case.call(base_url=server.url, timeout=60)
    # What is longer than a server reads is refused before any route.
    if answer.status_code not in (413, 431):
        case.validate_response(answer, checks=CHECKS)


@schema.parametrize()
@cases(4)
def test_the_api_keeps_its_word(case: schemathesis.Case, tiny_server: Server) -> None:
    keeps_its_word(case, tiny_server)
