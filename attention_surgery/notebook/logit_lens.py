"""What the model believes after every layer."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any, ClassVar

from traitlets import Int

from attention_surgery.analyses.logit_lens import LogitLens as Answer
from attention_surgery.analyses.logit_lens import LogitLensRequest
from attention_surgery.errors import InvalidSetting
from attention_surgery.notebook.part import Part

if TYPE_CHECKING:
    from attention_surgery.engine.model import Model

# Columns of the table: as many as the page shows at once.
MOST_POSITIONS = 48


class LogitLens(Part):
    """The logit lens of both runs: layers by positions, and one position closely.

    Attributes:
        position: the one that is shown closely; a click in the table chooses another.
        result: a `LogitLens` at the last 48 positions, or at those asked for.
    """

    analysis: ClassVar[type[LogitLensRequest]] = LogitLensRequest
    looked: ClassVar[tuple[str, ...]] = ("position",)

    position = Int()

    def __init__(
        self,
        model: Model,
        prompt: str,
        ablations: Iterable[object] = (),
        *,
        positions: Iterable[int] | None = None,
        **settings: Any,
    ) -> None:
        """
        Args:
            positions: of the table, the last 48 when None; its last is shown closely at first.
            settings: the other fields of `LogitLensRequest`: continuation, top_k, target,
                prepend_bos.

        Raises:
            InvalidPrompt, PromptTooLong, InvalidSetting, UnknownHead, DuplicateHead
        """
        self._chosen = None if positions is None else tuple(positions)
        fields = {"prompt": prompt, "ablations": ablations, "position": -1}
        super().__init__(model, {"top_k": 5} | settings, **fields)

    def request(self) -> LogitLensRequest:
        asked = {"prompt": self.prompt, "ablations": self.ablations, **self._settings}
        request = self.analysis.ask(**asked, positions=self._chosen)
        if self._chosen is None:
            read = self.model.tokenize(self.prompt, request.prepend_bos)
            length = len(read) + len(request.continuation)
            window = range(max(0, length - MOST_POSITIONS), length)
            request = request.model_copy(update={"positions": tuple(window)})
        return request

    def shown(self) -> dict[str, Any]:
        return {"position": self.position}

    def check_look(self) -> None:
        read = self._read()
        if self.position not in read:
            raise InvalidSetting(
                f"Position {self.position} was not read: the lens shows {read[0]} to {read[-1]}."
            )

    def _measure(self) -> None:
        self.result = self.request().run(self.model)
        read = self._read()
        if self.position not in read:
            self.set_trait("position", read[-1])
        self._tell()

    def _read(self) -> list[int]:
        assert isinstance(self.result, Answer)
        return self.result.positions
