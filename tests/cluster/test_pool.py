"""A local Ray cluster gives the numbers of one process, digit for digit, also as machines die.

Its workers compute on one thread each, the process on two.
"""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from attention_surgery.cluster.joining import connect
from attention_surgery.errors import ModelUnavailable

# Ray replaces excepthooks, signal handlers and loggers: it gets a process of its own.
NODES = """
import time
import numpy as np, ray, torch
from pathlib import Path
from ray.cluster_utils import Cluster
from starlette.testclient import TestClient
from attention_surgery import load_model
from attention_surgery.api.factory import create_app
from attention_surgery.cluster.pool import Pool
from attention_surgery.engine.steps import drain
from attention_surgery.runs.batches import Batches
from attention_surgery.runs.request import RunRequest
from attention_surgery.settings import Settings

N = 160  # enough for the node that comes late to begin its worker
torch.set_num_threads(2)  # a worker has one
node = {"num_cpus": 1, "node_ip_address": "127.0.0.1", "object_store_memory": 80_000_000}
cluster = Cluster(initialize_head=True, head_node_args=node | {"include_dashboard": False})
second = cluster.add_node(**node)
ray.init(address=cluster.address, _node_ip_address="127.0.0.1", log_to_driver=False)

model = load_model("gpt2-mini-12x12")
fields = {"task": "ioi", "n": N, "analysis": {"name": "importance", "method": "ablation"}}
request = RunRequest.model_validate(fields)
batches = Batches.of(request, request.drawn(model.tokenizer), model)
pool = Pool(model, batches.parts, batches.batch)
found, workers = {}, []
for part in batches.parts:
    if part.start == 3:
        cluster.remove_node(second, allow_graceful=False)
    if part.start == 8:
        cluster.add_node(**node)
    found |= [pool(part, lambda: False)]
    workers.append(pool.n_workers)
pool.close()
for part in batches.parts[:6]:
    alone = drain(batches.batch(part).steps(model))
    assert np.array_equal(alone, found[part]), "other numbers"
assert sorted(found, key=lambda part: part.start) == list(batches.parts)
assert workers[7] == 1, workers
assert workers[-1] == 2, workers

settings = Settings(
    models="gpt2-mini-12x12",
    database=str(Path(FOLDER) / "store.sqlite"),
    cluster=cluster.address,
)
with TestClient(create_app(settings)) as client:
    while client.get("/health/ready").status_code != 200:
        time.sleep(0.1)
    body = fields | {"n": 5, "analysis": {"name": "importance", "method": "gradient"}}
    run = client.post("/runs", json=body).json()
    while (told := client.get("/runs/" + run["id"]).json())["state"] in ("queued", "running"):
        time.sleep(0.1)
    assert told["state"] == "done", told
    mean = client.get("/runs/" + run["id"] + "/results").json()["summary"]["mean"]
request = RunRequest.model_validate(body)
batches = Batches.of(request, request.drawn(model.tokenizer), model)
alone = np.concatenate([drain(batches.batch(part).steps(model)) for part in batches.parts])
assert np.allclose(alone.astype(float).mean(0), mean, rtol=1e-12)
print("the server is done")
ray.shutdown()
cluster.shutdown()
"""


@pytest.mark.cluster
@pytest.mark.long
def test_nodes_that_die_and_come_give_the_numbers_of_one_process(tmp_path: Path) -> None:
    # Else Ray takes the address of the network's card for 127.0.0.1.
    own = {"RAY_ENABLE_WINDOWS_OR_OSX_CLUSTER": "0", "RAY_USAGE_STATS_ENABLED": "0"}
    done = subprocess.run(
        [sys.executable, "-c", f"FOLDER = {str(tmp_path)!r}\n{NODES}"],
        env=os.environ | own | {"OMP_NUM_THREADS": "1"},
        capture_output=True,
        text=True,
        timeout=600,
    )
    assert done.returncode == 0, done.stdout + done.stderr[-3000:]
    assert "the server is done" in done.stdout


def test_the_package_does_not_import_ray_until_a_cluster_is_asked_for() -> None:
    code = "import sys, attention_surgery.cluster.joining, attention_surgery.cli"
    code += "\nprint('ray' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == "False\n"


def test_without_ray_a_cluster_is_refused_with_what_to_install(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setitem(sys.modules, "ray", None)
    with pytest.raises(ModelUnavailable, match=r'pip install "attention-surgery\[cluster\]"'):
        connect("auto")
