"""Many rows of tokens through a model at once, with heads cut if asked.

Shorter rows are padded on the right: attention looks back only, so padding changes nothing.
"""

from __future__ import annotations

from collections.abc import Sequence

import torch
from jaxtyping import Float, Int
from torch import Tensor

from attention_surgery.engine.forward import embed, final_norm, unembed
from attention_surgery.engine.model import Model
from attention_surgery.engine.preparation import plan
from attention_surgery.engine.run import run
from attention_surgery.engine.steps import drain
from attention_surgery.engine.surgery import Surgery, Watchers
from attention_surgery.interventions import Intervention

# Rows that go through the model together.
BATCH = 64

Cut = Sequence[Intervention]


@torch.inference_mode()
def read(
    model: Model, rows: Int[Tensor, "row pos"], cut: Cut = (), watch: Watchers | None = None
) -> Float[Tensor, "row pos d_model"]:
    """The final LayerNorm's output at every position; the engine's `unembed` takes it.

    Args:
        watch: shown the activation at these hook points of each block, as the cut leaves it.
    """
    ready = drain(plan(model, cut, rows.shape[1]).prepare(model))
    surgery = Surgery(model, [(slice(None), ready)])
    return final_norm(model, drain(run(model, embed(model, rows), surgery, watch=watch)))


@torch.inference_mode()
def next_token_logits(
    model: Model, prompts: Sequence[Sequence[int]], cut: Cut = ()
) -> Float[Tensor, "prompt d_vocab"]:
    """Logits after the last token of each prompt of token ids."""
    parts = []
    for first in range(0, len(prompts), BATCH):
        rows, last = pad(prompts[first : first + BATCH], model.bos_id)
        normalized = read(model, rows, cut)
        parts.append(unembed(model, normalized[torch.arange(len(rows)), last]).cpu())
    return torch.cat(parts)


def pad(
    rows: Sequence[Sequence[int]], filler: int
) -> tuple[Int[Tensor, "row pos"], Int[Tensor, " row"]]:
    """Rows made equally long, and where the last token of each stands."""
    longest = max(map(len, rows))
    padded = [[*row, *[filler] * (longest - len(row))] for row in rows]
    return torch.tensor(padded), torch.tensor([len(row) - 1 for row in rows])
