"""Whatever breaks ends in a sentence, and the service goes on."""

from __future__ import annotations

import ctypes
import math
from collections.abc import Callable
from typing import Any

import pytest
import torch

import attention_surgery as surgeon
from attention_surgery.analyses import predictions
from attention_surgery.api import answering
from attention_surgery.engine import model as engine
from attention_surgery.engine import run, surgery
from attention_surgery.engine.skeleton import count_hooks
from attention_surgery.errors import ModelLoadError
from attention_surgery.settings import BUNDLED_MODEL, Settings
from tests.service.jobs import computation, submit

from .servers import IOI, Server, wait_for_line, wait_until, written_log

CUT = {"ablations": [{"layer": 9, "head": 9}], "max_new_tokens": 2}


def answers_again(server: Server) -> None:
    answer = server.post("/infer", prompt=f"{IOI} all is well", **CUT)
    assert answer.status_code == 200


@pytest.mark.parametrize(
    "error", [RuntimeError("/secret"), MemoryError(), ValueError("nan"), AssertionError()]
)
def test_an_exception_inside_the_engine(
    server: Server, monkeypatch: pytest.MonkeyPatch, error: Exception
) -> None:
    def fail(*_: object, **__: object) -> None:
        raise error

    hooks = count_hooks(server.slot.ready_model().graph)
    with monkeypatch.context() as patch:
        patch.setattr(run, "run_block", fail)
        prompt = f"Broken by {type(error).__name__}"
        answer = server.post("/infer", prompt=prompt, **CUT)
        events = server.events("/infer/stream", prompt=prompt, **CUT)
    assert (answer.status_code, answer.json()["error"]) == (500, "InternalError")
    assert "secret" not in answer.text
    assert events[-1][0] == "error"
    assert events[-1][1] == answer.json()
    assert count_hooks(server.slot.ready_model().graph) == hooks
    answers_again(server)


def test_a_stream_that_breaks_is_logged_and_counted(
    server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its status was sent long before, and says nothing."""

    frame = answering.framed

    def broken(name: str, data: bytes) -> tuple[bytes, ...]:
        if name != "error":
            raise RuntimeError("while framing")
        return frame(name, data)

    count = server.service.meters.count
    before = count("refusals", reason="InternalError")
    with monkeypatch.context() as patch, written_log() as log:
        patch.setattr(answering, "framed", broken)
        events = server.events("/infer/stream", prompt="Break my frame", max_new_tokens=1)
        wait_for_line(log, "while framing")
        assert [name for name, _ in events] == ["error"]
    assert events[0][1]["error"] == "InternalError"
    assert count("refusals", reason="InternalError") == before + 1


def test_a_number_that_json_cannot_say_fails_loudly(
    server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as patch:
        patch.setattr(predictions, "_perplexity", lambda _: math.inf)
        answer = server.post("/infer", prompt="To infinity", max_new_tokens=1)
    assert (answer.status_code, answer.json()["error"]) == (500, "InternalError")
    answers_again(server)


def test_an_exception_inside_a_hook(server: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    model = server.slot.ready_model()
    hooks = count_hooks(model.graph)

    def job() -> Any:
        with surgeon.surgery(model, ["L3H3"]):
            model.hooked(torch.tensor([[1, 2, 3]]))
        yield

    def broken(*_: object, **__: object) -> None:
        raise RuntimeError("inside a hook")

    monkeypatch.setattr(surgery.Surgery, "_replace", broken)
    made, reader = computation(job())
    submit(server.slot.worker, made)
    assert "failed on the server" in str(reader.wait_for_end(made))
    assert count_hooks(model.graph) == hooks
    monkeypatch.undo()
    answers_again(server)


def test_a_killed_inference_thread(server: Server) -> None:
    kill = ctypes.pythonapi.PyThreadState_SetAsyncExc
    thread = server.slot.worker.thread_id
    assert thread is not None
    with server.held():
        assert kill(ctypes.c_ulong(thread), ctypes.py_object(SystemExit)) == 1
    wait_until(lambda: server.slot.worker.thread_id != thread)
    answers_again(server)
    assert server.client.get("/health/ready").status_code == 200


def test_an_unreachable_hub_while_the_bundled_model_serves(
    serve: Callable[..., Server], monkeypatch: pytest.MonkeyPatch, tmp_path: Any
) -> None:
    load = engine.load_model

    def no_hub(source: object, **options: Any) -> Any:
        if source == "gpt2":
            raise ModelLoadError("gpt2 cannot be fetched from the Hugging Face hub: retry.")
        return load(source, **options)  # type: ignore[arg-type]

    monkeypatch.setattr(engine, "load_model", no_hub)
    settings = Settings(models=("gpt2", BUNDLED_MODEL), frontend=tmp_path)
    server = serve(settings=settings)
    wait_until(lambda: server.service.preferred.state == "unavailable")
    listed = server.client.get("/models").json()
    assert (listed["default"], listed["preferred"]) == (BUNDLED_MODEL, "gpt2")
    assert "hub" in listed["models"][0]["reason"]
    answers_again(server)
    refused = server.post("/infer", prompt=IOI, model="gpt2")
    assert (refused.status_code, refused.json()["error"]) == (503, "ModelLoadError")
    assert "retry-after" in refused.headers

    monkeypatch.setattr(engine, "load_model", lambda _, **o: load(BUNDLED_MODEL, **o))
    assert server.client.post("/models/gpt2/load").status_code == 202
    wait_until(lambda: server.client.get("/models").json()["default"] == "gpt2")
