"""A client that a stranger generates from the committed document speaks with the real server."""

from __future__ import annotations

import importlib
import inspect
import json
import subprocess
import sys
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from attention_surgery.api import openapi
from attention_surgery.api.classes import ANSWER, CLASS
from attention_surgery.settings import BUNDLED_MODEL

from .servers import PATIENT, Server

PACKAGE = "generated_surgery_client"
DOCUMENT: dict[str, Any] = json.loads(openapi.FILE.read_text("utf-8"))
OPERATIONS = {
    f"{method.upper()} {path}": operation
    for path, operations in DOCUMENT["paths"].items()
    for method, operation in operations.items()
}


@pytest.fixture(scope="module")
def generated(tmp_path_factory: pytest.TempPathFactory) -> str:
    """The name of the generated package, which can be imported."""
    folder = tmp_path_factory.mktemp("generated")
    config: Path = folder / "config.json"
    config.write_text('{"post_hooks": []}')
    words = ["--path", openapi.FILE, "--output-path", folder / PACKAGE, "--config", config]
    command = [sys.executable, "-m", "openapi_python_client", "generate", *map(str, words)]
    done = subprocess.run(
        [*command, "--meta", "none", "--fail-on-warning"], capture_output=True, text=True
    )
    assert done.returncode == 0, done.stdout + done.stderr
    with pytest.MonkeyPatch.context() as patch:
        patch.syspath_prepend(folder)
        importlib.import_module(PACKAGE)
    return PACKAGE


RUN = {"task": "ioi", "n": 1, "analysis": {"name": "importance", "method": "gradient"}}


@pytest.fixture
def known(server: Server, route: str) -> dict[str, Any]:
    """What paths and headers name: the bundled model, a saved experiment, a class, a run."""
    saved = server.post("/experiments", title="saved", link="?p=").json()
    room = server.post("/classes", **CLASS).json() if "{classroom}" in route else saved
    answers = f"/classes/{room['id']}/answers"
    answer = server.post(answers, **ANSWER).json()["id"] if "{answer}" in route else None
    run = server.post("/runs", **RUN).json()["id"] if "{run}" in route else ""
    return {
        "name": "ioi" if "/tasks" in route else BUNDLED_MODEL,
        "identifier": saved["id"],
        "x_experiment_key": room["key"],
        "classroom": room["id"],
        "answer": answer,
        "run": run,
        "layer": 9,
        "head": 6,
    }


def arguments(call: Any, operation: dict[str, Any], known: dict[str, Any]) -> dict[str, Any]:
    """The first example as body, and what is known by that name."""
    parameters = inspect.signature(call).parameters
    given: dict[str, Any] = {name: known[name] for name in parameters if name in known}
    if "body" in parameters:
        schema = operation["requestBody"]["content"]["application/json"]["schema"]
        component = DOCUMENT["components"]["schemas"].get(schema.get("$ref", "").split("/")[-1], {})
        example = (schema | component)["examples"][0]
        given["body"] = parameters["body"].annotation.from_dict(example)
    return given


@pytest.mark.parametrize("route", OPERATIONS)
def test_each_route_answers_a_generated_call(
    route: str, generated: str, server: Server, known: dict[str, Any]
) -> None:
    operation = OPERATIONS[route]
    package: ModuleType = importlib.import_module(f"{generated}.client")
    errors = importlib.import_module(f"{generated}.models")
    module = importlib.import_module(
        f"{generated}.api.{operation['tags'][0]}.{operation['operationId']}"
    )
    with package.Client(
        base_url=server.url, timeout=PATIENT, raise_on_unexpected_status=True
    ) as client:
        answer = module.sync_detailed(
            client=client, **arguments(module.sync_detailed, operation, known)
        )
    assert str(answer.status_code.value) in operation["responses"]
    assert answer.status_code.value < 300, answer.content
    assert answer.parsed is not None
    assert not isinstance(answer.parsed, errors.ErrorResponse)
