"""Requests as clients of version 0.1 write them are answered with the fields that they read."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from .servers import Server

OLD: list[dict[str, Any]] = json.loads((Path(__file__).parent / "old_bodies.json").read_text())
READ = {
    "/infer": {"prompt_tokens", "control", "ablated", "next_token", "metrics"}
    | {"first_difference", "seed", "warnings"},
    "/importance": {"prompt_tokens", "method", "ablation_method", "positions", "scores"}
    | {"ranking", "unit", "warnings"},
    "/logit-lens": {"prompt_tokens", "positions", "layers", "targets", "tracked", "control"}
    | {"ablated", "token_texts", "warnings"},
    "/attention": {"prompt_tokens", "layer", "head", "method", "control", "ablated", "warnings"},
    "/tokenize": {"tokens", "n_ctx"},
}


@pytest.mark.parametrize("old", OLD, ids=lambda old: json.dumps(old)[:70])
def test_an_old_body_is_answered_as_before(server: Server, old: dict[str, Any]) -> None:
    path, stream, _ = old["path"].partition("/stream")
    if stream:
        *_, (name, answer) = server.events(old["path"], **old["body"])
        assert name == "done"
    else:
        response = server.post(path, **old["body"])
        assert response.status_code == 200, response.text
        answer = response.json()
    assert READ[path] | {"model"} <= set(answer)
