"""A question to the model, cut out of a sentence whose answer is marked."""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Question:
    """A prompt of held-out wording whose next word shows whether an ability is there.

    `prompt` has no trailing space; `answer` and `foil` carry the leading space, if any, that
    joins them to it. `foil` is the wrong continuation to compare logits with; it is None where
    there is no natural one. `accepted` holds every continuation that counts as right.
    """

    prompt: str
    answer: str
    foil: str | None = None
    accepted: frozenset[str] = field(default_factory=frozenset)

    def __post_init__(self) -> None:
        if self.prompt != self.prompt.rstrip():
            raise ValueError(f"{self.prompt!r} ends in a space: give the space to the answer")
        if not self.accepted:
            object.__setattr__(self, "accepted", frozenset({self.answer}))
        if self.answer not in self.accepted or self.foil in self.accepted:
            raise ValueError(f"{self.prompt!r} must accept {self.answer!r} and not {self.foil!r}")


def ask(marked: str, foil: str | None = None, accepted: frozenset[str] = frozenset()) -> Question:
    """Cut a sentence like "The capital of France is| Paris|." before its marked answer."""
    prompt, answer, _rest = marked.split("|")
    return Question(prompt, answer, foil, accepted)


def tell(marked: str) -> str:
    """The whole sentence, without the bars around its answer."""
    return marked.replace("|", "")
