"""The scripts that requests are written as run as they are and give the engine's numbers."""

from __future__ import annotations

import runpy
import subprocess
import sys
from pathlib import Path
from typing import Any, ClassVar, Literal

import numpy as np
import pytest
from transformer_lens import HookedTransformer

from attention_surgery.analyses import (
    Analysis,
    AttentionRequest,
    AttributionRequest,
    HeadTypesRequest,
    ImportanceRequest,
    Inference,
    InferRequest,
    InteractionsRequest,
    LogitLensRequest,
    PatchingRequest,
    PathsRequest,
    SelfRepairRequest,
    TokenizeRequest,
)
from attention_surgery.engine.model import Model
from attention_surgery.engine.origin import KnownOrigin
from attention_surgery.errors import InvalidSetting
from attention_surgery.interventions import Intervention, Mean, methods, register
from attention_surgery.interventions.base import Component
from attention_surgery.interventions.registry import unregister
from attention_surgery.scripts.literals import literal
from attention_surgery.scripts.loading import FROM_FILES

BUNDLED = KnownOrigin("gpt2-mini-12x12", "bundled")
GPT2 = KnownOrigin("gpt2", "hub")
PROMPT = "When Mary and John went to the store, John gave a drink to"
OTHER = "When Anna and Paul came to the house, Paul gave a ring to"
QUOTES = "The old man said:\n\t\"It's “cold”, isn't it?\""

# What the methods need besides a site.
PARAMETERS: dict[str, dict[str, Any]] = {
    "dataset-mean": {"references": (OTHER, PROMPT)},
    "resample": {"source": OTHER},
}


def cut(method: str, **fields: Any) -> dict[str, Any]:
    return {"method": method, **PARAMETERS.get(method, {}), **fields}


def cuts_of(method: str) -> tuple[dict[str, Any], ...]:
    """One method at strengths and positions, after the prompt too, on heads and an MLP."""
    kind = next(kind for kind in methods() if kind.name() == method)
    cuts = [
        cut(method, layer=1, head=4),
        cut(method, layer=6, head=6, strength=0.5),
        cut(method, layer=9, head=6, strength=-1.0, positions=(0, 3, 4, 5, -1, 15, 16)),
        cut(method, layer=5, head=9, positions=(-2,)),
    ]
    if kind.on_mlps:
        cuts.append(cut(method, layer=7, strength=0.25))
        cuts.append(cut(method, layer=3, positions=(2, 3, 4, 15)))
    return tuple(cuts)


EVERY_SITE = (
    "L0H3p", "L5H0p*0.5", "L4H11z", "L5H1m@1,2,3", "L6H1p", "L6H2m",
    {"layer": 2, "head": 7, "value_bias": "keep"}, "M8z*0.5@-1",
    cut("resample", layer=3, head=1, source="The young man said: 'It"),
    cut("dataset-mean", layer=3, head=2, references=("One", OTHER, "Two of them"))
)  # fmt: skip

INFERENCES: dict[str, dict[str, Any]] = {
    **{method.name(): {"ablations": cuts_of(method.name())} for method in methods()},
    "zero keeping the bias": {
        "ablations": (cut("zero", layer=6, head=6, value_bias="keep"), cut("mean", layer=9, head=9))
    },
    "nothing cut": {"prompt": "The Eiffel Tower is located in"},
    "no beginning": {"prompt": QUOTES, "prepend_bos": False, "ablations": ("L4H11", "L2H7m")},
    "sampled": {"ablations": ("L2H7m",), "temperature": 0.8, "seed": 7, "max_new_tokens": 8},
    "the likeliest": {"ablations": ("L2H7p",), "temperature": 1.0, "top_k": 12, "seed": 3},
    "next token alone": {"ablations": ("L6H6",), "max_new_tokens": 0},
    "only MLPs": {"ablations": ("M3", "M5z*0.5")},
    "other prompts of other lengths": {
        "ablations": (cut("dataset-mean", layer=3, references=("One", OTHER)), "L4H11p")
    },
}  # fmt: skip

LENSES: dict[str, dict[str, Any]] = {
    "everywhere": {"ablations": ("L0H0", "L6H6m")},
    "at places": {"ablations": ("L6H6",), "positions": (-1, 3), "top_k": 2, "target": 17},
    "of a longer text": {"continuation": (5, 6), "ablations": ("L6H6z@-1", "L5H9z@15")},
}
ATTENTIONS: dict[str, dict[str, Any]] = {
    "of one head": {"layer": 5, "head": 1, "ablations": ("L5H1m*0.5", "L2H2")},
    "of a layer": {"layer": 5, "ablations": ("L5H1p", "L4H1"), "continuation": (5,)},
    "of all": {"ablations": ("L5H1m@3,4",)},
}
CONTRAST = {"answer": " Mary", "foil": " John"}
ATTRIBUTIONS: dict[str, dict[str, Any]] = {
    "uncut": CONTRAST,
    "cut, at a position": CONTRAST | {"position": 10, "ablations": ("L6H6", "L5H9m*0.5", "M3")},
}
PATHS: dict[str, dict[str, Any]] = {
    "to the logits": {},
    "to all, given cuts": {
        "receivers": ("all", "logits"),
        "senders": ("L0H1", "L1H3"),
        "ablations": ("L1H2", "L2H0p", "M1*0.5"),
        "position": -2,
    },
    "to a set, of the loss": {
        "receivers": ("L2H1q", "L2H3v", "L1H0k"), "together": True, "metric": "loss",
        "senders": ("L0H2",),
    },
}  # fmt: skip
KINDS: dict[str, dict[str, Any]] = {
    "on random tokens": {"length": 12, "seed": 5, "copying_tokens": 10},
    "on a prompt": {"prompt": PROMPT, "copying_tokens": 10, "prepend_bos": False},
    "without copying": {"length": 7, "copying_tokens": 0},
}
REPAIRS: dict[str, dict[str, Any]] = {
    "zero": {},
    "by resampling, given cuts": {
        "method": "resample",
        "parameters": {"source": "one three two"},
        "strength": 0.5,
        "ablations": ("L1H2", "L2H0p", "M1*0.5"),
        "position": -2,
    },
}
SCORES: dict[str, dict[str, Any]] = {
    "gradient": {"method": "gradient"},
    "attribution": {"method": "attribution"},
    "l2": {"method": "l2"},
    "zero": {"method": "ablation", "prompt": "The Eiffel Tower is located in"},
    "gradient of a logit difference, given cuts": {
        "method": "gradient",
        "metric": "logit_difference",
        "answer": " Mary",
        "foil": " John",
        "ablations": ("L6H6", "L5H9m*0.5", "L4H3p"),
    },
    "attribution of a probability": {
        "method": "attribution",
        "metric": "probability",
        "answer": " Mary",
        "position": 14,
    },
    "l2 given a cut": {"method": "l2", "ablations": ("L6H6",)},
}
# Many passes each: on a model of twelve heads.
SWEEPS: dict[str, dict[str, Any]] = {
    "zero": {},
    "mean": {"ablation_method": "mean", "positions": "last"},
    "previous": {"ablation_method": "previous"},
    "half-way, given cuts": {"ablation_strength": 0.5, "ablations": ("L1H2", "L2H0p", "M1*0.5")},
    "resample": {"ablation_method": "resample", "ablation_parameters": {"source": "one three two"}},
    "dataset-mean, given another": {
        "ablation_method": "dataset-mean",
        "ablation_parameters": {"references": ["one three two", "seven"]},
        "ablations": (cut("resample", layer=1, head=1, source="one one two"),),
    },
    "of the loss": {"metric": "loss"},
    "of a logit difference": {
        "metric": "logit_difference", "answer": " four", "foil": " five", "position": -2,
        "ablations": ("L1H2",),
    },
}  # fmt: skip

PATCHES: dict[str, dict[str, Any]] = {
    "z": {},
    "q at each position": {"component": "q", "each_position": True},
    "pattern, the other way": {"component": "pattern", "direction": "noise"},
    "a layer's MLP, given cuts": {
        "component": "mlp_out", "ablations": ("L1H2", "L2H0p", "M1*0.5"), "estimate": True
    },
    "the stream at each position": {
        "component": "resid_pre", "each_position": True, "estimate": True
    },
    "k, with the estimate": {"component": "k", "estimate": True},
    "pattern at each position, with the estimate": {
        "component": "pattern", "estimate": True, "each_position": True, "position": -2
    },
    "of the loss": {"metric": "loss", "answer": None, "foil": None, "component": "attn_out"},
    "chosen heads at each position, with the estimate": {
        "component": "v", "heads": ["L2H1", "L0H3"], "each_position": True, "estimate": True
    },
}  # fmt: skip


def request(kind: type[Analysis[Any]], fields: dict[str, Any]) -> Analysis[Any]:
    return kind.ask(**{"prompt": PROMPT} | fields)


def path_fields(name: str) -> dict[str, Any]:
    fields = {"prompt": "one two three four", "corrupt": "one five three one"} | PATHS[name]
    return fields if "metric" in fields else {"answer": " four", "foil": " five"} | fields


INTERACTIONS: dict[str, dict[str, Any]] = {
    "some heads": {"heads": ["L0H1", "L1H2", "L2H3"]},
    "given cuts, half-way": {
        "ablations": ("L0H1", "L0H2", "L0H3", "L1H0p", "L1H1", "L1H2", "L2H0m", "M1*0.5"),
        "ablation_method": "mean", "ablation_strength": 0.5,
    },
    "previous": {"heads": ["L1H1", "L2H1"], "ablation_method": "previous"},
    "kl": {"metric": "kl", "answer": None, "foil": None, "heads": ["L0H1", "L2H2"],
           "positions": "last"},
}  # fmt: skip


def pairs(name: str) -> Analysis[Any]:
    asked = {"answer": " four", "foil": " five", **INTERACTIONS[name]}
    return InteractionsRequest.ask(prompt="one two three", **asked)


def patches(name: str) -> Analysis[Any]:
    against = {"prompt": "one two three", "corrupt": "one four three"}
    asked = {"answer": " four", "foil": " five", **PATCHES[name]}
    return PatchingRequest.ask(**against, **asked)


def inference(name: str) -> Analysis[Any]:
    return request(InferRequest, {"max_new_tokens": 3} | INFERENCES[name])


EVERY_REQUEST = [
    *map(inference, INFERENCES),
    *(request(LogitLensRequest, fields) for fields in LENSES.values()),
    *(request(AttentionRequest, fields) for fields in ATTENTIONS.values()),
    *(request(AttributionRequest, fields) for fields in ATTRIBUTIONS.values()),
    *(HeadTypesRequest.ask(**fields) for fields in KINDS.values()),
    *(request(PathsRequest, path_fields(name)) for name in PATHS),
    *(request(SelfRepairRequest, CONTRAST | fields) for fields in REPAIRS.values()),
    *(request(ImportanceRequest, fields) for fields in SCORES.values()),
    *(request(ImportanceRequest, {"method": "ablation"} | sweep) for sweep in SWEEPS.values()),
    *map(patches, PATCHES),
    *map(pairs, INTERACTIONS),
    TokenizeRequest.ask(prompt=QUOTES),
]


LOADED: dict[str, dict[str, Any]] = {}


def run_script(code: str, folder: Path) -> dict[str, Any]:
    """What it defines. The first to load a model is run as it stands; the lines of the others that
    load the same one are the same, and it is there.
    """
    head, loads, rest = code.partition(FROM_FILES)
    where = "".join(line for line in head.splitlines() if line.startswith("MODEL_DIR"))
    if where in LOADED:
        names: dict[str, Any] = {"__name__": "__main__"}
        exec(head, names)
        names |= LOADED[where]
        names["model"].reset_hooks()
        exec(rest, names)
        return names
    path = folder / "script.py"
    path.write_text(code, encoding="utf-8")
    names = runpy.run_path(str(path), run_name="__main__")
    if loads:
        loaded = ("hf", "cfg", "model", "tokenizer", "BOS", "EOS")
        LOADED[where] = {name: names[name] for name in loaded}
    return names


def assert_close(script: Any, engine: np.ndarray[Any, Any]) -> None:
    np.testing.assert_allclose(np.asarray(script), engine, rtol=1e-4, atol=1e-4)


def assert_same_inference(script: dict[str, Any], answer: Inference) -> None:
    assert script["control"] == [token.id for token in answer.control.tokens]
    assert script["ablated"] == [token.id for token in answer.ablated.tokens]
    assert script["control_text"] == answer.control.text
    assert script["ablated_text"] == answer.ablated.text
    assert script["next_token_kl"] == pytest.approx(answer.next_token.kl, rel=1e-4, abs=1e-4)
    for name in ("kl", "perplexity_control", "perplexity_ablated", "top1_changed"):
        assert script[name] == pytest.approx(getattr(answer.metrics, name), rel=1e-4, abs=1e-4)


@pytest.mark.parametrize("name", INFERENCES)
def test_the_script_of_an_inference_gives_its_numbers(
    bundled: Model, name: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    answer = inference(name).run(bundled)
    script = run_script(answer.code(), tmp_path)
    assert_same_inference(script, answer)
    printed = capsys.readouterr().out
    assert repr(answer.ablated.text) in printed
    assert f"{script['kl']:.4f} nats" in printed


def test_every_kind_of_site_at_once(bundled: Model, tmp_path: Path) -> None:
    prompt = "The old man said: 'It"
    answer = InferRequest.ask(prompt=prompt, ablations=EVERY_SITE, max_new_tokens=3).run(bundled)
    assert_same_inference(run_script(answer.code(), tmp_path), answer)


@pytest.mark.parametrize("name", LENSES)
def test_the_script_of_a_lens_gives_its_numbers(bundled: Model, name: str, tmp_path: Path) -> None:
    answer = request(LogitLensRequest, LENSES[name]).run(bundled)
    script = run_script(answer.code(), tmp_path)
    for run in ("control", "ablated"):
        found, expected = script[run], getattr(answer, run)
        assert script["targets"].tolist() == answer.targets
        assert np.array_equal(found["top_ids"], expected.top_ids)
        for field in ("top_probs", "target_prob", "entropy", "kl_to_final"):
            assert_close(found[field], getattr(expected, field))
        # Two tokens as likely as each other may change places.
        assert np.abs(np.asarray(found["target_rank"]) - expected.target_rank).max() <= 1


@pytest.mark.parametrize("name", ATTENTIONS)
def test_the_script_of_attention_gives_the_patterns(
    bundled: Model, name: str, tmp_path: Path
) -> None:
    answer = request(AttentionRequest, ATTENTIONS[name]).run(bundled)
    script = run_script(answer.code(), tmp_path)
    assert_close(script["control"], answer.control)
    assert_close(script["ablated"], answer.ablated)


@pytest.mark.parametrize("name", ATTRIBUTIONS)
def test_the_script_of_an_attribution_gives_its_parts(
    bundled: Model, name: str, tmp_path: Path
) -> None:
    answer = request(AttributionRequest, ATTRIBUTIONS[name]).run(bundled)
    script = run_script(answer.code(), tmp_path)
    assert_close(script["heads"], answer.heads)
    assert_close(script["mlps"], answer.mlps)
    assert_close(script["embedding"], np.array([answer.embedding.token, answer.embedding.position]))
    assert_close(script["biases"], answer.bias.attention)
    assert script["total"] == pytest.approx(answer.total, abs=1e-4)
    assert script["parts"] == pytest.approx(answer.total, abs=1e-4)


# A pass for each head of twelve layers; those of a smaller model are among the sweeps.
AT_LENGTH = {"zero": pytest.mark.long}


@pytest.mark.parametrize(
    "name", [pytest.param(name, marks=AT_LENGTH.get(name, ())) for name in SCORES]
)
def test_the_script_of_importance_gives_the_scores(
    bundled: Model, name: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    answer = request(ImportanceRequest, SCORES[name]).run(bundled)
    script = run_script(answer.code(), tmp_path)
    assert_close(script["scores"].detach(), answer.scores)
    first = answer.ranking[0]
    assert f"L{first.layer}H{first.head} " in capsys.readouterr().out.splitlines()[0]


@pytest.mark.parametrize("name", SWEEPS)
def test_the_script_of_a_sweep_gives_the_scores(
    tiny: Model, directories: dict[str, Path], name: str, tmp_path: Path
) -> None:
    request = ImportanceRequest.ask(prompt="one two three", method="ablation", **SWEEPS[name])
    answer = request.run(tiny)
    script = run_script(
        answer.code().replace('"tiny"', literal(str(directories["tiny"]))), tmp_path
    )
    np.testing.assert_allclose(script["scores"], answer.scores, rtol=1e-2, atol=1e-6)


@pytest.mark.parametrize("name", KINDS)
def test_the_script_of_head_types_gives_the_scores(
    bundled: Model, name: str, tmp_path: Path
) -> None:
    answer = HeadTypesRequest.ask(**KINDS[name]).run(bundled)
    script = run_script(answer.code(), tmp_path)
    assert list(script["scores"]) == [kind.name for kind in answer.kinds]
    for kind in answer.kinds:
        assert_close(script["scores"][kind.name], kind.scores)
    if answer.copying_tokens:
        assert script["words"].tolist() == [token.id for token in answer.copying_tokens]


@pytest.mark.parametrize("name", PATHS)
def test_the_script_of_paths_gives_the_effects(
    tiny: Model, directories: dict[str, Path], name: str, tmp_path: Path
) -> None:
    answer = PathsRequest.ask(**path_fields(name)).run(tiny)
    code = answer.code().replace('"tiny"', literal(str(directories["tiny"])))
    script = run_script(code, tmp_path)
    np.testing.assert_allclose(script["effects"], answer.effects, atol=1e-5)
    np.testing.assert_allclose(script["shares"], answer.shares, atol=1e-3)


@pytest.mark.parametrize("name", REPAIRS)
def test_the_script_of_self_repair_gives_the_parts(
    tiny: Model, directories: dict[str, Path], name: str, tmp_path: Path
) -> None:
    fields = {"prompt": "one two three", "answer": " four", "foil": " five"} | REPAIRS[name]
    answer = SelfRepairRequest.ask(**fields).run(tiny)
    code = answer.code().replace('"tiny"', literal(str(directories["tiny"])))
    script = run_script(code, tmp_path)
    for part in ("total", "direct", "layer_norm"):
        np.testing.assert_allclose(script[part], getattr(answer, part), atol=1e-5)
    np.testing.assert_allclose(script["by_heads"], answer.heads, atol=1e-5)
    np.testing.assert_allclose(script["by_mlps"], answer.mlps, atol=1e-5)


@pytest.mark.parametrize("name", INTERACTIONS)
def test_the_script_of_interactions_gives_the_numbers(
    tiny: Model, directories: dict[str, Path], name: str, tmp_path: Path
) -> None:
    answer = pairs(name).run(tiny)
    here = literal(str(directories["tiny"]))
    script = run_script(answer.code().replace('"tiny"', here), tmp_path)
    assert script["HEADS"] == [(each.layer, each.head) for each in answer.heads]
    np.testing.assert_allclose(script["singles"], answer.singles, atol=1e-5)
    np.testing.assert_allclose(script["interactions"], answer.interactions, atol=1e-5)


@pytest.mark.parametrize("name", PATCHES)
def test_the_script_of_patching_gives_the_numbers(
    tiny: Model, directories: dict[str, Path], name: str, tmp_path: Path
) -> None:
    answer = patches(name).run(tiny)
    here = literal(str(directories["tiny"]))
    script = run_script(answer.code().replace('"tiny"', here), tmp_path)
    np.testing.assert_allclose(script["values"], answer.values, atol=1e-5)
    np.testing.assert_allclose(script["scores"], answer.scores, atol=1e-2)
    if answer.estimate is not None:
        np.testing.assert_allclose(script["estimates"], answer.estimate.values, atol=1e-5)


def test_the_script_of_tokens_prints_them(
    bundled: Model, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    answer = TokenizeRequest.ask(prompt=QUOTES).run(bundled)
    assert run_script(answer.code(), tmp_path)["prompt"] == [token.id for token in answer.tokens]
    assert len(capsys.readouterr().out.splitlines()) == len(answer.tokens)


class Faded(Intervention):
    """The head attends less, by a factor."""

    letter: ClassVar[str] = "f"
    title: ClassVar[str] = "Faded"
    on_heads: ClassVar[Component | None] = "pattern"
    code: ClassVar[str] = "def faded(old, hook, head, factor):\n    return old * factor"

    method: Literal["faded"] = "faded"
    factor: float = 0.25

    def replacement(self, old: Any, at: Any) -> Any:  # noqa: ARG002
        return old * self.factor


def test_a_method_of_a_stranger_is_in_the_script(bundled: Model, tmp_path: Path) -> None:
    register(Faded)
    try:
        asked = InferRequest.ask(prompt=PROMPT, ablations=("L6H6f*2", "L1H4"), max_new_tokens=2)
        answer = asked.run(bundled)
        code = answer.code()
    finally:
        unregister(Faded)
    assert "partial(cut, to=partial(faded, factor=0.25), head=6, strength=2.0)" in code
    assert_same_inference(run_script(code, tmp_path), answer)


def test_a_method_without_code_is_refused_in_a_sentence(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Mean, "code", "")
    with pytest.raises(InvalidSetting, match="mean has no code: L1H2m cannot be put into a script"):
        InferRequest.ask(prompt=PROMPT, ablations=("L1H2m",)).code(GPT2)


def test_a_cut_of_what_is_generated_alone(bundled: Model, tmp_path: Path) -> None:
    """No position of the prompt is cut, and the hook has nothing to do there."""
    asked = InferRequest.ask(prompt=PROMPT, ablations=("M0z@15-17",), max_new_tokens=3)
    answer = asked.run(bundled)
    assert answer.next_token.kl == 0
    assert_same_inference(run_script(answer.code(), tmp_path), answer)


def test_a_drawn_seed_is_in_the_script(bundled: Model, tmp_path: Path) -> None:
    asked = InferRequest.ask(prompt=PROMPT, ablations=("L6H6",), temperature=1.0, max_new_tokens=5)
    answer = asked.run(bundled)
    assert_same_inference(run_script(answer.code(), tmp_path), answer)


def test_the_script_for_gpt2_needs_nothing_but_what_transformer_lens_returns(
    bundled: Model, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """Another model stands in for GPT-2, which only the hub has."""
    asked: list[str] = []

    def from_hub(name: str, **_options: object) -> HookedTransformer:
        asked.append(name)
        return bundled.hooked

    monkeypatch.setattr(HookedTransformer, "from_pretrained_no_processing", from_hub)
    request = InferRequest.ask(prompt=PROMPT, ablations=("L6H6", "L5H9m"), max_new_tokens=3)
    script = run_script(request.code(GPT2), tmp_path)
    assert asked == ["gpt2"]
    assert_same_inference(script, request.run(bundled))


def test_a_directory_is_named_at_one_place(bundled: Model, tmp_path: Path) -> None:
    from attention_surgery.engine.model import bundled_directory

    origin = KnownOrigin("my-gpt2", "directory")
    request = InferRequest.ask(prompt=PROMPT, ablations=("L6H6",), max_new_tokens=1)
    code = request.code(origin)
    assert code.count('Path("my-gpt2")') == 1
    here = code.replace('Path("my-gpt2")', f"Path({str(bundled_directory())!r})")
    assert_same_inference(run_script(here, tmp_path), request.run(bundled))


@pytest.mark.parametrize("origin", [BUNDLED, GPT2, KnownOrigin("my-gpt2", "directory", "f00d")])
def test_scripts_are_as_formatter_and_linter_want_them(origin: KnownOrigin, tmp_path: Path) -> None:
    for index, request in enumerate(EVERY_REQUEST):
        (tmp_path / f"{index}.py").write_text(request.code(origin), encoding="utf-8")
    for task in (["check", "--select=E,F,I,B,UP"], ["format", "--diff"]):
        ruff = [sys.executable, "-m", "ruff", *task, "--isolated", "--line-length=100", tmp_path]
        done = subprocess.run(ruff, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stdout


def test_scripts_take_from_this_package_only_the_path_of_its_model() -> None:
    for request in EVERY_REQUEST:
        assert "import attention_surgery" not in request.code(BUNDLED)
        assert "from attention_surgery" not in request.code(BUNDLED)
        assert "attention_surgery" not in request.code(GPT2)


def test_a_script_says_only_what_the_request_uses() -> None:
    greedy = InferRequest.ask(prompt=PROMPT, ablations=("L6H6",)).code(BUNDLED)
    for word in ("SEED", "TEMPERATURE", "def mean", "remember", "strength", "positions=", "site("):
        assert word not in greedy
    sampled = InferRequest.ask(prompt=PROMPT, temperature=1.0, seed=7).code(BUNDLED)
    assert "SEED = 7" in sampled
    assert "TOP_K" not in sampled
    assert "partial" not in sampled
