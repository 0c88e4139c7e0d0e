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
    """

    def __init__(
        self, model: Model, temperature: float, top_k: int | None, seed: int | None
    ) -> None:
        if top_k is not None:
            check_count("top_k", top_k, model.d_vocab)
        self.seed = secrets.randbits(32) if seed is None else seed
        self._temperature = temperature
        self._top_k = top_k
        self._generator = torch.Generator().manual_seed(self.seed)
        self._noise = torch.empty(model.d_vocab)

    def __call__(self, logprobs: Float[Tensor, "row d_vocab"]) -> Int[Tensor, " row"]:
        self._noise.exponential_(generator=self._generator)
        gumbel = -self._noise.log().to(logprobs.device)
        if self._top_k is None:
            return (logprobs / self._temperature + gumbel).argmax(-1)
        values, ids = logprobs.topk(self._top_k, dim=-1)
        best = (values / self._temperature + gumbel[ids]).argmax(-1, keepdim=True)
        return ids.gather(-1, best)[:, 0]
