"""What was done to `model.hooked` since it was loaded: taken up by the next run, or refused.

Our forward pass reads `Weights`, TransformerLens its own parameters. They share storage, so that
both see a value written in place. A parameter put in another's place is copied before each run;
another module, setting or torch hook, and what `process_weights_` makes, are refused.
"""

from __future__ import annotations

from typing import NamedTuple, NoReturn

import torch
from torch import Tensor, nn

from attention_surgery.engine.hooked import HookedTransformer
from attention_surgery.engine.skeleton import HOOKS
from attention_surgery.engine.weights import Weights, block_weights
from attention_surgery.errors import AlteredModel

# What TransformerLens sets at run time without changing what the model computes.
HARMLESS_SETTINGS = frozenset(
    {
        "use_attn_result",
        "use_split_qkv_input",
        "use_hook_mlp_in",
        "use_attn_in",
        "default_prepend_bos",
        "tokenizer_name",
        "tokenizer_prepends_bos",
        "seed",
    }
)
LOAD_AGAIN = "what is computed here would not follow; load the model again"


class LiveWeights:
    """The weights of a HookedTransformer as its parameters have them.

    Attributes:
        hooked: made over the loaded weights.
        current: what a run computes with, as of the last `reread`.
    """

    def __init__(self, hooked: HookedTransformer, loaded: Weights) -> None:
        self.hooked = hooked
        self.current = self._loaded = loaded
        self._settings = dict(vars(hooked.cfg))
        points = {id(point) for point in hooked.hook_dict.values()}
        self._modules = [
            _Built(name, module)
            for name, module in hooked.named_modules()
            if id(module) not in points
        ]
        self._owners = {
            f"{built.name}.{key}": (built.module._parameters, key)
            for built in self._modules
            for key in built.module._parameters
        }
        parameters = self._parameters()
        self._homes = {name: _place(p) for name, p in parameters.items()}
        self._unembedding_bias = parameters["unembed.b_U"].detach().clone()
        unembedding = parameters["unembed.W_U"]
        # Where b_U is made part of it, it is a copy.
        self._is_copied = unembedding.data_ptr() != loaded.unembed.data_ptr()
        self._version = unembedding._version

    def reread(self) -> None:
        """Take up what has changed; a fraction of a millisecond when nothing has.

        Raises:
            AlteredModel: something was changed that our forward pass cannot follow.
        """
        parameters = self._parameters()
        strangers = {n: p for n, p in parameters.items() if _place(p) != self._homes[n]}
        for name, parameter in strangers.items():
            self._check_form(name, parameter)
        self._check_settings()
        for module in self._modules:
            module.check()
        self._check_unembedding(parameters, strangers)
        self.current = self._loaded
        if strangers:
            with torch.inference_mode(False), torch.no_grad():
                self.current = self._renewed(parameters, strangers)

    def _parameters(self) -> dict[str, Tensor]:
        parameters: dict[str, Tensor] = {}
        for name, (owner, key) in self._owners.items():
            parameter = owner.get(key)
            if parameter is None:
                _refuse(name)
            parameters[name] = parameter
        return parameters

    def _check_form(self, name: str, parameter: Tensor) -> None:
        home, embed = self._homes[name], self._loaded.embed
        if parameter.shape != home.shape or parameter.dtype != embed.dtype:
            raise AlteredModel(
                f"{name} of model.hooked has become {parameter.dtype} {list(parameter.shape)}: "
                f"it must stay {embed.dtype} {list(home.shape)}."
            )
        if parameter.device != embed.device:
            raise AlteredModel(
                f"{name} of model.hooked was moved to {parameter.device}: load the model there, "
                f"with load_model(…, device={str(parameter.device)!r})."
            )

    def _check_settings(self) -> None:
        now = vars(self.hooked.cfg)
        if now["normalization_type"] != self._settings["normalization_type"]:
            raise AlteredModel(
                "The LayerNorms of model.hooked were folded by process_weights_, and all that is "
                "computed here is defined on raw weights: load the model again, and process a copy."
            )
        for name, value in now.items():
            if name not in HARMLESS_SETTINGS and value != self._settings.get(name):
                _refuse(f"cfg.{name}")

    def _check_unembedding(
        self, parameters: dict[str, Tensor], strangers: dict[str, Tensor]
    ) -> None:
        is_biased = not torch.equal(parameters["unembed.b_U"], self._unembedding_bias)
        if self._loaded.tied and is_biased:
            raise AlteredModel(
                "unembed.b_U of model.hooked is no longer zero, and GPT-2 has no such bias: set it "
                "back to zero."
            )
        if not self._loaded.tied:
            unembedding = parameters["unembed.W_U"]
            is_new = "unembed.W_U" in strangers or unembedding._version != self._version
            if is_biased or (self._is_copied and is_new):
                raise AlteredModel(
                    "The unembedding of model.hooked was changed, whose bias b_U is made part of "
                    "it: wrap the model again."
                )
            return
        pair = "embed.W_E", "unembed.W_U"
        if not strangers.keys().isdisjoint(pair):
            embed, unembed = (parameters[name] for name in pair)
            if not torch.equal(embed.T, unembed):
                raise AlteredModel(
                    "embed.W_E and unembed.W_U of model.hooked differ, and GPT-2 unembeds with its "
                    "embedding: change both alike, or load the model again."
                )

    def _renewed(self, parameters: dict[str, Tensor], strangers: dict[str, Tensor]) -> Weights:
        changed = {int(name.split(".")[1]) for name in strangers if name.startswith("blocks.")}
        blocks = tuple(
            block_weights(_of_block(parameters, layer)) if layer in changed else block
            for layer, block in enumerate(self._loaded.blocks)
        )
        old = self._loaded
        embed = parameters["embed.W_E"].detach().contiguous()
        unembed = embed if old.tied else old.unembed
        if not (old.tied or self._is_copied):
            unembed = parameters["unembed.W_U"].detach().T.contiguous()
        return Weights(
            embed=embed,
            positions=parameters["pos_embed.W_pos"].detach().contiguous(),
            blocks=blocks,
            ln_final_w=parameters.get("ln_final.w", old.ln_final_w).detach(),
            ln_final_b=parameters.get("ln_final.b", old.ln_final_b).detach(),
            unembed=unembed,
        )


class _Place(NamedTuple):
    address: int
    shape: torch.Size
    stride: tuple[int, ...]


def _place(tensor: Tensor) -> _Place:
    return _Place(tensor.data_ptr(), tensor.shape, tensor.stride())


def _of_block(parameters: dict[str, Tensor], layer: int) -> dict[str, Tensor]:
    prefix = f"blocks.{layer}."
    return {
        name.removeprefix(prefix): parameter.detach()
        for name, parameter in parameters.items()
        if name.startswith(prefix)
    }


class _Built:
    """One module as it was built: all of it but its parameters stays the same."""

    def __init__(self, name: str, module: nn.Module) -> None:
        self.name, self.module = name, module
        self._kind = type(module)
        # The root counts its open contexts and keeps its tokenizer: only its children are fixed.
        self._attributes = _attributes(module) if name else {}
        self._children = dict(module._modules)
        self._ignore = module._buffers.get("IGNORE")  # what stands for the future

    def check(self) -> None:
        module, now = self.module, vars(self.module)
        for name, child in self._children.items():
            if module._modules.get(name) is not child:
                _refuse(f"{self.name}.{name}".lstrip("."))
        if self.name and len(now) != len(self._attributes) + 1:
            _refuse(f"{self.name}.{min(_attributes(module).keys() ^ self._attributes.keys())}")
        for name, value in self._attributes.items():
            if now[name] is not value:
                _refuse(f"{self.name}.{name}")
        if type(module) is not self._kind or "forward" in now:
            _refuse(self.name or "forward")
        ignore = module._buffers.get("IGNORE")
        if ignore is not self._ignore or (ignore is not None and not ignore.isneginf()):
            _refuse(f"{self.name}.IGNORE")
        if any(now[kind] for kind in HOOKS):
            raise AlteredModel(
                f"{self.name or 'model.hooked'} has a torch hook, which what is computed here "
                "would not run: use the hook points, with model.hooked.add_hook."
            )


def _attributes(module: nn.Module) -> dict[str, object]:
    return {name: value for name, value in vars(module).items() if name != "training"}


def _refuse(what: str) -> NoReturn:
    raise AlteredModel(f"{what} of model.hooked was changed: {LOAD_AGAIN}.")
