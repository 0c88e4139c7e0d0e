"""The manual's pictures: which there are, and how they are made.

python -m manual.pictures    the output of commands, drawn as in a terminal; and what
                             `npm run screenshots` took of the page, made small

`make pictures` does both anew.
"""

from __future__ import annotations

import os
import re
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from PIL import Image

ROOT = Path(__file__).resolve().parents[1]
SCREENSHOTS = ROOT / "docs" / "screenshots"
TERMINAL = ROOT / "docs" / "terminal"
# Where `npm run screenshots` leaves its pictures.
TAKEN = ROOT / "build" / "screenshots"
# Those of the README, which other places show too.
AS_PNG = ("light", "dark", "narrow")
QUALITY = 80
WIDEST_PANEL, EDGE = 1000, 8
COLUMNS = 100

CLEAN = "When Mary and John went to the store, John gave a drink to"
SWAPPED = "When John and Mary went to the store, Mary gave a drink to"
NAMES = ("--corrupt", SWAPPED, "--answer", " Mary", "--foil", " John")
MOVERS = [word for head in ("L6H6", "L5H9", "L4H10", "L6H5") for word in ("--cut", head)]
REPEATED = "Monday Tuesday Wednesday, Monday Tuesday Wednesday, Monday Tuesday"

# Name of the picture → the command whose output it shows.
COMMANDS: dict[str, list[str]] = {
    "help": ["--help"],
    "infer": ["infer", CLEAN, *MOVERS, "--new-tokens", "1"],
    "importance": [
        "importance",
        CLEAN,
        "--method",
        "ablation",
        "--positions",
        "last",
        "--top",
        "5",
    ],
    "lens": ["lens", CLEAN, *MOVERS],
    "patch": ["patch", CLEAN, *NAMES, "--top", "5"],
    "attribute": ["attribute", CLEAN, "--answer", " Mary", "--foil", " John"],
    "repair": ["repair", CLEAN, "--answer", " Mary", "--foil", " John"],
    "head-types": ["head-types", REPEATED],
    "tokenize": ["tokenize", CLEAN],
    "tasks": ["tasks", "ioi", "--items", "4"],
    "run": ["run", "ioi.yaml", "--top", "8"],
    "circuit-test": [
        *("circuit", "test", "--task", "ioi", "--n", "10", "--circuit", "ioi"),
        *("--measures", "faithfulness", "--measures", "minimality"),
    ],
    "circuit-search": ["circuit", "search", "--task", "ioi", "--n", "5"],
    "verify": ["verify"],
    "doctor": ["doctor"],
}
RUN = """\
task: ioi
n: 20
analysis: {name: patching, component: z}
"""


def picture(name: str, words: str, up: int = 0) -> str:
    """Markdown that shows a picture, from a page so many folders down.

    Where there is none, the link leads nowhere and the strict build fails.
    """
    places = (SCREENSHOTS / f"{name}.png", TERMINAL / f"{name}.svg", SCREENSHOTS / f"{name}.webp")
    place = next((each for each in reversed(places) if each.exists()), places[-1])
    return f"![{words}]({'../' * up}{place.relative_to(ROOT / 'docs').as_posix()})"


def main() -> None:
    shrink()
    draw_commands()


def shrink() -> None:
    """Make the screenshots small enough to be kept."""
    from PIL import Image

    for taken in sorted(TAKEN.glob("*.png")):
        with Image.open(taken) as image:
            plain = trimmed(image.convert("RGB"))
            if taken.stem in AS_PNG:
                few = plain.quantize(256, dither=Image.Dither.NONE)
                few.save(SCREENSHOTS / taken.name, optimize=True)
            else:
                plain.save(SCREENSHOTS / f"{taken.stem}.webp", quality=QUALITY, method=6)


def trimmed(image: Image.Image) -> Image.Image:
    """A panel without the empty room below what it shows."""
    import numpy as np

    if image.width > WIDEST_PANEL:
        return image
    inside = np.asarray(image)[EDGE:-EDGE, EDGE:-EDGE]
    empty = inside[-1, inside.shape[1] // 2]
    (used,) = np.nonzero((inside != empty).any(axis=(1, 2)))
    bottom = int(used[-1]) + 4 * EDGE
    return image.crop((0, 0, image.width, min(image.height, bottom)))


def draw_commands() -> None:
    """Run each command and draw what it says."""
    TERMINAL.mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory() as folder:
        (Path(folder) / "ioi.yaml").write_text(RUN)
        for name, words in COMMANDS.items():
            (TERMINAL / f"{name}.svg").write_text(drawn(words, output_of(words, folder)))
            print(name)


def output_of(words: list[str], folder: str) -> str:
    """What a command writes to a terminal, on the bundled model and with nothing of this user's."""
    environment = {
        "PATH": os.environ["PATH"],
        "PYTHONPATH": str(ROOT),
        "HOME": folder,
        "ATTENTION_SURGERY_MODELS": "gpt2-mini-12x12",
        "HF_HUB_OFFLINE": "1",
        "COLUMNS": str(COLUMNS),
        "FORCE_COLOR": "1",
        "COLORTERM": "truecolor",
        "TERM": "xterm-256color",
    }
    done = subprocess.run(
        [Path(sys.executable).with_name("attention-surgery"), *words],
        cwd=folder,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    if not done.stdout:
        raise SystemExit(f"{words}: {done.stderr}")
    # What is this machine's own, and not the reader's.
    told = done.stdout.replace(folder, "~").replace(str(ROOT), "~/attention-surgery")
    return re.sub(r"(on Linux)-\S+", r"\1", told)


def drawn(words: list[str], output: str) -> str:
    """The command and its output as SVG, in the reader's own monospaced font."""
    import io

    from rich.console import Console
    from rich.text import Text

    console = Console(record=True, width=COLUMNS, file=io.StringIO(), legacy_windows=False)
    shown = " ".join(f'"{word}"' if " " in word else word for word in words)
    console.print(f"$ attention-surgery {shown}", style="bold", markup=False, highlight=False)
    console.print(Text.from_ansi(output.rstrip()))
    svg = console.export_svg(title="attention-surgery", unique_id="t")
    return re.sub(r"@font-face \{.*?\}\s*", "", svg, flags=re.DOTALL)


if __name__ == "__main__":
    main()
