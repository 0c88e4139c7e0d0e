"""What a script of `frontend/scripts` finds in a browser at the page that `make run` builds."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from benchmarks.memory import PATIENCE, server, wait_for

SCRIPTS = Path(__file__).parent.parent / "frontend" / "scripts"


def figures(script: str, models: str, *arguments: str) -> dict[str, Any]:
    """What it prints of a server with these models, beside it on this machine."""
    with (
        TemporaryDirectory() as folder,
        server(models, DATABASE=str(Path(folder) / "saved.sqlite")) as (client, _),
    ):
        wait_for(client, "/health/ready")
        command = ["node", str(SCRIPTS / script), str(client.base_url), *arguments, "--json"]
        done = subprocess.run(
            command, check=True, stdout=subprocess.PIPE, text=True, timeout=PATIENCE
        )
    return dict(json.loads(done.stdout))
