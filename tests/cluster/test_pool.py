"""A local Ray cluster gives the numbers of one process, digit for digit, also as machines die."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest

from attention_surgery.cluster.pool import connect
from attention_surgery.errors import ModelUnavailable

# Ray replaces excepthooks, signal handlers and loggers: it gets a process of its own.
TWO_NODES = """
import numpy as np, ray, torch
from ray.cluster_utils import Cluster
from attention_surgery import load_model
from attention_surgery.cluster.pool import Pool, Weights
from attention_surgery.runs.measure import measure_named
from attention_surgery.tasks import generate

N = 10
torch.set_num_threads(1)
node = {"num_cpus": 1, "node_ip_address": "127.0.0.1", "object_store_memory": 80_000_000}
cluster = Cluster(initialize_head=True, head_node_args=node | {"include_dashboard": False})
second = cluster.add_node(**node)
ray.init(address=cluster.address, _node_ip_address="127.0.0.1", log_to_driver=False)

model = load_model("gpt2-mini-12x12")
task = generate("ioi", model.tokenizer, n=N)
measure = measure_named("importance")
asked = lambda item: measure.request_for(task.items[item], {"method": "ablation"}, task.metric)
alone = [measure.scores(asked(item).run(model)) for item in range(N)]

pool = Pool(Weights("gpt2-mini-12x12", "float32", model.revision), range(N), asked)
found, workers = [], []
for item in range(N):
    if item == 3:
        cluster.remove_node(second, allow_graceful=False)
    found.append(pool(item, lambda: False))
    workers.append(pool.n_workers)
pool.close()
assert all(np.array_equal(*both) for both in zip(alone, found)), "other numbers"
assert workers[-1] == 1, workers

other = Pool(Weights("gpt2-mini-12x12", "float32", "another"), range(N), asked)
try:
    other(0, lambda: False)
except Exception as error:
    print(error)
other.close()
ray.shutdown()
cluster.shutdown()
"""


@pytest.mark.long
def test_two_nodes_of_which_one_dies_give_the_numbers_of_one_process() -> None:
    # Else Ray takes the address of the network's card for 127.0.0.1.
    own = {"RAY_ENABLE_WINDOWS_OR_OSX_CLUSTER": "0", "RAY_USAGE_STATS_ENABLED": "0"}
    done = subprocess.run(
        [sys.executable, "-c", TWO_NODES],
        env=os.environ | own | {"OMP_NUM_THREADS": "1"},
        capture_output=True,
        text=True,
        timeout=240,
    )
    assert done.returncode == 0, done.stderr[-3000:]
    assert "has other weights of gpt2-mini-12x12" in done.stdout


def test_the_package_does_not_import_ray_until_a_cluster_is_asked_for() -> None:
    code = "import sys, attention_surgery.cluster.pool, attention_surgery.cli"
    code += "\nprint('ray' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == "False\n"


def test_without_ray_a_cluster_is_refused_with_what_to_install(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setitem(sys.modules, "ray", None)
    with pytest.raises(ModelUnavailable, match=r"pip install 'attention-surgery\[cluster\]'"):
        connect("auto")
