"""A script put together from its sections."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from attention_surgery.engine.origin import Origin
from attention_surgery.scripts.literals import literal
from attention_surgery.scripts.loading import READ, imports, loading

Section = str


@dataclass(frozen=True, slots=True)
class Script:
    """What is particular to one request.

    Attributes:
        body: sections, each one definition or some statements. They find `model`, `tokenizer`,
            `read(text)` and the token ids `prompt` in place.
        settings: constants at the head of the script, by name.
    """

    body: Sequence[Section]
    settings: dict[str, object] = field(default_factory=dict)


def written(script: Script, summary: str, prompt: str, prepend_bos: bool, origin: Origin) -> str:
    """The whole script, as Python formatters want it."""
    settings = {"PROMPT": prompt, "PREPEND_BOS": prepend_bos} | script.settings
    return _joined(
        [
            _heading(summary, origin),
            imports(origin, "\n".join(script.body)),
            "\n".join(f"{name} = {literal(value)}" for name, value in settings.items()),
            *loading(origin),
            READ,
            "prompt = read(PROMPT)",
            *script.body,
        ]
    )


def constants(**values: object) -> dict[str, object]:
    """Those constants that the request has."""
    return {name: value for name, value in values.items() if value is not None}


def text(continuation: Sequence[int]) -> Section:
    """The token ids `text`: the prompt, and CONTINUATION where there is one."""
    return "text = prompt + CONTINUATION" if continuation else "text = prompt"


def _heading(summary: str, origin: Origin) -> Section:
    bundled = ", and attention_surgery for its bundled model"
    lines = [
        f'"""{summary}.',
        "",
        "What Attention Surgery computes, in plain TransformerLens.",
        f'Needs: pip install "transformer-lens>=3.9,<4"{bundled * (origin.source == "bundled")}',
        *([f"Weights: revision {origin.revision}"] if origin.revision else []),
        '"""',
    ]
    return "\n".join(lines)


def _joined(sections: Iterable[Section]) -> str:
    """Two blank lines around definitions, one between statements."""
    script, before = "", ""
    for section in sections:
        apart = _ends_in_definition(before) or section.startswith(("def ", "@"))
        script += ("\n\n\n" if apart else "\n\n") * bool(script) + section
        before = section
    return script + "\n"


def _ends_in_definition(section: Section) -> bool:
    tops = [line for line in section.splitlines() if line and not line[0].isspace()]
    return bool(tops) and tops[-1].startswith("def ")
