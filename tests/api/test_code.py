"""Every analysis that can be written as a script has a route that writes it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from attention_surgery import Model
from attention_surgery.analyses import Analysis, analyses
from attention_surgery.errors import InvalidSetting
from attention_surgery.settings import Settings

from .servers import Server


@pytest.mark.parametrize(
    "analysis",
    [each for each in analyses() if each.has_script()],
    ids=lambda analysis: analysis.name,
)
def test_a_script_is_what_python_writes(
    server: Server, bundled: Model, analysis: type[Analysis[Any]]
) -> None:
    body = {"prompt": "Monday Tuesday Wednesday"} | analysis.example
    answer = server.post(f"{analysis.path()}/code", **body)
    assert answer.status_code == 200, answer.text
    assert answer.json() == {"code": analysis.model_validate(body).code(bundled)}
    compile(answer.json()["code"], "script.py", "exec")


def test_what_has_no_script_has_no_route_for_one(server: Server, bundled: Model) -> None:
    without = [each for each in analyses() if not each.has_script()]
    assert {each.name for each in without} >= {"circuit", "circuit_search", "verify"}
    for each in without:
        assert server.post(f"{each.path()}/code", **each.example).status_code in (404, 405)
        with pytest.raises(InvalidSetting, match="cannot be written as a script"):
            each.model_validate(each.example).code(bundled)


def test_a_script_needs_no_loaded_model(serve: Callable[..., Server]) -> None:
    """It is written for the model named, whose weights someone else may have."""
    settings = Settings(models=("gpt2-mini-12x12", "gpt2-xl"))
    server = serve(settings=settings)
    answer = server.post("/infer/code", prompt="x", model="gpt2-xl", ablations=["L40H3"])
    assert 'from_pretrained_no_processing("gpt2-xl"' in answer.json()["code"]
    assert "Weights: revision" not in answer.json()["code"]


def test_the_path_of_a_directory_stays_with_its_host(
    serve: Callable[..., Server], directories: dict[str, Any]
) -> None:
    given = directories["tiny"]
    server = serve(settings=Settings(models=("gpt2-mini-12x12", f"mine={given}")))
    code = server.post("/infer/code", prompt="x", model="mine").json()["code"]
    assert 'Path("mine")' in code
    assert str(given) not in code


@pytest.mark.parametrize(
    ("body", "status", "error"),
    [
        ({"prompt": "x", "model": "gpt5"}, 404, "UnknownModel"),
        ({"prompt": 7}, 422, "InvalidRequest"),
        ({"prompt": "x", "ablations": ["L9H6q"]}, 422, "InvalidRequest"),
    ],
)
def test_wrong_requests_are_refused(
    server: Server, body: dict[str, Any], status: int, error: str
) -> None:
    answer = server.post("/infer/code", **body)
    assert (answer.status_code, answer.json()["error"]) == (status, error)
