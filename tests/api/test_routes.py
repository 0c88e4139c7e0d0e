"""The API gives what the engine gives."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from attention_surgery import HeadAblation, Model, attention, importance, infer, logit_lens
from attention_surgery.api import schemas
from attention_surgery.service.encoding import encode

from .servers import IOI, Server, wait_until

CUT = [{"layer": 9, "head": 9, "method": "zero"}, {"layer": 0, "head": 10, "method": "mean"}]
CUTS = [HeadAblation(**cut) for cut in CUT]  # type: ignore[arg-type]


def as_json(result: object, model: Model, schema: type[schemas.Answer]) -> dict[str, Any]:
    return schema.model_validate_json(encode(result, model=model.name)).model_dump()


def without(answer: dict[str, Any], *names: str) -> dict[str, Any]:
    return {name: value for name, value in answer.items() if name not in names}


def test_infer_equals_the_engine(server: Server, bundled: Model) -> None:
    answer = server.post("/infer", prompt=IOI, ablations=CUT, max_new_tokens=6)
    assert answer.status_code == 200
    expected = infer(bundled, IOI, CUTS, max_new_tokens=6)
    assert schemas.InferResponse.model_validate_json(answer.text).model_dump() == as_json(
        expected, bundled, schemas.InferResponse
    )


def test_importance_equals_the_engine(server: Server, bundled: Model) -> None:
    answer = server.post("/importance", prompt="The Eiffel Tower", method="kl", positions="last")
    expected = importance(bundled, "The Eiffel Tower", "kl", positions="last")
    got = schemas.ImportanceResponse.model_validate_json(answer.text).model_dump()
    assert without(got, "seconds") == without(
        as_json(expected, bundled, schemas.ImportanceResponse), "seconds"
    )


def test_logit_lens_equals_the_engine(server: Server, bundled: Model) -> None:
    answer = server.post(
        "/logit-lens", prompt=IOI, ablations=CUT, continuation=[768, 14], top_k=3, positions=[3, 5]
    )
    expected = logit_lens(bundled, IOI, CUTS, continuation=[768, 14], top_k=3, positions=[3, 5])
    got = schemas.LogitLensResponse.model_validate_json(answer.text).model_dump()
    assert got == as_json(expected, bundled, schemas.LogitLensResponse)


def test_attention_equals_the_engine(server: Server, bundled: Model) -> None:
    answer = server.post("/attention", prompt=IOI, ablations=CUT, layer=0, head=10)
    expected = attention(bundled, IOI, 0, 10, CUTS)
    got = schemas.AttentionResponse.model_validate_json(answer.text).model_dump()
    assert got == as_json(expected, bundled, schemas.AttentionResponse)


def test_tokenize_equals_the_model(server: Server, bundled: Model) -> None:
    answer = server.post("/tokenize", text="héllo 🙂", prepend_bos=False).json()
    assert [token["id"] for token in answer["tokens"]] == bundled.tokenize("héllo 🙂", False)
    assert answer["n_ctx"] == bundled.n_ctx


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
    """Many different surgeries at once, each answered as if it were alone."""
    cuts = [(layer, head) for layer in range(12) for head in (0, 6)]

    def ask(cut: tuple[int, int]) -> tuple[Any, Any]:
        body = {"prompt": IOI, "ablations": [{"layer": cut[0], "head": cut[1]}]}
        if cut[0] % 3 == 0:
            return cut, server.events("/infer/stream", **body, max_new_tokens=4)[-1][1]
        return cut, server.post("/infer", **body, max_new_tokens=4).json()

    with ThreadPoolExecutor(8) as pool:
        answers = dict(pool.map(ask, cuts))
    for cut, answer in answers.items():
        alone = infer(bundled, IOI, [HeadAblation(*cut)], max_new_tokens=4)
        assert schemas.InferResponse.model_validate(answer).model_dump() == as_json(
            alone, bundled, schemas.InferResponse
        )


def test_models_tell_state_shape_limits_and_examples(server: Server) -> None:
    answer = schemas.ModelsResponse.model_validate(server.client.get("/models").json())
    (model,) = answer.models
    assert (answer.default, model.state, model.bundled) == (model.name, "ready", True)
    assert (model.n_layers, model.n_heads) == (12, 12)
    assert answer.limits.max_ablations >= 144
    assert len(model.examples) >= 5


def test_every_example_of_the_bundled_model_can_be_answered(server: Server) -> None:
    for example in server.client.get("/models").json()["models"][0]["examples"]:
        answer = server.post(
            "/infer", prompt=example["prompt"], ablations=example["ablations"], max_new_tokens=4
        )
        assert answer.status_code == 200, example["title"]
        assert example["explanation"]
        if example["ablations"]:
            assert answer.json()["next_token"]["kl"] > 0, example["title"]


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
