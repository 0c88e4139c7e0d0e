"""The API gives what the engine gives."""

from __future__ import annotations

import json
import re
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from attention_surgery import Model
from attention_surgery.analyses import (
    Analysis,
    AttentionRequest,
    ImportanceRequest,
    InferRequest,
    LogitLensRequest,
    TokenizeRequest,
)
from attention_surgery.analyses.encoding import encode

from .servers import IOI, Server, wait_until

CUT = [{"layer": 9, "head": 9, "method": "zero"}, {"layer": 0, "head": 10, "method": "mean"}]


def as_json(request: Analysis[Any], model: Model) -> Any:
    """What Python gives, read back from its JSON."""
    return json.loads(encode(request.run(model)))


@pytest.mark.parametrize(
    ("analysis", "body"),
    [
        (InferRequest, {"prompt": IOI, "ablations": CUT, "max_new_tokens": 6}),
        (ImportanceRequest, {"prompt": "The Eiffel Tower", "method": "kl", "positions": "last"}),
        (
            LogitLensRequest,
            {
                "prompt": IOI,
                "ablations": CUT,
                "continuation": [768, 14],
                "top_k": 3,
                "positions": [3, -1],
            },
        ),
        (AttentionRequest, {"prompt": IOI, "ablations": CUT, "layer": 0, "head": 10}),
        (AttentionRequest, {"prompt": IOI, "ablations": CUT, "layer": 9}),
        (AttentionRequest, {"prompt": "A short one", "ablations": ["M3z", "L1H1p*-1@0-1"]}),
        (TokenizeRequest, {"text": "héllo 🙂", "prepend_bos": False}),
    ],
)
def test_rest_equals_python(
    server: Server, bundled: Model, analysis: type[Analysis[Any]], body: dict[str, Any]
) -> None:
    answer = server.post(analysis.path(), **body)
    assert answer.status_code == 200, answer.text
    assert answer.json() == as_json(analysis.ask(**body), bundled)
    *_, (name, streamed) = server.events(f"{analysis.path()}/stream", **body)
    assert (name, streamed) == ("done", answer.json())


@pytest.mark.parametrize(
    ("path", "body"),
    [
        ("/infer", {"prompt": IOI, "ablations": CUT, "max_new_tokens": 5}),
        ("/infer", {"prompt": IOI, "temperature": 1.0, "seed": 3, "max_new_tokens": 5}),
        ("/infer", {"prompt": IOI, "ablations": CUT, "max_new_tokens": 0}),
        ("/importance", {"prompt": IOI, "method": "kl", "ablation_method": "mean"}),
        ("/importance", {"prompt": IOI, "method": "attribution"}),
    ],
)
def test_the_stream_ends_with_the_plain_answer(
    server: Server, path: str, body: dict[str, Any]
) -> None:
    streamed = server.events(f"{path}/stream", **body)[-1]
    assert streamed == ("done", server.post(path, **body).json())


def test_interleaved_surgeries_do_not_mix(server: Server, bundled: Model) -> None:
    """Many different surgeries at once, each answered as if it were alone but for last digits."""
    cuts = [(layer, layer % 7) for layer in range(12)]

    def ask(cut: tuple[int, int]) -> tuple[Any, Any]:
        body = {"prompt": IOI, "ablations": [{"layer": cut[0], "head": cut[1]}]}
        if cut[0] % 3 == 0:
            return cut, server.events("/infer/stream", **body, max_new_tokens=4)[-1][1]
        return cut, server.post("/infer", **body, max_new_tokens=4).json()

    with ThreadPoolExecutor(8) as pool:
        answers = dict(pool.map(ask, cuts))
    for cut, answer in answers.items():
        alone = InferRequest.ask(prompt=IOI, ablations=(cut,), max_new_tokens=4)
        assert answer == about(as_json(alone, bundled))


def about(value: Any) -> Any:
    """Equals what differs from it in the last digits of a float32."""
    match value:
        case float():
            return pytest.approx(value, rel=1e-4, abs=1e-6)
        case dict():
            return {name: about(each) for name, each in value.items()}
        case list():
            return [about(each) for each in value]
    return value


def test_models_tell_state_shape_limits_and_examples(server: Server) -> None:
    answer = server.client.get("/models").json()
    (model,) = answer["models"]
    assert (answer["default"], model["state"], model["bundled"]) == (model["name"], "ready", True)
    assert (model["n_layers"], model["n_heads"]) == (12, 12)
    assert answer["limits"]["max_ablations"] >= 144
    ids = [example["id"] for example in model["examples"]]
    assert len(ids) >= 5
    assert len(set(ids)) == len(ids)
    assert all(re.fullmatch(r"[a-z0-9]+(-[a-z0-9]+)*", each) for each in ids)


def test_models_tell_the_ablation_methods(server: Server) -> None:
    methods = {each["name"]: each for each in server.client.get("/models").json()["methods"]}
    letters = {"zero": "z", "mean": "m", "previous": "p", "dataset-mean": "d", "resample": "r"}
    assert letters.items() <= {name: each["letter"] for name, each in methods.items()}.items()
    assert [name for name, each in methods.items() if not each["stands_in"]] == ["previous"]
    assert methods["zero"]["parameters"] == [
        {
            "name": "value_bias",
            "title": "Value bias",
            "meaning": "keep leaves the bias of the values in place, as TransformerLens' default "
            "processing does.",
            "kind": "choice",
            "choices": ["remove", "keep"],
            "default": "remove",
        }
    ]
    kinds = {name: [p["kind"] for p in each["parameters"]] for name, each in methods.items()}
    assert (kinds["resample"], kinds["dataset-mean"]) == (["prompt"], ["prompts"])
    assert not methods["previous"]["on_mlps"]
    assert methods["mean"]["meaning"] == (
        "The head attends uniformly to every token its query may see."
    )


def test_every_example_of_the_bundled_model_can_be_answered(server: Server) -> None:
    for example in server.client.get("/models").json()["models"][0]["examples"]:
        answer = server.post(
            "/infer", prompt=example["prompt"], ablations=example["ablations"], max_new_tokens=4
        )
        assert answer.status_code == 200, example["title"]
        assert example["explanation"]
        if example["ablations"]:
            assert answer.json()["next_token"]["kl"] > 0, example["title"]


def test_circuits_of_a_model_that_is_ready_can_be_tested(server: Server) -> None:
    (model,) = server.client.get("/models").json()["models"]
    circuits = {circuit["name"]: circuit for circuit in model["circuits"]}
    assert circuits.keys() == {"ioi", "induction", "places"}
    for name, circuit in circuits.items():
        body = {"task": circuit["task"], "n": 1, "measures": [], "random": 0}
        tested = server.post("/circuit", **body, circuit=name).json()
        assert tested["heads"] == circuit["heads"]


def test_identical_requests_share_one_computation(server: Server) -> None:
    body = {"prompt": "Shared by all of us", "max_new_tokens": 8}
    meters = server.service.meters
    before = meters.count("shared")
    with ThreadPoolExecutor(6) as pool:
        with server.held():
            futures = [pool.submit(server.post, "/infer", **body) for _ in range(6)]
            wait_until(lambda: meters.count("shared") == before + 5)
        assert len({future.result().text for future in futures}) == 1


def test_sampling_without_a_seed_is_never_shared(server: Server) -> None:
    body = {"prompt": "Once upon a time", "temperature": 5.0, "max_new_tokens": 12}
    seeds = {server.post("/infer", **body).json()["seed"] for _ in range(4)}
    assert len(seeds) == 4


def test_load_of_a_ready_model_changes_nothing(server: Server) -> None:
    generation = server.slot.generation
    answer = server.client.post("/models/gpt2-mini-12x12/load")
    assert (answer.status_code, answer.json()["models"][0]["state"]) == (202, "ready")
    assert server.slot.generation == generation
