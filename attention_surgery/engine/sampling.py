"""Draw tokens so that two runs differ by their distributions and not by luck."""

from __future__ import annotations

import secrets

import torch
from jaxtyping import Float, Int
from torch import Tensor

from attention_surgery.engine.model import Model
from attention_surgery.engine.prompt import check_count


class Sampler:
    """Draws by the Gumbel-max trick: argmax of log p / T plus Gumbel noise.

    One noise vector per step serves every stream: equal distributions draw equal tokens.

    Args:
        temperature: T > 0; towards 0 the draw becomes the likeliest token.
        top_k: draw among the k likeliest; among all when None.
        seed: drawn when None.

    Raises:
        InvalidSetting: `top_k` is larger than the vocabulary.
    """

    def __init__(
        self, model: Model, temperature: float, top_k: int | None, seed: int | None
    ) -> None:
        if top_k is not None:
            check_count("top_k", top_k, model.d_vocab)
        self.seed = secrets.randbits(32) if seed is None else seed
        # What float32 rounds to zero would divide zero by zero.
        self._temperature = max(temperature, torch.finfo(torch.float32).tiny)
        self._top_k = top_k
        self._generator = torch.Generator().manual_seed(self.seed)
        self._noise = torch.empty(model.d_vocab)

    def __call__(self, logprobs: Float[Tensor, "row d_vocab"]) -> Int[Tensor, " row"]:
        self._noise.exponential_(generator=self._generator)
        gumbel = -self._noise.log().to(logprobs.device)
        if self._top_k is None:
            return (self._scaled(logprobs) + gumbel).argmax(-1)
        values, ids = logprobs.topk(self._top_k, dim=-1)
        best = (self._scaled(values) + gumbel[ids]).argmax(-1, keepdim=True)
        return ids.gather(-1, best)[:, 0]

    def _scaled(self, logprobs: Float[Tensor, "row choice"]) -> Float[Tensor, "row choice"]:
        """log p / T, but 0 for the likeliest: a small T sends the others, not all, to −∞."""
        return (logprobs - logprobs.amax(-1, keepdim=True)) / self._temperature
