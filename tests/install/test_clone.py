"""The clone: `make` on machines of the test's own, whose tools note how they were called.

What is missing is said in one sentence before anything is installed, and what was interrupted is
begun anew. The real install, from an empty folder, is what every run of the tests begins with.
"""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
SYSTEM = ("sh", "find", "touch", "mkdir", "rm", "cp", "ls", "cat", "env", "dirname", "sleep")

# make.py runs in a real Python that takes this script for itself; venv and pip only take notes.
PYTHON = """\
#!/bin/sh
case "$*" in
  make.py*) exec {real} {runner} "$0" "$@" ;;
esac
echo "python $*" >> {log}
case "$*" in
  *"config list"*) if [ -e {machine}/configured ]; then echo "global.index-url='x'"; fi ;;
  "-m pip"*) if [ -e {machine}/interrupt ]; then exit 1; fi ;;
  "-m venv --clear"*) rm -rf .venv; mkdir -p .venv/bin; cp "$0" .venv/bin/python ;;
  "-m venv"*) mkdir -p .venv/bin; cp "$0" .venv/bin/python ;;
  *serve) if [ -e {machine}/stay ]; then
    trap 'sleep 0.6; echo ended >> {log}; exit 0' INT
    while :; do sleep 0.1; done
  fi ;;
esac
"""
RUNNER = """\
import io, os, runpy, sys, urllib.request
sys.executable, sys.argv = sys.argv[1], sys.argv[2:]
if "VERSION" in os.environ:
    sys.version_info = tuple(map(int, os.environ["VERSION"].split(".")))
def urlopen(*_, **__):
    if "OFFLINE" in os.environ:
        raise OSError("no network")
    return io.BytesIO()
urllib.request.urlopen = urlopen
sys.platform = "linux"
runpy.run_path("make.py", run_name="__main__")
"""
NPM = """\
#!/bin/sh
echo "npm $*" >> {log}
if [ -e {machine}/interrupt ]; then mkdir -p node_modules/half; exit 1; fi
case "$*" in
  ci*) rm -rf node_modules; mkdir -p node_modules ;;
  *build*) mkdir -p dist; touch dist/index.html ;;
esac
"""
CPU = "--index-url https://download.pytorch.org/whl/cpu torch=="


class Machine:
    """A folder with a checkout, and a PATH with what the test puts there."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.bin, self.log = folder, folder / "bin", folder / "log"
        self.checkout = folder / "checkout"
        (self.checkout / "frontend" / "src").mkdir(parents=True)
        self.bin.mkdir()
        for name in ("Makefile", "make.py", "requirements.txt", "pyproject.toml"):
            shutil.copy(ROOT / name, self.checkout)
        for name in ("index.html", "reference.html", "package-lock.json"):
            shutil.copy(ROOT / "frontend" / name, self.checkout / "frontend")
        for name in SYSTEM:
            found = shutil.which(name)
            assert found, name
            (self.bin / name).symlink_to(found)
        (folder / "runner.py").write_text(RUNNER)
        self.log.touch()
        self.put("python3", PYTHON)
        self.put("npm", NPM)
        self.put("node", "#!/bin/sh\necho v20.19.0\n")

    def put(self, name: str, script: str) -> None:
        file = self.bin / name
        names = {"real": sys.executable, "runner": self.folder / "runner.py"}
        names |= {"log": self.log, "machine": self.folder}
        for key, value in names.items():
            script = script.replace(f"{{{key}}}", str(value))
        file.write_text(script)
        file.chmod(0o755)

    def make(self, *words: str, **variables: str) -> subprocess.CompletedProcess[str]:
        make = shutil.which("make")
        assert make
        return subprocess.run(
            [make, *words],
            cwd=self.checkout,
            env={"PATH": str(self.bin), "HOME": str(self.folder)} | variables,
            capture_output=True,
            text=True,
        )

    def calls(self) -> list[str]:
        """What was called since the last look."""
        lines = self.log.read_text().splitlines()
        self.log.write_text("")
        return [line for line in lines if "config list" not in line]


@pytest.fixture
def machine(tmp_path: Path) -> Machine:
    return Machine(tmp_path)


def said(done: subprocess.CompletedProcess[str]) -> list[str]:
    lines = (done.stdout + done.stderr).splitlines()
    return [line for line in lines if line and not line.startswith("make")]


def assert_refused(machine: Machine, done: subprocess.CompletedProcess[str], words: str) -> None:
    assert done.returncode != 0
    (sentence,) = said(done)
    assert words in sentence
    assert machine.calls() == []
    assert not (machine.checkout / ".venv").exists()


def test_a_fresh_machine_is_set_up_once(machine: Machine) -> None:
    assert machine.make("frontend/dist/index.html", "setup").returncode == 0
    calls = machine.calls()
    assert [call for call in calls if call.startswith("npm")] == [
        "npm ci --no-audit --no-fund --loglevel=error",
        "npm run --silent build",
    ]
    assert any("-r requirements.txt" in call for call in calls)
    assert machine.make("frontend/dist/index.html", "setup").returncode == 0
    assert machine.calls() == []


def test_a_missing_python_is_said(machine: Machine) -> None:
    (machine.bin / "python3").unlink()
    assert_refused(machine, machine.make("setup"), "Python 3.11 or newer is needed")


def test_an_old_python_is_said(machine: Machine) -> None:
    done = machine.make("setup", VERSION="3.9.2")
    assert_refused(machine, done, "Python 3.11 or newer is needed, and this is 3.9.2")


@pytest.mark.parametrize("program", ["node", "npm"])
def test_missing_node_is_said(machine: Machine, program: str) -> None:
    (machine.bin / program).unlink()
    assert_refused(machine, machine.make("setup"), f"there is no `{program}`: install one")


def test_an_old_node_is_said(machine: Machine) -> None:
    machine.put("node", "#!/bin/sh\necho v18.20.1\n")
    assert_refused(machine, machine.make("setup"), "Node.js 20.19 or newer is needed, and this is")


def test_an_old_make_is_said(machine: Machine) -> None:
    done = machine.make("setup", "MAKE_VERSION=3.80")
    assert done.returncode != 0
    assert "GNU make 3.81 or newer is needed, and this is 3.80" in done.stderr
    assert machine.calls() == []


def test_an_interrupted_pip_is_begun_anew(machine: Machine) -> None:
    (machine.folder / "interrupt").touch()
    failed = machine.make("setup")
    assert failed.returncode != 0
    assert "The same command begins it anew." in failed.stderr
    (machine.checkout / ".venv" / "half").touch()
    machine.calls()
    (machine.folder / "interrupt").unlink()
    assert machine.make("setup").returncode == 0
    assert machine.calls()[0].startswith("python -m venv --clear")
    assert not (machine.checkout / ".venv" / "half").exists()
    assert machine.make("setup").returncode == 0
    assert machine.calls() == []


def test_an_interrupted_npm_is_begun_anew(machine: Machine) -> None:
    assert machine.make(".venv/.installed").returncode == 0
    machine.calls()
    (machine.folder / "interrupt").touch()
    assert machine.make("setup").returncode != 0
    (machine.folder / "interrupt").unlink()
    assert machine.make("setup").returncode == 0
    assert machine.calls() == ["npm ci --no-audit --no-fund --loglevel=error"] * 2
    assert not (machine.checkout / "frontend" / "node_modules" / "half").exists()


def test_new_pins_are_installed_into_what_is_there(machine: Machine) -> None:
    assert machine.make("setup").returncode == 0
    machine.calls()
    stamp = (machine.checkout / ".venv" / ".installed").stat()
    pins = machine.checkout / "requirements.txt"
    pins.touch()
    assert pins.stat().st_mtime >= stamp.st_mtime
    assert machine.make("setup").returncode == 0
    assert machine.calls()[0] == f"python -m venv {machine.checkout}/.venv"


def test_without_a_gpu_the_cpu_build_of_torch_is_taken(machine: Machine) -> None:
    done = machine.make("setup")
    assert "There is no GPU here: taking the CPU build of torch." in done.stdout
    pips = [call for call in machine.calls() if "pip install" in call]
    assert CPU in pips[0]
    assert "--no-deps" in pips[0]
    assert "-r requirements.txt" in pips[1]


@pytest.mark.parametrize("why", ["gpu", "configured", "given", "offline"])
def test_where_others_decide_torch_is_what_they_say(machine: Machine, why: str) -> None:
    variables: dict[str, str] = {}
    match why:
        case "gpu":
            machine.put("nvidia-smi", "#!/bin/sh\n")
        case "configured":
            (machine.folder / "configured").touch()
        case "given":
            variables = {"PIP_ARGS": "--extra-index-url https://mirror.example"}
        case _:
            variables = {"OFFLINE": "1"}
    assert machine.make("setup", **variables).returncode == 0
    pips = [call for call in machine.calls() if "pip install" in call]
    assert not any(CPU in call for call in pips)
    assert ("mirror.example" in pips[0]) == (why == "given")


def without_make(machine: Machine) -> subprocess.Popen[str]:
    """`make.py run`, in a group of its own as a terminal has it."""
    return subprocess.Popen(
        [machine.bin / "python3", "make.py", "run"],
        cwd=machine.checkout,
        env={"PATH": str(machine.bin), "HOME": str(machine.folder)},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.default_int_handler),
    )


def test_where_there_is_no_make_one_command_does_the_same(machine: Machine) -> None:
    with without_make(machine) as running:
        _, errors = running.communicate()
    assert running.returncode == 0, errors
    assert machine.calls()[-2:] == [
        "npm run --silent build",
        "python -m attention_surgery serve",
    ]


def test_an_interrupt_without_make_waits_for_the_server(machine: Machine) -> None:
    (machine.folder / "stay").touch()
    with without_make(machine) as running:
        while "serve" not in machine.log.read_text():
            assert running.poll() is None
            time.sleep(0.02)
        os.killpg(running.pid, signal.SIGINT)
        _, errors = running.communicate()
    assert (running.returncode, errors) == (0, "")
    assert machine.calls()[-1] == "ended"
