"""The hook points of a model whose HookedTransformer nobody has asked for."""

from __future__ import annotations

from torch import Tensor, nn

IN_MODEL = (
    *("hook_embed", "hook_pos_embed", "ln_final.hook_scale", "ln_final.hook_normalized"),
    *("unembed.hook_in", "unembed.hook_out"),
)
IN_BLOCK = (
    *(f"{norm}.{point}" for norm in ("ln1", "ln2") for point in ("hook_scale", "hook_normalized")),
    *(f"attn.hook_{name}" for name in ("q", "k", "v", "attn_scores", "pattern", "z", "result")),
    *("mlp.hook_pre", "mlp.hook_post"),
    *(f"hook_{name}" for name in ("attn_in", "q_input", "k_input", "v_input", "mlp_in")),
    *(f"hook_{name}" for name in ("attn_out", "mlp_out", "resid_pre", "resid_mid", "resid_post")),
)
HOOKS = ("_forward_hooks", "_forward_pre_hooks", "_backward_hooks", "_backward_pre_hooks")


class SkeletonPoint(nn.Module):
    """Gives back what it is given, as the torch hooks on it leave it."""

    def __init__(self, name: str) -> None:
        super().__init__()
        self.name = name

    def forward(self, value: Tensor) -> Tensor:
        return value

    def layer(self) -> int:
        return int(self.name.split(".")[1])


class Skeleton(nn.Module):
    """Modules and hook points named as in TransformerLens; no parameters, nothing computed."""

    def __init__(self, n_layers: int) -> None:
        super().__init__()
        names = [f"blocks.{layer}.{name}" for layer in range(n_layers) for name in IN_BLOCK]
        self.blocks = nn.ModuleList(nn.Module() for _ in range(n_layers))
        self.hook_dict = {name: SkeletonPoint(name) for name in (*IN_MODEL, *names)}
        for name, point in self.hook_dict.items():
            parent, _, last = name.rpartition(".")
            self._module_at(parent).add_module(last, point)

    def _module_at(self, path: str) -> nn.Module:
        module: nn.Module = self
        for part in filter(None, path.split(".")):
            if part not in module._modules:
                module.add_module(part, nn.Module())
            module = module.get_submodule(part)
        return module


def count_hooks(graph: nn.Module) -> int:
    """Torch hooks on any module of a model, forward and backward."""
    return sum(len(getattr(module, kind)) for module in graph.modules() for kind in HOOKS)


def clear_hooks(graph: nn.Module) -> None:
    """Take every hook away, TransformerLens' permanent ones included."""
    if not isinstance(graph, Skeleton):
        graph.reset_hooks(including_permanent=True)  # type: ignore[operator]
    for module in graph.modules():
        for kind in HOOKS:
            getattr(module, kind).clear()
