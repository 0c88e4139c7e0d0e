"""An intervention: at a site of the model, move what it computes towards something else."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Annotated, Any, ClassVar, Literal, Self, get_args

from pydantic import (
    BaseModel,
    ConfigDict,
    FailFast,
    Field,
    ModelWrapValidatorHandler,
    model_validator,
)

from attention_surgery.errors import InvalidSetting

if TYPE_CHECKING:  # requests travel without torch
    from jaxtyping import Bool, Float, Int
    from torch import Tensor

Component = Literal["pattern", "z", "mlp_out"]
Index = Annotated[int, Field(ge=0, le=1_000_000)]
Position = Annotated[int, Field(ge=-1_000_000, le=1_000_000, strict=True)]

# The hook points of a block at which each component is replaced.
HOOKS: dict[Component, str] = {
    "pattern": "attn.hook_pattern",
    "z": "attn.hook_z",
    "mlp_out": "hook_mlp_out",
}


class Moment(ABC):
    """What a replacement may look at while a pass is at its site.

    Attributes:
        positions: where each query stands in its row's text.
        visible: which keys each query may see.
        below: the pattern of the same head one layer below, before any surgery on it.
        reference: what `Intervention.combine` made of the reference prompts' activations.
        value_bias: the value that every token has in common: b_V, and what LayerNorm's own bias
            adds to it, b_ln1 W_V.
    """

    @property
    @abstractmethod
    def positions(self) -> Int[Tensor, "row query"]: ...

    @property
    @abstractmethod
    def visible(self) -> Bool[Tensor, "row query key"]: ...

    @property
    @abstractmethod
    def below(self) -> Float[Tensor, "row query key"]: ...

    @property
    @abstractmethod
    def reference(self) -> Float[Tensor, "pos d"]: ...

    @property
    @abstractmethod
    def value_bias(self) -> Float[Tensor, " d_head"]: ...


def _with_component(schema: dict[str, Any]) -> None:
    schema["properties"]["component"] = {
        "type": "string",
        "enum": list(get_args(Component)),
        "description": "Follows from method and site; may be said where it agrees with them.",
    }


class Intervention(BaseModel):
    """Base of all ablation methods: new = old + strength · (replacement − old) at some positions.

    A subclass says what the replacement is. Its words: the field `method` on the wire, `letter`
    in links, `title` on the page; its docstring's first line is its meaning. Its own fields are
    its parameters. `code` is the function that computes the replacement in an exported script:
    `name(old, hook, head, parameter, …)` of the TransformerLens hook, with any of its own fields
    by name. It finds there `model`, the token ids `prompt`, `elsewhere(text, hook, head)` for
    reference prompts, and, where it `needs_below`, patterns `before_surgery[layer][0, head]`.
    `formula` is the replacement r in TeX, for the manual.

    Attributes:
        layer, head: the site, zero-indexed as TransformerLens counts; without a head it is what
            the layer's MLP writes to the residual stream.
        strength: 1 replaces, 0.5 goes half-way, 0 changes nothing, −1 amplifies.
        positions: query positions at which it holds, all (generated ones too) when None; negative
            ones count from the prompt's end.
    """

    model_config = ConfigDict(
        frozen=True, extra="forbid", strict=True, json_schema_extra=_with_component
    )

    letter: ClassVar[str]
    title: ClassVar[str]
    on_heads: ClassVar[Component | None] = None
    on_mlps: ClassVar[bool] = False
    needs_visible: ClassVar[bool] = False
    needs_below: ClassVar[bool] = False
    code: ClassVar[str] = ""
    formula: ClassVar[str] = ""

    method: str
    layer: Index
    head: Annotated[Index | None, Field(description="Absent: what the layer's MLP writes.")] = None
    strength: Annotated[
        float,
        Field(
            ge=-2,
            le=2,
            allow_inf_nan=False,
            description="1 replaces, 0.5 goes half-way, −1 amplifies.",
        ),
    ] = 1.0
    positions: Annotated[
        tuple[Position, ...] | None,
        FailFast(),
        Field(
            strict=False,
            min_length=1,
            max_length=1024,
            description="Query positions; all when absent, also those generated. Negative ones "
            "count from the prompt's end.",
        ),
    ] = None

    @model_validator(mode="wrap")
    @classmethod
    def _component_agrees(cls, values: Any, handler: ModelWrapValidatorHandler[Self]) -> Self:
        """A component may be named, and is no field: it follows from the others."""
        if not isinstance(values, Mapping) or "component" not in values:
            return handler(values)
        cut = handler({name: value for name, value in values.items() if name != "component"})
        if values["component"] != cut.component:
            raise ValueError(
                f"the method {cut.method} replaces {cut.component} at {cut.site}: leave component "
                "out, or use another method"
            )
        return cut

    @model_validator(mode="after")
    def _site_is_possible(self) -> Intervention:
        if self.head is None and not self.on_mlps:
            raise ValueError(
                f"the method {self.method} works on a head: name one, e.g. L{self.layer}H0"
            )
        if self.head is not None and self.on_heads is None:
            raise ValueError(f"the method {self.method} works on MLPs: leave the head out")
        return self

    @property
    def component(self) -> Component:
        """What is replaced: a head's `pattern` or `z`, or `mlp_out`."""
        on_head = type(self).on_heads
        return "mlp_out" if self.head is None or on_head is None else on_head

    @property
    def hook(self) -> str:
        """The hook point within the block at which it acts."""
        return HOOKS[self.component]

    @property
    def site(self) -> str:
        """The field's short name of the site: L9H6, or M9 for an MLP."""
        return f"M{self.layer}" if self.head is None else head_name(self.layer, self.head)

    @property
    def first_layer(self) -> int:
        """The first layer at which a cut run must be kept apart from the control run."""
        return self.layer

    @property
    def reference_prompts(self) -> tuple[str, ...]:
        """Prompts whose activations at this site the replacement is made of."""
        return ()

    def check(self, n_tokens: int, reference_tokens: Sequence[int]) -> None:
        """Refuse what does not fit a prompt of so many tokens.

        Raises:
            InvalidSetting
        """

    def combine(self, activations: Sequence[Tensor], n_tokens: int) -> Tensor:
        """One tensor [pos, d] of the activations [pos, d] of each reference prompt."""
        raise NotImplementedError(f"{self.method} has no reference prompts")

    def replacement(self, old: Tensor, at: Moment) -> Tensor:
        """What stands in place of `old` at strength 1, of the same shape.

        `old` is a pattern [row, query, key], a z [row, query, d_head], or what an MLP writes
        [row, query, d_model]; it must not be changed.
        """
        raise NotImplementedError

    def script(self) -> str:
        """Its function in an exported script: `code`, unless a parameter makes it another.

        Raises:
            InvalidSetting: the method has none.
        """
        if not self.code:
            raise InvalidSetting(f"{self.method} has no code: {self} cannot be put into a script.")
        return self.code

    @property
    def warnings(self) -> tuple[str, ...]:
        """What of it changes nothing, in sentences."""
        return ()

    @property
    def acts(self) -> bool:
        """Whether anything is other under it."""
        return self.strength != 0 and not self.warnings

    @classmethod
    def name(cls) -> str:
        """What the method is called on the wire."""
        name: str = cls.model_fields["method"].default
        return name

    @classmethod
    def meaning(cls) -> str:
        """One sentence: the first line of the class's docstring."""
        return (cls.__doc__ or "").strip().splitlines()[0]

    def __str__(self) -> str:
        from attention_surgery.interventions.notation import write

        return write(self)


def head_name(layer: int, head: int) -> str:
    """The field's short name of a head, e.g. L9H6."""
    return f"L{layer}H{head}"
