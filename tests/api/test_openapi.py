"""The committed document is the API, and says what a client needs."""

from __future__ import annotations

import json
from typing import Any

import pytest
from jsonschema_rs import Draft202012Validator
from openapi_spec_validator import OpenAPIV31SpecValidator

from attention_surgery.analyses import analyses
from attention_surgery.api import openapi, schemas
from attention_surgery.api.factory import create_app
from attention_surgery.settings import Settings

DOCUMENT: dict[str, Any] = json.loads(openapi.FILE.read_text("utf-8"))
ROUTES = [
    (f"{method.upper()} {path}", operation)
    for path, operations in DOCUMENT["paths"].items()
    for method, operation in operations.items()
]


def test_a_stale_file_is_noticed(
    tmp_path: Any, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(openapi, "FILE", tmp_path / "openapi.json")
    (tmp_path / "openapi.json").write_text("{}")
    assert openapi.main(["--check"]) == 1
    assert "out of date" in capsys.readouterr().out
    assert openapi.main([]) == 0
    assert json.loads((tmp_path / "openapi.json").read_text("utf-8")) == DOCUMENT


def test_the_committed_file_is_up_to_date_whatever_the_environment(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("ATTENTION_SURGERY_MODELS", "gpt2-xl")
    monkeypatch.setenv("ATTENTION_SURGERY_TOKEN", "s3cret")
    assert openapi.main(["--check"]) == 0, capsys.readouterr().out


def test_the_routes_are_those_of_the_design() -> None:
    names = (
        "infer",
        "importance",
        "logit-lens",
        "attention",
        "tokenize",
        "attribution",
        "patching",
        "self-repair",
        "paths",
        "head-types",
        "interactions",
        "circuit",
        "circuit/search",
        "verify",
    )
    twins = ("", "/stream", "/code")
    of_design = {f"POST /{name}{twin}" for name in names for twin in twins}
    of_design -= {"POST /circuit/code", "POST /circuit/search/code", "POST /verify/code"}
    of_analyses = {f"POST {each.path()}{twin}" for each in analyses() for twin in twins}
    told = {name for name, _ in ROUTES}
    assert of_design <= told
    assert told - of_analyses == {
        "GET /models",
        "POST /models/{name}/load",
        "GET /experiments",
        "POST /experiments",
        "GET /experiments/{identifier}",
        "DELETE /experiments/{identifier}",
        "POST /classes",
        "GET /classes/{classroom}",
        "POST /classes/{classroom}/openings",
        "POST /classes/{classroom}/answers",
        "GET /classes/{classroom}/answers",
        "POST /classes/{classroom}/close",
        "POST /classes/{classroom}/reopen",
        "DELETE /classes/{classroom}/answers/{answer}",
        "GET /tasks",
        "POST /tasks",
        "GET /tasks/{name}",
        "GET /runs",
        "POST /runs",
        "GET /runs/{run}",
        "DELETE /runs/{run}",
        "GET /runs/{run}/events",
        "GET /runs/{run}/results",
        "GET /runs/{run}/heads/{layer}/{head}",
        "POST /runs/{run}/stop",
        "POST /runs/{run}/resume",
        "GET /health/live",
        "GET /health/ready",
        "GET /metrics",
    }


def test_the_document_is_valid_openapi() -> None:
    assert DOCUMENT["openapi"].startswith("3.1.")
    OpenAPIV31SpecValidator(DOCUMENT).validate()


@pytest.mark.parametrize(("name", "operation"), ROUTES)
def test_every_route_is_described(name: str, operation: dict[str, Any]) -> None:
    assert len(operation["summary"]) > 10
    assert operation["description"]
    if name.startswith("POST"):
        refusals = {status for status in operation["responses"] if status[0] in "45"}
        assert refusals >= {"413", "422", "429", "503"}
        for status in refusals:
            content = operation["responses"][status]["content"]["application/json"]
            assert content["schema"]["$ref"].endswith("/ErrorResponse")
            schemas.ErrorResponse.model_validate(content["example"])


def test_every_request_has_an_example_that_fits_its_schema() -> None:
    for name, operation in ROUTES:
        if "requestBody" in operation:
            schema = operation["requestBody"]["content"]["application/json"]["schema"]
            assert schema["examples"], name
            validator = Draft202012Validator(schema | {"components": DOCUMENT["components"]})
            for example in schema["examples"]:
                validator.validate(example)


def test_the_events_of_the_streams_are_named() -> None:
    for path, events in openapi.streams().items():
        (operation,) = DOCUMENT["paths"][path].values()
        content = operation["responses"]["200"]["content"]
        text = content["text/event-stream"]["schema"]
        assert text["contentMediaType"] == "text/event-stream"
        items = text["contentSchema"]["items"]["oneOf"]
        assert [item["properties"]["event"]["const"] for item in items] == list(events)
    for model in ("PromptRead", "TokenStep", "SweepProgress", "LayersRead", "QueuedEvent"):
        assert model in DOCUMENT["components"]["schemas"]


def test_the_application_offers_the_same_document() -> None:
    assert create_app(Settings()).openapi() == DOCUMENT


def test_uvicorn_finds_the_application() -> None:
    import attention_surgery.api

    assert callable(attention_surgery.api.app)
    with pytest.raises(AttributeError):
        attention_surgery.api.nothing  # noqa: B018
