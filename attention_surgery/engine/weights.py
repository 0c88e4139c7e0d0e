"""A checkpoint in Hugging Face layout, read into strides that a forward pass need not copy.

TransformerLens rearranges W_Q, W_K, W_V, W_O and W_U at every call; stored the way below, those
rearrangements are views of contiguous memory. Values and shapes are the checkpoint's own:
nothing is folded or centred.
"""

from __future__ import annotations

import json
import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, fields
from pathlib import Path

import torch
from jaxtyping import Float
from safetensors import SafetensorError, safe_open
from torch import Tensor

from attention_surgery.engine.config import Config
from attention_surgery.engine.files import regular
from attention_surgery.errors import ModelLoadError


@dataclass(frozen=True, slots=True)
class BlockWeights:
    """One block; matrices are contiguous [out, in], heads are adjacent rows (or columns of w_o)."""

    ln1_w: Float[Tensor, " d_model"]
    ln1_b: Float[Tensor, " d_model"]
    w_qkv: Float[Tensor, "qkv d_model"]
    b_qkv: Float[Tensor, " qkv"]
    w_o: Float[Tensor, "d_model d_model"]
    b_o: Float[Tensor, " d_model"]
    ln2_w: Float[Tensor, " d_model"]
    ln2_b: Float[Tensor, " d_model"]
    w_in: Float[Tensor, "d_mlp d_model"]
    b_in: Float[Tensor, " d_mlp"]
    w_out: Float[Tensor, "d_model d_mlp"]
    b_out: Float[Tensor, " d_model"]


@dataclass(frozen=True, slots=True)
class Weights:
    """All of a GPT-2.

    Attributes:
        unembed: the embedding itself, but in a model that was wrapped.
    """

    embed: Float[Tensor, "d_vocab d_model"]
    positions: Float[Tensor, "n_ctx d_model"]
    blocks: tuple[BlockWeights, ...]
    ln_final_w: Float[Tensor, " d_model"]
    ln_final_b: Float[Tensor, " d_model"]
    unembed: Float[Tensor, "d_vocab d_model"]

    @property
    def tied(self) -> bool:
        """Whether embedding and unembedding are one."""
        return self.unembed is self.embed

    @property
    def n_parameters(self) -> int:
        own = (self.embed, self.positions, self.ln_final_w, self.ln_final_b)
        in_blocks = (getattr(b, field.name) for b in self.blocks for field in fields(b))
        return sum(tensor.numel() for tensor in (*own, *in_blocks))

    def state_dict(self, n_heads: int) -> dict[str, Tensor]:
        """The same storage under TransformerLens' names and shapes."""
        state = {
            "embed.W_E": self.embed,
            "pos_embed.W_pos": self.positions,
            "ln_final.w": self.ln_final_w,
            "ln_final.b": self.ln_final_b,
            "unembed.W_U": self.unembed.T,
        }
        for layer, block in enumerate(self.blocks):
            names = _transformer_lens_views(block, n_heads)
            state |= {f"blocks.{layer}.{name}": view for name, view in names.items()}
        return state


def _transformer_lens_views(block: BlockWeights, n_heads: int) -> dict[str, Tensor]:
    d_model = block.w_o.shape[0]
    d_head = d_model // n_heads
    w_q, w_k, w_v = block.w_qkv.view(3, n_heads, d_head, d_model).transpose(2, 3)
    b_q, b_k, b_v = block.b_qkv.view(3, n_heads, d_head)
    return {
        "ln1.w": block.ln1_w,
        "ln1.b": block.ln1_b,
        "attn.W_Q": w_q,
        "attn.W_K": w_k,
        "attn.W_V": w_v,
        "attn.b_Q": b_q,
        "attn.b_K": b_k,
        "attn.b_V": b_v,
        "attn.W_O": block.w_o.view(d_model, n_heads, d_head).permute(1, 2, 0),
        "attn.b_O": block.b_o,
        "ln2.w": block.ln2_w,
        "ln2.b": block.ln2_b,
        "mlp.W_in": block.w_in.T,
        "mlp.b_in": block.b_in,
        "mlp.W_out": block.w_out.T,
        "mlp.b_out": block.b_out,
    }


def block_weights(views: Mapping[str, Tensor]) -> BlockWeights:
    """A block from parameters under TransformerLens' names; copies what is not laid out so.

    A LayerNorm that was folded into what reads it has no parameters: it scales by one.
    """
    w_qkv = torch.stack([views[f"attn.W_{part}"] for part in "QKV"])
    one, zero = torch.ones_like(views["attn.b_O"]), torch.zeros_like(views["attn.b_O"])
    return BlockWeights(
        ln1_w=views.get("ln1.w", one),
        ln1_b=views.get("ln1.b", zero),
        w_qkv=w_qkv.transpose(2, 3).flatten(0, 2).contiguous(),
        b_qkv=torch.cat([views[f"attn.b_{part}"].flatten() for part in "QKV"]),
        w_o=views["attn.W_O"].permute(2, 0, 1).flatten(1).contiguous(),
        b_o=views["attn.b_O"],
        ln2_w=views.get("ln2.w", one),
        ln2_b=views.get("ln2.b", zero),
        w_in=views["mlp.W_in"].T.contiguous(),
        b_in=views["mlp.b_in"],
        w_out=views["mlp.W_out"].T.contiguous(),
        b_out=views["mlp.b_out"],
    )


@torch.inference_mode(False)
@torch.no_grad()
def read_weights(
    directory: Path, config: Config, dtype: torch.dtype, device: torch.device
) -> Weights:
    """Read `model.safetensors` (also sharded) or `pytorch_model.bin` of a GPT-2.

    Raises:
        ModelLoadError: a file or tensor is missing or damaged, has another shape than the config
            says, or holds a value that is no number.
    """
    checkpoint = Checkpoint(directory)

    def fresh(name: str, tensor: Tensor) -> Tensor:
        # A copy, so that no page of the file stays mapped.
        copy = torch.empty(tensor.shape, dtype=dtype, device=device).copy_(tensor)
        _check_finite(name, copy)
        return copy

    def read(name: str, *shape: int) -> Tensor:
        return fresh(name, checkpoint.tensor(name, shape))

    def transposed(name: str, n_in: int, n_out: int) -> Tensor:
        return fresh(name, checkpoint.tensor(name, (n_in, n_out)).T)

    d, d_mlp = config.d_model, config.d_mlp

    def block(layer: int) -> BlockWeights:
        h = f"h.{layer}"
        return BlockWeights(
            ln1_w=read(f"{h}.ln_1.weight", d),
            ln1_b=read(f"{h}.ln_1.bias", d),
            w_qkv=transposed(f"{h}.attn.c_attn.weight", d, 3 * d),
            b_qkv=read(f"{h}.attn.c_attn.bias", 3 * d),
            w_o=transposed(f"{h}.attn.c_proj.weight", d, d),
            b_o=read(f"{h}.attn.c_proj.bias", d),
            ln2_w=read(f"{h}.ln_2.weight", d),
            ln2_b=read(f"{h}.ln_2.bias", d),
            w_in=transposed(f"{h}.mlp.c_fc.weight", d, d_mlp),
            b_in=read(f"{h}.mlp.c_fc.bias", d_mlp),
            w_out=transposed(f"{h}.mlp.c_proj.weight", d_mlp, d),
            b_out=read(f"{h}.mlp.c_proj.bias", d),
        )

    embed = read("wte.weight", config.d_vocab, d)
    return Weights(
        embed=embed,
        positions=read("wpe.weight", config.n_ctx, d),
        blocks=tuple(block(layer) for layer in range(config.n_layers)),
        ln_final_w=read("ln_f.weight", d),
        ln_final_b=read("ln_f.bias", d),
        unembed=embed,
    )


class Checkpoint:
    """The tensors of a Hugging Face directory by name, with or without `transformer.` in front."""

    def __init__(self, directory: Path) -> None:
        self._pickled: dict[str, Tensor] | None = None
        self._files: dict[str, Path] = {}
        try:
            self._files = dict(_safetensors_files(directory))
            if not self._files:
                self._pickled = _pickled_tensors(directory / "pytorch_model.bin")
        except ModelLoadError:
            raise
        except Exception as error:  # whatever safetensors and pickle raise of a damaged file
            raise ModelLoadError(
                f"The weights in {directory.name} cannot be read ({error}): "
                "the files are damaged or incomplete; fetch them again."
            ) from error

    def tensor(self, name: str, shape: tuple[int, ...]) -> Tensor:
        """The tensor of that name, if it has that shape and holds floating-point numbers."""
        try:
            tensor = self._read(name)
        except (OSError, SafetensorError) as error:
            raise ModelLoadError(
                f"The tensor {name} cannot be read ({error}): the file is damaged; fetch it again."
            ) from error
        if tensor.shape != shape:
            raise ModelLoadError(
                f"The tensor {name} has the shape {list(tensor.shape)}: config.json asks for "
                f"{list(shape)}; they do not belong together."
            )
        if not tensor.is_floating_point():
            raise ModelLoadError(
                f"The tensor {name} is stored as {tensor.dtype}: only floating-point weights can "
                "be read."
            )
        return tensor

    def _read(self, name: str) -> Tensor:
        for full_name in (name, f"transformer.{name}"):
            if full_name in self._files:
                # Opened anew for each tensor: a mapped file counts as resident memory while open.
                with safe_open(self._files[full_name], framework="pt") as file:
                    tensor: Tensor = file.get_tensor(full_name)
                    return tensor
            if self._pickled is not None and full_name in self._pickled:
                return self._pickled[full_name]
        raise ModelLoadError(
            f"The checkpoint has no tensor {name}: it is not a complete GPT-2 checkpoint."
        )


def _check_finite(name: str, tensor: Tensor) -> None:
    # Least and greatest are NaN or infinite if any value is, and take no memory to find.
    if not all(math.isfinite(end) for end in torch.stack(tensor.aminmax()).tolist()):
        raise ModelLoadError(
            f"The tensor {name} holds values that are no finite numbers: the checkpoint is "
            "damaged or was saved from a failed training; take another."
        )


def _safetensors_files(directory: Path) -> Iterator[tuple[str, Path]]:
    index = directory / "model.safetensors.index.json"
    if index.is_file():
        weight_map: dict[str, str] = json.loads(index.read_text())["weight_map"]
        for name, file in weight_map.items():
            yield name, regular(directory / file)
    elif (path := directory / "model.safetensors").is_file():
        with safe_open(path, framework="pt") as file:
            for name in file.keys():  # noqa: SIM118  (a safetensors file is not a dict)
                yield name, path


def _pickled_tensors(path: Path) -> dict[str, Tensor]:
    if not path.is_file():
        raise ValueError("neither model.safetensors nor pytorch_model.bin is there")
    tensors = torch.load(path, weights_only=True, mmap=True)
    if not isinstance(tensors, dict) or not all(isinstance(t, Tensor) for t in tensors.values()):
        raise ValueError("pytorch_model.bin holds no tensors by name")
    return tensors
