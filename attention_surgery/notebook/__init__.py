"""Parts of the page in a notebook, without a server: its kernel does the work.

    from attention_surgery.notebook import HeadGrid

    grid = HeadGrid(model, "When Mary and John went to the store, John gave a drink to")
    grid                             # click heads
    grid.ablations                   # what was cut
    grid.ablations = ["L9H9"]        # the picture follows
    grid.result.next_token.kl        # and so does the number

Needs the extra `attention-surgery[notebook]`.
"""

from __future__ import annotations

try:
    import anywidget  # noqa: F401
except ImportError:
    raise ImportError(
        'Parts in a notebook need anywidget: pip install "attention-surgery[notebook]".'
    ) from None

from attention_surgery.notebook.attention_pattern import AttentionPattern
from attention_surgery.notebook.head_grid import HeadGrid
from attention_surgery.notebook.logit_lens import LogitLens
from attention_surgery.notebook.patch_grid import PatchGrid
from attention_surgery.notebook.token_streams import TokenStreams

__all__ = ["AttentionPattern", "HeadGrid", "LogitLens", "PatchGrid", "TokenStreams"]
