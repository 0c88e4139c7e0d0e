"""What all parts have in common: a request, its answer, and a picture of both."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import Any, ClassVar

import anywidget
from traitlets import Dict, Instance, TraitError, TraitType, Unicode

from attention_surgery.analyses.base import Analysis
from attention_surgery.analyses.result import Result
from attention_surgery.engine.model import Model
from attention_surgery.errors import AttentionSurgeryError, InvalidSetting
from attention_surgery.interventions import Intervention, methods
from attention_surgery.interventions.parameters import described
from attention_surgery.interventions.registry import interventions_from
from attention_surgery.settings import Settings


def built() -> Path:
    """The page's parts, built for notebooks.

    Raises:
        ImportError: nobody has built them.
    """
    file = Settings().frontend / "notebook" / "parts.js"
    if not file.is_file():
        raise ImportError(
            f"The page's parts are not built ({file} is missing): run `make run`, or "
            "`npm ci && npm run build` in frontend/."
        )
    return file


class Ablations(TraitType[tuple[Intervention, ...], Iterable[object]]):
    """Interventions, however they are written: `"L9H6"`, `(9, 6, "mean")`, `Zero(…)`."""

    default_value = ()

    def validate(self, _obj: Any, value: Any) -> tuple[Intervention, ...]:
        return interventions_from(value)


class Head(TraitType[tuple[int, int] | None, object]):
    """A head as (layer, head), also written `"L9H6"`; or none."""

    def __init__(self, default_value: object = None, allow_none: bool = True, **kwargs: Any):
        super().__init__(default_value, allow_none=allow_none, **kwargs)

    def validate(self, _obj: Any, value: Any) -> tuple[int, int]:
        if isinstance(value, Mapping):
            value = value.get("layer"), value.get("head")
        (cut,) = interventions_from([value])
        if cut.head is None:
            raise InvalidSetting(f"{value} is no head: name one, e.g. L{cut.layer}H0.")
        return cut.layer, cut.head


class Part(anywidget.AnyWidget):
    """A part of the page that shows the answer to one request.

    Set a field of the request (`part.ablations`, `part.prompt`, …), and the answer is there before
    the next line runs; what cannot be done is refused, and nothing changes. Press in the picture,
    and the fields follow. Fields of several parts can be tied together, with `traitlets.link`.

    Attributes:
        analysis: what is asked.
        asked: its traits that are fields of the request.
        looked: its other traits that the picture may change.
        result: the answer, as `model` gives it.
    """

    _esm = built()

    analysis: ClassVar[type[Analysis[Any]]]
    asked: ClassVar[tuple[str, ...]] = ("prompt", "ablations")
    looked: ClassVar[tuple[str, ...]] = ()

    prompt = Unicode()
    ablations = Ablations()
    result = Instance(Result, allow_none=True)

    _fixed = Dict().tag(sync=True)
    _state = Dict().tag(sync=True)

    def __init__(self, model: Model, settings: Mapping[str, Any], **traits: Any) -> None:
        """
        Args:
            settings: fields of the request that stay as they are.
            traits: values of `asked` and `looked`.

        Raises:
            InvalidRequest: it cannot be asked of this model.
        """
        if not isinstance(model, Model):
            raise InvalidSetting(
                f"{type(self).__name__} shows a model of surgeon.load_model or surgeon.wrap, which "
                f"this {type(model).__name__} is not: wrap a HookedTransformer first."
            )
        self.model, self._settings = model, dict(settings)
        self._turn, self._goes_back = 0, False
        shape = {"nLayers": model.n_layers, "nHeads": model.n_heads}
        offered = [described(method) for method in methods()]
        fixed = {"part": type(self).__name__, "shape": shape, "methods": offered}
        super().__init__(_fixed=fixed, **traits)
        self._measure()
        self.observe(self._follow, list(self.asked))
        for name in self.looked:  # no name at all would be every trait
            self.observe(self._look, name)
        self.on_msg(self._pressed)

    def request(self) -> Analysis[Any]:
        """What is asked now.

        Raises:
            InvalidSetting: a field cannot have its value.
        """
        fields = {name: getattr(self, name) for name in self.asked}
        return self.analysis.ask(**self._settings | fields)

    def shown(self) -> dict[str, Any]:
        """What the picture is made of, beside the answer."""
        return {}

    def _repr_html_(self) -> str:
        """What stands where no kernel runs, as on a page that shows a notebook."""
        return "" if self.result is None else self.result._repr_html_()

    def _repr_mimebundle_(self, **options: Any) -> Any:
        shown = super()._repr_mimebundle_(**options)
        if shown is None:  # a part that is closed
            return None
        data, metadata = shown
        return data | {"text/html": self._repr_html_()}, metadata

    def __repr__(self) -> str:
        return f"<{type(self).__name__} of {self.model.name}, {len(self.ablations)} cut>"

    def _measure(self) -> None:
        self.result = self.request().run(self.model)
        self._tell()

    def _tell(self, refusal: str | None = None) -> None:
        """Give the picture what it shows; each time anew, so that it knows it is answered."""
        self._turn += 1
        self._state = {
            "turn": self._turn,
            "ablations": [_written(cut) for cut in self.ablations],
            "answer": None if self.result is None else self.result.to_dict(),
            "refusal": refusal,
            **self.shown(),
        }

    def check_look(self) -> None:
        """Refuse to look at what is not there.

        Raises:
            InvalidRequest
        """

    def _follow(self, change: Mapping[str, Any]) -> None:
        self._do(self._measure, change)

    def _look(self, change: Mapping[str, Any]) -> None:
        self._do(self._tell_checked, change)

    def _tell_checked(self) -> None:
        self.check_look()
        self._tell()

    def _do(self, act: Callable[[], None], change: Mapping[str, Any]) -> None:
        """Act on a change; where that fails, the trait is what it was."""
        if self._goes_back:
            return
        try:
            act()
        except BaseException:
            self._goes_back = True
            try:
                self.set_trait(change["name"], change["old"])
            finally:
                self._goes_back = False
            raise

    def _pressed(self, _part: Part, changes: Mapping[str, Any], _buffers: object) -> None:
        """What was done to the picture; what is refused is said there."""
        try:
            for name in (*self.asked, *self.looked):
                if name in changes:
                    self.set_trait(name, changes[name])
        except (AttentionSurgeryError, TraitError) as error:
            self._tell(str(error))


def told_head(head: tuple[int, int] | None) -> dict[str, int] | None:
    """A head as the page has it."""
    return None if head is None else {"layer": head[0], "head": head[1]}


def _written(cut: Intervention) -> dict[str, Any]:
    return {"method": cut.method} | cut.model_dump(mode="json", exclude_defaults=True)
