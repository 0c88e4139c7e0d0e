"""What MkDocs calls while it builds the manual; see `mkdocs.yml`."""

from __future__ import annotations

import re
from typing import Any

from mkdocs.config.defaults import MkDocsConfig
from mkdocs.exceptions import PluginError
from mkdocs.structure.files import File, Files
from mkdocs.structure.pages import Page

from manual import mathml, names, notebooks
from manual.links import ROOT, TAKEN_IN, relinked
from manual.reference import pages

PICTURE = re.compile(r"!\[|<img |<svg |^```mermaid", re.MULTILINE)
# What has no subject of its own to show.
WITHOUT_PICTURE = ("project/",)


def on_config(config: MkDocsConfig) -> MkDocsConfig:
    """The analyses' pages take their place in the table of contents."""
    made = [page for page in pages() if page.startswith("reference/analyses/")]
    for section in config.nav or ():
        for entries in section.values():
            _put(entries, "reference/analyses/", made)
    return config


def _put(entries: Any, folder: str, made: list[str]) -> None:
    if not isinstance(entries, list):
        return
    for entry in entries:
        if isinstance(entry, dict):
            for name, inside in entry.items():
                if inside == folder:
                    entry[name] = made
                else:
                    _put(inside, folder, made)


def on_files(files: Files, config: MkDocsConfig) -> Files:
    """Add the pages that are made: of the code, of notebooks, of files elsewhere."""
    for address, text_of in pages().items():
        files.append(File.generated(config, address, content=text_of()))
    for file, address in TAKEN_IN.items():
        text = relinked((ROOT / file).read_text("utf-8"), file, address)
        files.append(File.generated(config, address, content=text))
    for notebook in sorted((ROOT / "docs" / "notebooks").glob("*.ipynb")):
        text, pictures = notebooks.page_of(notebook)
        address = f"notebooks/{notebook.stem}.md"
        text = relinked(text, f"docs/notebooks/{notebook.name}", address)
        files.append(File.generated(config, address, content=text))
        for name, content in pictures.items():
            files.append(File.generated(config, f"notebooks/{name}", content=content))
    return files


def on_page_markdown(markdown: str, page: Page, config: MkDocsConfig, files: Files) -> str:
    """Links to other files of the repository hold here too; no page is without its picture."""
    address = page.file.src_uri
    if page.file.generated_by is None:
        markdown = relinked(markdown, f"docs/{address}", address)
    if not address.startswith(WITHOUT_PICTURE) and not PICTURE.search(markdown):
        raise PluginError(f"{address} has no picture of what it speaks of.")
    return markdown


def on_page_content(html: str, page: Page, config: MkDocsConfig, files: Files) -> str:
    return mathml.drawn(html)


def on_post_page(output: str, page: Page, config: MkDocsConfig) -> str:
    return names.breakable(output)
