"""Puts the built page into the wheel and the sdist; without one, neither can be built."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface

PAGE = "frontend/dist"
PARTS = ("index.html", "reference.html", "notebook/parts.js")
# In the wheel, beside the modules; `attention_surgery.settings` looks for it there.
PLACE = "attention_surgery/page"
MISSING = (
    f"There is no built page in {PAGE}: build it with `make wheel`, or with `npm ci && npm run "
    "build` in frontend/ first."
)


class PageHook(BuildHookInterface):
    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        if version == "editable":  # a checkout serves the page from where it is built
            return
        folder = Path(self.root) / PAGE
        if not all((folder / part).is_file() for part in PARTS):
            raise SystemExit(MISSING)
        build_data["force_include"][str(folder)] = PLACE if self.target_name == "wheel" else PAGE
