"""Attention patterns in a script."""

from __future__ import annotations

PATTERNS = '''\
def patterns(hooks):
    """The patterns as the model uses them: {shape}."""
    with torch.inference_mode(), model.hooks(fwd_hooks=hooks):
        _, cache = model.run_with_cache(torch.tensor([text]))
    return {found}'''

SHOW = """\
control, ablated = patterns([]), patterns(SURGERY)
torch.set_printoptions(precision=3, sci_mode=False)
print("control:", control, sep="\\n")
print("ablated:", ablated, sep="\\n")"""

OF_ALL = 'torch.cat([cache["pattern", layer] for layer in range(model.cfg.n_layers)])'


def attending(layer: int | None, head: int | None) -> list[str]:
    """The sections after `SURGERY`; they read `text` and the constants LAYER and HEAD given."""
    if layer is None:
        return [PATTERNS.format(shape="[layer, head, query, key]", found=OF_ALL), SHOW]
    if head is None:
        shape, found = "[head, query, key]", 'cache["pattern", LAYER][0]'
    else:
        shape, found = "[query, key]", 'cache["pattern", LAYER][0, HEAD]'
    return [PATTERNS.format(shape=shape, found=found), SHOW]
