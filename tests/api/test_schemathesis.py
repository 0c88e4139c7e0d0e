"""Thousands of requests made from the OpenAPI document, right ones and wrong ones.

A tiny model and tiny limits, because this is about the API and not about inference. Strings hold
NUL bytes and lone surrogates.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest
import schemathesis
from hypothesis import HealthCheck
from hypothesis import settings as hypothesis_settings
from schemathesis.checks import not_a_server_error
from schemathesis.config import GenerationConfig, ProjectConfig, ProjectsConfig, SchemathesisConfig
from schemathesis.generation import GenerationMode
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    negative_data_rejection,
    response_headers_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from attention_surgery.api import openapi
from attention_surgery.settings import Settings
from benchmarks.random_gpt2 import save_random_gpt2

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
CONFIG = SchemathesisConfig(
    projects=ProjectsConfig(default=ProjectConfig(generation=GENERATION)),
)


def document() -> dict[str, Any]:
    """The committed one; Schemathesis checks events one by one, as OpenAPI 3.2 describes them."""
    found: dict[str, Any] = json.loads(openapi.FILE.read_text("utf-8"))
    for operation in (each for path in found["paths"].values() for each in path.values()):
        answer = operation["responses"].get("200", {})
        for stream in answer.get("content", {}).values():
            if stream["schema"].get("contentMediaType") == "text/event-stream":
                stream["itemSchema"] = stream.pop("schema")["contentSchema"]["items"]
    return found


schema = schemathesis.openapi.from_dict(document(), config=CONFIG)


@pytest.fixture(scope="module")
def tiny_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    folder = tmp_path_factory.mktemp("tiny")
    model = save_random_gpt2(
        folder / "tiny", n_layers=2, n_heads=2, d_model=16, d_vocab=4096, n_ctx=64
    )
    settings = Settings(
        models=(f"tiny={model}",),
        max_prompt_tokens=12,
        max_new_tokens=24,
        frontend=folder / "no-page",
        log_format="json",
    )
    started = Server(settings)
    started.start()
    started.wait_until_ready()
    yield started
    started.stop()


def cases(count: int) -> hypothesis_settings:
    every = list(HealthCheck)
    return hypothesis_settings(
        max_examples=count, deadline=None, suppress_health_check=every, database=None
    )


def keeps_its_word(case: schemathesis.Case, server: Server) -> None:
    case.call_and_validate(base_url=server.url, checks=CHECKS, timeout=60)


@schema.parametrize()
@cases(6)
def test_the_api_keeps_its_word(case: schemathesis.Case, tiny_server: Server) -> None:
    keeps_its_word(case, tiny_server)


@pytest.mark.long
@schema.parametrize()
@cases(500)
def test_the_api_keeps_its_word_at_length(case: schemathesis.Case, tiny_server: Server) -> None:
    keeps_its_word(case, tiny_server)
