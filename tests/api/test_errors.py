"""Every refusal is one sentence with a kind, the right status, and no secret of the host."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest

from attention_surgery import errors
from attention_surgery.api.errors import STATUS, status_of

from .servers import IOI, Server

DEEP = "[" * 40 + "]" * 40
REFUSALS: list[tuple[str, Any, int, str, str]] = [
    ("/infer", {}, 422, "InvalidRequest", "prompt: this field is required"),
    ("/infer", {"prompt": 3}, 422, "InvalidRequest", "prompt: the value should be a valid string"),
    ("/infer", {"prompt": IOI, "colour": 1}, 422, "InvalidRequest", "colour: no such field"),
    ("/infer", {"prompt": IOI, "ablations": [{"head": 1}]}, 422, "InvalidRequest", "[0].layer"),
    (
        "/infer",
        {"prompt": IOI, "ablations": [{"layer": 1, "head": 1, "method": "cut"}]},
        422,
        "InvalidRequest",
        "ablations[0]: 'cut' is no ablation method: use zero, mean",
    ),
    (
        "/infer",
        {"prompt": IOI, "ablations": [{"layer": 12, "head": 0}]},
        422,
        "UnknownHead",
        "layers 0–11",
    ),
    (
        "/infer",
        {"prompt": IOI, "ablations": [{"layer": 1, "head": 0}] * 2},
        422,
        "DuplicateHead",
        "L1H0",
    ),
    ("/infer", {"prompt": IOI, "max_new_tokens": 100_000}, 422, "InvalidSetting", "256"),
    ("/infer", {"prompt": IOI, "max_new_tokens": -1}, 422, "InvalidRequest", "max_new_tokens"),
    ("/infer", {"prompt": IOI, "alternatives": 500}, 422, "InvalidSetting", "at most 100"),
    ("/infer", {"prompt": IOI, "max_new_tokens": 250}, 422, "PromptTooLong", "250"),
    ("/infer", {"prompt": "word " * 2000}, 422, "PromptTooLong", "1024"),
    ("/infer", {"prompt": "", "prepend_bos": False}, 422, "InvalidPrompt", "prompt"),
    ("/infer", {"prompt": IOI, "model": "gpt3"}, 404, "UnknownModel", "gpt2-mini-12x12"),
    ("/infer", {"prompt": IOI, "model": "../../etc/passwd"}, 404, "UnknownModel", "use one of"),
    ("/importance", {"prompt": IOI, "method": "magic"}, 422, "InvalidRequest", "method"),
    (
        "/importance",
        {"prompt": IOI, "method": "l2", "ablation_method": "zero"},
        422,
        "InvalidRequest",
        "method ablation",
    ),
    ("/logit-lens", {"prompt": IOI, "positions": [4000]}, 422, "InvalidSetting", "position"),
    ("/attention", {"prompt": IOI, "layer": 0, "head": 77}, 422, "UnknownHead", "L0H77"),
    ("/tokenize", {"text": "word " * 20_000}, 422, "PromptTooLong", "tokens"),
    (
        "/infer",
        {"prompt": IOI, "ablations": ["L0H0"] * 2001},
        422,
        "InvalidRequest",
        "ablations: at most 2000 entries can be taken, and here are 2001; send fewer.",
    ),
    (
        "/interactions",
        {"prompt": IOI, "answer": " Mary", "foil": " John", "heads": ["L0H0"]},
        422,
        "InvalidRequest",
        "heads: at least 2 entries must be given, and here is 1.",
    ),
    (
        "/circuit",
        {"task": "x" * 101, "heads": ["L0H0"]},
        422,
        "InvalidRequest",
        "task: at most 100 characters can be taken; send fewer.",
    ),
    ("/models/gpt3/load", None, 404, "UnknownModel", "gpt3"),
    ("/nothing", {}, 404, "NotFound", "/docs"),
]


@pytest.mark.parametrize(("path", "body", "status", "kind", "words"), REFUSALS)
def test_refusals(server: Server, path: str, body: Any, status: int, kind: str, words: str) -> None:
    answer = server.client.post(path, json=body)
    assert (answer.status_code, answer.json()["error"]) == (status, kind)
    assert words in answer.json()["detail"]
    assert answer.json()["detail"].rstrip(")").endswith(".")


@pytest.mark.parametrize(
    ("content", "status", "words"),
    [
        (b"", 422, "empty"),
        (b"{", 400, "no valid JSON (Expecting property name"),
        (b'{"prompt": "x"', 400, "JSON"),
        (b'{"prompt": "' + b'\\"' * 100, 400, "JSON"),
        (b"[]", 422, "no JSON object"),
        (b"null", 422, ""),
        (b'"text"', 422, "no JSON object"),
        (b"\xff\xfe\x00", 400, "UTF-8"),
        (b'{"prompt": "x", "temperature": NaN}', 400, "JSON, which has no NaN"),
        (b'{"prompt": "x", "temperature": -Infinity}', 400, "JSON, which has no Infinity"),
        ('{"prompt": "x"}'.encode("utf-16"), 400, "UTF-8"),
        (b'{"prompt": "x", "temperature": 1e999}', 422, "temperature"),
        (b'{"prompt": "x", "seed": 1' + b"0" * 5000 + b"}", 400, "JSON"),
        (b'{"prompt": "\\ud800"}', 422, "surrogate"),
        (b'{"prompt": "x", "\\ud800": 1}', 422, "unicode"),
        (f'{{"prompt": {DEEP}}}'.encode(), 422, "deeper than 16"),
    ],
)
def test_bodies_that_are_no_request(
    server: Server, content: bytes, status: int, words: str
) -> None:
    answer = server.client.post(
        "/infer", content=content, headers={"Content-Type": "application/json"}
    )
    assert answer.status_code == status
    assert words in answer.json()["detail"]


@pytest.mark.parametrize(
    "kind", [None, "application/x-www-form-urlencoded", "text/plain", "text/json", "json"]
)
def test_what_is_not_marked_as_json_is_told_so(server: Server, kind: str | None) -> None:
    headers = {"Content-Type": kind} if kind else {}
    answer = server.client.post("/infer", content=b'{"prompt": "NaN"}', headers=headers)
    assert (answer.status_code, answer.json()["error"]) == (415, "UnsupportedMediaType")
    assert "Content-Type: application/json" in answer.json()["detail"]


@pytest.mark.parametrize("kind", ["application/json; charset=utf-8", "Application/vnd.x+JSON"])
def test_every_kind_of_json_is_read(server: Server, kind: str) -> None:
    body = b'{"text": "no NaN and no -Infinity [[[ in here"}'
    answer = server.client.post("/tokenize", content=body, headers={"Content-Type": kind})
    assert answer.status_code == 200


def test_the_wrong_method_is_told_the_right_one(server: Server) -> None:
    answer = server.client.get("/infer")
    assert (answer.status_code, answer.json()["error"]) == (405, "MethodNotAllowed")
    assert "use POST" in answer.json()["detail"]


@pytest.mark.parametrize("text", ["\x00", "a\x00b", "\u202e", "🧑‍🚀" * 3, "\x1b[31m", "ﷺ", " "])
def test_strange_text_is_answered(server: Server, text: str) -> None:
    assert server.post("/infer", prompt=text, max_new_tokens=2).status_code == 200
    assert server.post("/tokenize", text=text).status_code == 200


def test_an_error_with_a_retry_says_when(serve: Callable[..., Server]) -> None:
    server = serve(queue_size=1)
    with server.held():
        answer = server.post("/infer", prompt=IOI)
    assert (answer.status_code, answer.json()["error"]) == (429, "QueueFull")
    assert 1 <= int(answer.headers["retry-after"]) <= 60


def test_every_error_of_the_package_has_a_status() -> None:
    kinds = [errors.AttentionSurgeryError]
    for kind in kinds:
        kinds += kind.__subclasses__()
    # Of the store's there are only kinds.
    bases = {errors.AttentionSurgeryError, errors.StoreError}
    public = [kind for kind in kinds if kind.__module__ == errors.__name__ and kind not in bases]
    assert {
        kind
        for kind in public
        if status_of(
            kind("", 1.0)
            if kind
            in (  # type: ignore[call-arg]
                errors.QueueFull,
                errors.ModelUnavailable,
                errors.ModelNotReady,
                errors.ModelLoadError,
            )
            else kind("")
        )
        == 500
    } == set()
    assert set(STATUS.values()) == {403, 404, 409, 422, 429, 499, 503, 504, 507}


def test_answers_say_nothing_about_the_host(server: Server, tmp_path: Any) -> None:
    for path, body, *_ in REFUSALS:
        text = server.client.post(path, json=body).text
        assert "Traceback" not in text
        assert str(tmp_path.parent) not in text
        assert "site-packages" not in json.dumps(text)
