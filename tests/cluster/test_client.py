"""A real server of Ray clients: a run that reaches its cluster only through it."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest

ROOT = Path(__file__).parents[2]
OWN = {"RAY_ENABLE_WINDOWS_OR_OSX_CLUSTER": "0", "OMP_NUM_THREADS": "1", "HF_HUB_OFFLINE": "1"}
OWN |= {
    "RAY_AUTH_MODE": "token",
    "RAY_AUTH_TOKEN": "known to both",
}
RUN = """
task: ioi
n: 4
model: gpt2-mini-12x12
analysis: {name: importance, method: gradient}
"""


@pytest.fixture
def address(tmp_path: Path) -> Iterator[str]:
    """Of a cluster of one node, which ends with the test."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    command = [str(Path(sys.executable).with_name("ray")), "start", "--head", "--block"]
    command += ["--node-ip-address=127.0.0.1", "--port=0", f"--ray-client-server-port={port}"]
    command += ["--num-cpus=1", "--object-store-memory=80000000"]
    command += ["--include-dashboard=false", "--disable-usage-stats"]
    # Not where Ray looks for a cluster of this machine; and short, because sockets lie there.
    folder = TemporaryDirectory(prefix="ray", ignore_cleanup_errors=True)
    command.append(f"--temp-dir={folder.name}")
    environment = os.environ | OWN | {"PYTHONPATH": str(ROOT)}
    with (tmp_path / "ray.log").open("w") as log:
        for _ in range(3):  # on a busy machine it gives up after 30 seconds
            head = subprocess.Popen(command, env=environment, stdout=log, stderr=log)
            while head.poll() is None and not answers(port):
                time.sleep(0.2)
            if head.poll() is None:
                break
    yield f"ray://127.0.0.1:{port}"
    head.terminate()
    head.wait(60)
    folder.cleanup()


def answers(port: int) -> bool:
    with socket.socket() as looking:
        return looking.connect_ex(("127.0.0.1", port)) == 0


@pytest.mark.cluster
@pytest.mark.long
def test_a_run_through_rays_client_gives_the_digits_of_one_without(
    address: str, tmp_path: Path
) -> None:
    (tmp_path / "run.yaml").write_text(RUN)

    def scores(name: str, *options: str) -> str:
        output = tmp_path / name
        command = ["run", str(tmp_path / "run.yaml"), "--output", str(output), *options]
        for _ in range(3):  # for each client Ray starts a process, which may be late
            done = subprocess.run(
                [sys.executable, "-m", "attention_surgery", *command],
                env=os.environ | OWN | {"ATTENTION_SURGERY_THREADS": "1"},
                cwd=ROOT,
                capture_output=True,
                text=True,
                timeout=240,
            )
            if "Initialization failure" not in done.stderr:
                break
        assert done.returncode == 0, done.stderr + (tmp_path / "ray.log").read_text()
        return output.read_text()

    alone, far = scores("alone.csv"), scores("far.csv", "--cluster", address)
    assert alone.count("\n") == 1 + 4 * 144
    assert far == alone
