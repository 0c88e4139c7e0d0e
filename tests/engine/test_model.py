"""Loading: the same numbers as transformers, no copies, and errors that say what to do."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import einops
import pytest
import torch
from safetensors.torch import load_file, save_file
from tokenizers import Tokenizer, models
from transformer_lens import HookedTransformer
from transformers import GPT2LMHeadModel

from attention_surgery.engine import hub
from attention_surgery.engine.forward import embed, final_norm, run_block, unembed
from attention_surgery.engine.model import BUNDLED_NAME, Model, load_model
from attention_surgery.errors import InvalidPrompt, InvalidSetting, ModelLoadError
from benchmarks.random_gpt2 import save_random_gpt2
from tests.models import directory_name

PROMPT = "When Mary and John went to the store, John gave a drink to"


def logits_of(model: Model, ids: list[int]) -> torch.Tensor:
    with torch.inference_mode():
        resid = embed(model, torch.tensor([ids]))
        for layer in range(model.n_layers):
            resid = run_block(model, layer, resid)
        return unembed(model, final_norm(model, resid))


def test_logits_equal_transformers(any_model: Model, directories: dict[str, Path]) -> None:
    ids = any_model.tokenize(PROMPT)
    reference = GPT2LMHeadModel.from_pretrained(
        directories[directory_name(any_model)], dtype=torch.float32
    )
    with torch.inference_mode():
        expected = reference(torch.tensor([ids])).logits
        torch.testing.assert_close(logits_of(any_model, ids), expected, atol=1e-4, rtol=0)
        through_hooks = any_model.hooked(torch.tensor([ids]))
        torch.testing.assert_close(through_hooks, expected, atol=1e-4, rtol=0)


def test_parameters_have_the_values_and_shapes_of_stock_transformerlens(
    any_model: Model, stock: Callable[[Model], HookedTransformer]
) -> None:
    ours = dict(any_model.hooked.named_parameters())
    for name, parameter in stock(any_model).named_parameters():
        torch.testing.assert_close(ours[name], parameter, atol=0, rtol=0)


def test_a_forward_pass_copies_no_weight(any_model: Model) -> None:
    for block in any_model.hooked.blocks:
        for w in (block.attn.W_Q, block.attn.W_K, block.attn.W_V):
            flat = einops.rearrange(w, "head d_model d_head -> (head d_head) d_model")
            assert flat.is_contiguous()
            assert flat.data_ptr() == w.data_ptr()
        w_o = einops.rearrange(block.attn.W_O, "head d_head d_model -> d_model (head d_head)")
        assert w_o.is_contiguous()
        assert w_o.data_ptr() == block.attn.W_O.data_ptr()
    assert any_model.hooked.W_U.T.is_contiguous()
    assert any_model.hooked.W_U.data_ptr() == any_model.hooked.W_E.data_ptr()


def test_the_bundled_model_is_twelve_by_twelve(bundled: Model) -> None:
    assert (bundled.n_layers, bundled.n_heads, bundled.name) == (12, 12, BUNDLED_NAME)
    assert bundled.n_parameters == sum(
        p.numel() for n, p in bundled.hooked.named_parameters() if not n.startswith("unembed")
    )


def test_tokens_are_those_of_transformerlens(bundled: Model) -> None:
    text = "  Two spaces, naïve café — 東京 \n\t🦊"
    for prepend_bos in (True, False):
        expected = bundled.hooked.to_tokens(text, prepend_bos=prepend_bos)[0].tolist()
        assert bundled.tokenize(text, prepend_bos) == expected
    assert bundled.decode(bundled.tokenize(text)) == text


def test_a_lone_surrogate_is_refused(bundled: Model) -> None:
    with pytest.raises(InvalidPrompt, match="lone surrogate at character 3"):
        bundled.tokenize("abc\ud800")


@pytest.mark.long
def test_gpt2_sized_weights_load_below_1200_megabytes(tmp_path: Path) -> None:
    program = (
        "import pathlib, re, sys\n"
        "from attention_surgery.engine.model import load_model\n"
        "load_model(pathlib.Path(sys.argv[1]), device='cpu')\n"
        "status = pathlib.Path('/proc/self/status').read_text()\n"
        "print(re.search(r'VmHWM:\\s+(\\d+) kB', status)[1])"
    )
    result = subprocess.run(
        [sys.executable, "-c", program, str(save_random_gpt2(tmp_path / "gpt2"))],
        capture_output=True,
        text=True,
        check=True,
    )
    assert int(result.stdout) / 1024 < 1200


def test_sharded_and_pickled_checkpoints_load_alike(
    directories: dict[str, Path], tiny: Model, tmp_path: Path
) -> None:
    sharded, pickled = (
        Path(shutil.copytree(directories["tiny"], tmp_path / kind)) for kind in ("s", "p")
    )
    tensors = load_file(sharded / "model.safetensors")
    for directory in (sharded, pickled):
        (directory / "model.safetensors").unlink()
    names = sorted(tensors)
    shards = {"a.safetensors": names[::2], "b.safetensors": names[1::2]}
    for file, members in shards.items():
        save_file({n: tensors[n] for n in members}, sharded / file)
    weight_map = {name: file for file, members in shards.items() for name in members}
    (sharded / "model.safetensors.index.json").write_text(json.dumps({"weight_map": weight_map}))
    prefixed = {f"transformer.{name}": tensor for name, tensor in tensors.items()}
    torch.save(prefixed, pickled / "pytorch_model.bin")

    ids = tiny.tokenize(PROMPT)
    for directory in (sharded, pickled):
        again = load_model(directory, device="cpu")
        torch.testing.assert_close(logits_of(again, ids), logits_of(tiny, ids), atol=0, rtol=0)


def test_bfloat16_stays_near_float32(directories: dict[str, Path], tiny: Model) -> None:
    half = load_model(directories["tiny"], device="cpu", precision="bfloat16")
    ids = tiny.tokenize(PROMPT)
    expected, found = logits_of(tiny, ids), logits_of(half, ids)
    assert half.weights.embed.dtype is torch.bfloat16
    assert found.dtype is torch.float32
    assert (found - expected).norm() / expected.norm() < 0.05


def test_bfloat16_logits_are_not_rounded_to_bfloat16(directories: dict[str, Path]) -> None:
    half = load_model(directories["tiny"], device="cpu", precision="bfloat16")
    normalized = torch.randn(5, half.d_model, generator=torch.Generator().manual_seed(0))
    exact = normalized.double() @ half.weights.embed.double().T
    found = unembed(half, normalized)
    torch.testing.assert_close(found.double(), exact, atol=1e-5, rtol=1e-5)
    assert not torch.equal(found, found.bfloat16().float())


def test_a_stray_gpt2_folder_is_not_taken_for_the_hub_model(
    directories: dict[str, Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    shutil.copytree(directories["tiny"], tmp_path / "gpt2")
    monkeypatch.chdir(tmp_path)
    asked: list[str] = []
    monkeypatch.setattr(hub, "cached", lambda name: asked.append(name) or directories["tiny"])
    load_model("gpt2", device="cpu")
    assert asked == ["gpt2"]


def damaged(directory: Path, to: Path, **changes: object) -> Path:
    copy = Path(shutil.copytree(directory, to))
    config = json.loads((copy / "config.json").read_text())
    (copy / "config.json").write_text(json.dumps(config | changes))
    return copy


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"model_type": "llama"}, "only the GPT-2 architecture"),
        ({"activation_function": "relu"}, "uses the activation 'relu'"),
        ({"tie_word_embeddings": False}, "only tied embeddings"),
        ({"vocab_size": 5000}, r"wte.weight has the shape \[4096, 32\]: .* \[5000, 32\]"),
        ({"n_layer": 4}, "no tensor h.3.ln_1.weight"),
        ({"n_inner": 64}, r"h.0.mlp.c_fc.weight has the shape \[32, 128\]"),
        ({"n_head": 5}, "n_embd 32 and n_head 5"),
        ({"n_head": 0}, "n_head 0: it must be a whole number from 1"),
        ({"n_layer": "3"}, "n_layer '3': it must be a whole number"),
        ({"n_layer": True}, "n_layer True: it must be a whole number"),
        ({"n_positions": 64.5}, "n_positions 64.5: it must be a whole number"),
        ({"bos_token_id": 4096}, "bos_token_id 4096: its vocabulary has the ids 0 to 4095"),
        ({"eos_token_id": -1}, "eos_token_id -1: its vocabulary"),
        ({"eos_token_id": [0, 1]}, "eos_token_id .* its vocabulary"),
        ({"layer_norm_epsilon": float("nan")}, "layer_norm_epsilon nan: it must be a number above"),
        ({"scale_attn_weights": "no"}, "scale_attn_weights 'no': it must be true or false"),
        ({"n_embd": None}, "has no n_embd"),
        ({"n_layer": None}, "has no n_layer"),
        ({"n_head": None}, "has no n_head"),
        ({"vocab_size": None}, "has no vocab_size"),
        ({"n_positions": None}, "has no n_ctx"),
        ({"eos_token_id": None, "bos_token_id": None}, "has no eos_token_id"),
        ({"model_type": None}, "only the GPT-2 architecture"),
    ],
)
def test_a_config_that_does_not_fit_is_refused(
    directories: dict[str, Path], tmp_path: Path, changes: dict[str, object], sentence: str
) -> None:
    copy = damaged(directories["tiny"], tmp_path / "m", **changes)
    config = json.loads((copy / "config.json").read_text())
    kept = {field: value for field, value in config.items() if value is not None}
    (copy / "config.json").write_text(json.dumps(kept))
    with pytest.raises(ModelLoadError, match=sentence):
        load_model(copy)


@pytest.mark.parametrize("content", [b"", b"{", b"[]", b"\xff", b"[" * 100_000])
def test_a_config_that_is_none_is_refused(
    directories: dict[str, Path], tmp_path: Path, content: bytes
) -> None:
    copy = damaged(directories["tiny"], tmp_path / "m")
    (copy / "config.json").write_bytes(content)
    with pytest.raises(ModelLoadError, match=r"config\.json"):
        load_model(copy)


def tensor_names(directory: Path) -> list[str]:
    return sorted(load_file(directory / "model.safetensors"))


def test_the_shape_of_every_tensor_is_checked(directories: dict[str, Path], tmp_path: Path) -> None:
    copy = damaged(directories["tiny"], tmp_path / "m")
    tensors = load_file(copy / "model.safetensors")
    for name in (name for name in tensors if not name.startswith(("h.0", "h.2"))):
        save_file(tensors | {name: tensors[name][:-1].clone()}, copy / "model.safetensors")
        with pytest.raises(ModelLoadError, match=f"{name} has the shape"):
            load_model(copy, device="cpu")


@pytest.mark.parametrize("value", [torch.nan, torch.inf, -torch.inf])
def test_a_value_that_is_no_number_is_refused(
    directories: dict[str, Path], tmp_path: Path, value: float
) -> None:
    copy = damaged(directories["tiny"], tmp_path / "m")
    tensors = load_file(copy / "model.safetensors")
    for name in ("wpe.weight", "h.2.mlp.c_proj.bias"):
        spoilt = tensors[name].clone()
        spoilt.view(-1)[-1] = value
        save_file(tensors | {name: spoilt}, copy / "model.safetensors")
        with pytest.raises(ModelLoadError, match=f"{name} holds values that are no finite numbers"):
            load_model(copy, device="cpu")


def test_quantised_weights_are_refused(directories: dict[str, Path], tmp_path: Path) -> None:
    copy = damaged(directories["tiny"], tmp_path / "m")
    tensors = load_file(copy / "model.safetensors")
    tensors["h.1.mlp.c_fc.weight"] = tensors["h.1.mlp.c_fc.weight"].to(torch.int8)
    save_file(tensors, copy / "model.safetensors")
    with pytest.raises(ModelLoadError, match=r"h\.1\.mlp\.c_fc\.weight is stored as torch\.int8"):
        load_model(copy)


@pytest.mark.parametrize(
    "content", [b"", b"\x80", {"wte.weight": 3}, [torch.zeros(2)], {"unrelated": torch.zeros(2)}]
)
def test_damaged_pickles_are_refused(
    directories: dict[str, Path], tmp_path: Path, content: object
) -> None:
    copy = damaged(directories["tiny"], tmp_path / "m")
    (copy / "model.safetensors").unlink()
    if isinstance(content, bytes):
        (copy / "pytorch_model.bin").write_bytes(content)
    else:
        torch.save(content, copy / "pytorch_model.bin")
    with pytest.raises(ModelLoadError, match=r"damaged or incomplete|no tensor wte\.weight"):
        load_model(copy)


def test_truncation_and_padding_of_the_tokenizer_do_not_hold(
    directories: dict[str, Path], tiny: Model, tmp_path: Path
) -> None:
    copy = damaged(directories["tiny"], tmp_path / "m")
    tokenizer = Tokenizer.from_file(str(copy / "tokenizer.json"))
    tokenizer.enable_truncation(max_length=4)
    tokenizer.enable_padding(length=40)
    tokenizer.save(str(copy / "tokenizer.json"))
    assert load_model(copy, device="cpu").tokenize(PROMPT) == tiny.tokenize(PROMPT)


@pytest.mark.parametrize(
    ("vocabulary", "sentence"),
    [
        ({"a": 0, "b": 4096}, "has the token id 4096, its model the ids 0 to 4095"),
        ({"b": 1}, "has bos_token_id 0, which its tokenizer does not know"),
        ({}, "has bos_token_id 0, which its tokenizer does not know"),
    ],
)
def test_a_tokenizer_of_another_model_is_refused(
    directories: dict[str, Path], tmp_path: Path, vocabulary: dict[str, int], sentence: str
) -> None:
    copy = damaged(directories["tiny"], tmp_path / "m")
    Tokenizer(models.WordLevel(vocabulary, unk_token="b")).save(str(copy / "tokenizer.json"))
    with pytest.raises(ModelLoadError, match=sentence):
        load_model(copy)


@pytest.mark.parametrize("file", ["config.json", "tokenizer.json", "model.safetensors"])
@pytest.mark.parametrize("kind", ["pipe", "device", "directory"])
def test_what_is_no_ordinary_file_is_refused(
    directories: dict[str, Path], tmp_path: Path, file: str, kind: str
) -> None:
    copy = damaged(directories["tiny"], tmp_path / "m")
    (copy / file).unlink()
    match kind:
        case "pipe":
            os.mkfifo(copy / file)
        case "device":
            (copy / file).symlink_to("/dev/zero")
        case "directory":
            (copy / file).mkdir()
    with pytest.raises(ModelLoadError, match=file):
        load_model(copy)


def test_a_shard_that_is_a_pipe_is_refused(directories: dict[str, Path], tmp_path: Path) -> None:
    copy = damaged(directories["tiny"], tmp_path / "m")
    (copy / "model.safetensors").unlink()
    os.mkfifo(copy / "a.safetensors")
    index = {"weight_map": {"wte.weight": "a.safetensors"}}
    (copy / "model.safetensors.index.json").write_text(json.dumps(index))
    with pytest.raises(ModelLoadError, match=r"a\.safetensors .* no ordinary file"):
        load_model(copy)


def test_truncated_weights_are_refused(directories: dict[str, Path], tmp_path: Path) -> None:
    copy = damaged(directories["tiny"], tmp_path / "m")
    whole = (copy / "model.safetensors").read_bytes()
    (copy / "model.safetensors").write_bytes(whole[: len(whole) // 2])
    with pytest.raises(ModelLoadError, match="damaged or incomplete"):
        load_model(copy)


@pytest.mark.parametrize("file", ["config.json", "tokenizer.json", "model.safetensors"])
def test_a_missing_file_is_named(directories: dict[str, Path], tmp_path: Path, file: str) -> None:
    copy = damaged(directories["tiny"], tmp_path / "m")
    (copy / file).unlink()
    with pytest.raises(ModelLoadError, match=file.removesuffix(".safetensors")):
        load_model(copy)


def test_a_model_knows_its_source_and_revision(
    directories: dict[str, Path], bundled: Model, tiny: Model, tmp_path: Path
) -> None:
    assert (bundled.source, tiny.source) == ("bundled", "directory")
    assert len({bundled.revision, tiny.revision}) == 2
    copy = damaged(directories["tiny"], tmp_path / "copy")
    shutil.copy(directories["tiny"] / "config.json", copy)
    assert load_model(copy, device="cpu").revision == tiny.revision
    tensors = load_file(copy / "model.safetensors")
    tensors["ln_f.bias"][0] += 1e-3
    save_file(tensors, copy / "model.safetensors")
    assert load_model(copy, device="cpu").revision != tiny.revision


def test_a_string_with_a_slash_is_a_directory(
    directories: dict[str, Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert load_model(str(directories["tiny"]), device="cpu").name == "tiny"
    monkeypatch.chdir(directories["tiny"].parent)
    assert load_model("./tiny", device="cpu").name == "tiny"
    with pytest.raises(ModelLoadError, match=r"There is no model 'tiny': .* or Path\('tiny'\)"):
        load_model("tiny")
    with pytest.raises(ModelLoadError, match=r"openai-community/gpt2 is not .* Path to .* gpt2"):
        load_model("openai-community/gpt2")


def test_unknown_sources_and_devices_are_refused(tmp_path: Path) -> None:
    with pytest.raises(ModelLoadError, match="There is no model 'bert'"):
        load_model("bert")
    with pytest.raises(ModelLoadError, match="is not a directory"):
        load_model(tmp_path / "nowhere")
    with pytest.raises(InvalidSetting, match="Device 'tpu' is not available"):
        load_model(BUNDLED_NAME, device="tpu")
