"""What kind of head each is: by where it looks, and by what its OV circuit copies."""

from __future__ import annotations

import re
from collections.abc import Generator, Iterator, Sequence
from dataclasses import dataclass

import torch
from jaxtyping import Float, Int
from torch import Tensor

from attention_surgery.engine.forward import by_head, final_norm, layer_norm, mlp
from attention_surgery.engine.hook_points import points_of
from attention_surgery.engine.kernels import linear
from attention_surgery.engine.model import Model
from attention_surgery.engine.run import embedded, rows_at_once, run
from attention_surgery.engine.shape import LOGIT_COLUMNS

# A token is copied, or uncopied, where it is among so many likeliest, or unlikeliest.
AMONG = 5
# A word with a space in front, as a name in a sentence is, in the vocabulary's own spelling.
NAME = re.compile("Ġ[A-Z][a-z]+")


@dataclass(frozen=True, slots=True)
class Looks:
    """How much heads look at the token before, at the same token, and at what followed it."""

    previous: Float[Tensor, "layer head"]
    duplicate: Float[Tensor, "layer head"]
    induction: Float[Tensor, "layer head"]


def looks_on_prompts(
    model: Model, prompts: Sequence[Sequence[int]]
) -> Generator[object, None, list[Looks]]:
    """Of all attention, the share that goes where a head of the kind looks: Σ A⊙D / Σ A.

    Source: TransformerLens' `head_detector`, error measure `mul`.
    """
    device = model.weights.embed.device
    wanted = [detection_patterns(torch.tensor(list(ids), device=device)) for ids in prompts]
    found: list[list[Tensor]] = [[] for _ in prompts]

    def measure(_layer: int, pattern: Tensor) -> None:
        for of_layers, of_row, kinds in zip(found, pattern, wanted, strict=True):
            n = kinds.shape[-1]
            own = of_row[:, :n, :n]
            seen = torch.einsum("hqk,dqk->dh", own, kinds)
            of_layers.append(seen / own.sum((1, 2)))

    yield from run(model, embedded(model, prompts), watch={"attn.hook_pattern": measure})
    return [Looks(*torch.stack(of_layers, dim=1).cpu()) for of_layers in found]


def detection_patterns(ids: Int[Tensor, " pos"]) -> Float[Tensor, "kind query key"]:
    """Where previous-token, duplicate-token and induction heads look; ones and zeros."""
    n = len(ids)
    previous = torch.diag(torch.ones(n - 1, device=ids.device), -1)
    duplicate = (ids[:, None] == ids).float().tril(-1)
    induction = torch.zeros_like(duplicate)
    induction[:, 1:] = duplicate[:, :-1]
    return torch.stack([previous, duplicate, induction])


def repeated_tokens(
    model: Model, length: int, n_rows: int, seed: int, prepend_bos: bool
) -> Int[Tensor, "row pos"]:
    """Rows of `length` different random tokens, told twice; the special tokens are not drawn."""
    generator = torch.Generator().manual_seed(seed)
    ids = torch.tensor(sorted(set(range(model.d_vocab)) - {model.bos_id, model.eos_id}))
    drawn = [ids[torch.randperm(len(ids), generator=generator)[:length]] for _ in range(n_rows)]
    rows = torch.stack(drawn).repeat(1, 2)
    front = torch.full((n_rows, int(prepend_bos)), model.bos_id)
    return torch.cat([front, rows], dim=1)


def looks_on_repeats(
    model: Model, rows: Int[Tensor, "row pos"], length: int
) -> Generator[object, None, Looks]:
    """Mean attention one token back, `length` back and `length` − 1 back, over rows and queries.

    Args:
        rows: two copies of `length` tokens; what stands before them does not count.

    Source: Olsson et al. 2022, arXiv:2209.11895
    """
    front = rows.shape[1] - 2 * length
    totals = torch.zeros(3, model.n_layers, model.n_heads)

    def measure(layer: int, pattern: Tensor) -> None:
        of_text = pattern[..., front:, front:]
        for kind, back in enumerate((1, length, length - 1)):
            diagonal = of_text.diagonal(-back, dim1=-2, dim2=-1)
            totals[kind, layer] += diagonal.mean(-1).sum(0).cpu()

    for part in rows.split(rows_at_once(model, rows.shape[1])):
        resid = embedded(model, part.tolist())
        yield from run(model, resid, watch={"attn.hook_pattern": measure})
    return Looks(*(totals / len(rows)))


def words(model: Model, most: int, seed: int) -> list[int]:
    """At most so many tokens that look like names, drawn at random; any, where there are none."""
    special = {model.bos_id, model.eos_id}
    vocabulary = model.tokenizer.get_vocab().items()
    named = sorted(i for text, i in vocabulary if i < model.d_vocab and NAME.fullmatch(text))
    ids = torch.tensor(named or sorted(set(range(model.d_vocab)) - special))
    generator = torch.Generator().manual_seed(seed)
    chosen = torch.randperm(len(ids), generator=generator)[:most]
    return sorted(ids[chosen].tolist())


@dataclass(frozen=True, slots=True)
class Copying:
    """Shares of tokens that the heads of a layer copy, and that they write against."""

    layer: int
    copied: list[float]
    uncopied: list[float]


def copying(model: Model, tokens: Sequence[int]) -> Generator[object, None, None]:
    """`Copying` of each layer: what heads write having looked at a token, through the unembedding.

    The token's embedding with what MLP 0 makes of it, without position or attention, goes through
    the head's own LayerNorm, W_V, W_O, the final LayerNorm and the unembedding.

    Source: Wang et al. 2022, arXiv:2211.00593, appendix.
    """
    ids = torch.tensor(list(tokens), device=model.weights.embed.device)
    with torch.inference_mode():
        embedding = model.weights.embed[ids].float()[None]
        resid = embedding + mlp(model, 0, embedding)
    for layer in range(model.n_layers):
        ranks = _Ranks(final_norm(model, _written(model, layer, resid)), ids, model)
        for columns in _columns(model):
            yield layer
            ranks.count(columns)
        yield Copying(layer, ranks.share_among(ranks.above), ranks.share_among(ranks.below))


@torch.inference_mode()
def _written(
    model: Model, layer: int, resid: Float[Tensor, "1 token d_model"]
) -> Float[Tensor, "token head d_model"]:
    weights, points = model.weights.blocks[layer], points_of(model).blocks[layer]
    normalized = layer_norm(
        model, resid[0], weights.ln1_w, weights.ln1_b, points.ln1_scale, points.ln1_normalized
    )
    part = slice(2 * model.d_model, None)
    v = linear(normalized, weights.w_qkv[part], weights.b_qkv[part])
    v = v.view(len(v), model.n_heads, model.d_head).float()
    return torch.einsum("thd,hdm->thm", v, by_head(model, layer).float())


def _columns(model: Model) -> Iterator[slice]:
    for first in range(0, model.d_vocab, LOGIT_COLUMNS):
        yield slice(first, min(first + LOGIT_COLUMNS, model.d_vocab))


class _Ranks:
    """How many tokens are at least as likely as each row's own, and at most; itself is one."""

    def __init__(
        self, normalized: Float[Tensor, "token head d_model"], ids: Tensor, model: Model
    ) -> None:
        self._normalized, self._ids, self._unembed = normalized, ids, model.weights.unembed
        with torch.inference_mode():
            self._own = torch.einsum("thm,tm->th", normalized, self._unembed[ids].float())
            self.above, self.below = (torch.zeros_like(self._own) for _ in range(2))

    @torch.inference_mode()
    def count(self, columns: slice) -> None:
        """Compare with some of the vocabulary."""
        logits = linear(self._normalized, self._unembed[columns].float())
        here = ((self._ids >= columns.start) & (self._ids < columns.stop)).nonzero()[:, 0]
        # What is the row's own shall not differ from itself by rounding.
        logits[here, :, self._ids[here] - columns.start] = self._own[here]
        self.above += (logits >= self._own[..., None]).sum(-1)
        self.below += (logits <= self._own[..., None]).sum(-1)

    def share_among(self, ranks: Float[Tensor, "token head"]) -> list[float]:
        """Of each head, the share of tokens among the first five, those as likely before them."""
        shares: list[float] = (ranks <= AMONG).float().mean(0).tolist()
        return shares
