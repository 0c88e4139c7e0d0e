"""Loading: the same numbers as transformers, no copies, and errors that say what to do."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import einops
import pytest
import torch
from safetensors.torch import load_file, save_file
from transformer_lens import HookedTransformer
from transformers import GPT2LMHeadModel

from attention_surgery.engine import hub
from attention_surgery.engine.forward import embed, final_norm, run_block, unembed
from attention_surgery.engine.model import BUNDLED_NAME, Model, load_model
from attention_surgery.errors import InvalidPrompt, InvalidSetting, ModelLoadError
from tests.conftest import directory_name

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


def test_gpt2_sized_weights_load_below_1200_megabytes(directories: dict[str, Path]) -> None:
    program = (
        "import pathlib, re, sys\n"
        "from attention_surgery.engine.model import load_model\n"
        "load_model(pathlib.Path(sys.argv[1]), device='cpu')\n"
        "status = pathlib.Path('/proc/self/status').read_text()\n"
        "print(re.search(r'VmHWM:\\s+(\\d+) kB', status)[1])"
    )
    result = subprocess.run(
        [sys.executable, "-c", program, str(directories["gpt2-shaped"])],
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
        ({"vocab_size": 5000}, "config.json and weights disagree"),
        ({"n_layer": 4}, "no tensor h.3.ln_1.weight"),
    ],
)
def test_a_config_that_does_not_fit_is_refused(
    directories: dict[str, Path], tmp_path: Path, changes: dict[str, object], sentence: str
) -> None:
    with pytest.raises(ModelLoadError, match=sentence):
        load_model(damaged(directories["tiny"], tmp_path / "m", **changes))


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


def test_unknown_sources_and_devices_are_refused(tmp_path: Path) -> None:
    with pytest.raises(ModelLoadError, match="There is no model 'bert'"):
        load_model("bert")
    with pytest.raises(ModelLoadError, match="is not a directory"):
        load_model(tmp_path / "nowhere")
    with pytest.raises(InvalidSetting, match="Device 'tpu' is not available"):
        load_model(BUNDLED_NAME, device="tpu")
