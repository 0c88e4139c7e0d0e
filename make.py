"""Sets a checkout up and runs it: what `make` calls, and what to call where there is no make.

    python3 make.py run      installs what is missing, builds the page, serves it (py make.py run)
    python3 make.py setup    installs alone

An install that was interrupted is begun anew. Needs nothing but Python, and speaks to older ones.
"""

import os
import re
import shutil
import subprocess
import sys
import urllib.request
from pathlib import Path

ROOT = Path(__file__).resolve().parent
PYTHON, NODE = (3, 11), (20, 19)
CPU_INDEX = "https://download.pytorch.org/whl/cpu"
VENV = ROOT / ".venv"
VENV_PYTHON = VENV / ("Scripts/python.exe" if os.name == "nt" else "bin/python")
# The stamp is the last thing an install writes; the mark is there while it is under way.
VENV_STAMP, VENV_MARK = VENV / ".installed", ROOT / ".venv.installing"
MODULES_STAMP = ROOT / "frontend" / "node_modules" / ".installed"
PAGE = ROOT / "frontend" / "dist" / "index.html"


def main(words):
    command = words[0] if len(words) == 1 else None
    if command not in ("setup", "python", "node", "page", "run"):
        return "Say what to do: python3 make.py run, or python3 make.py setup."
    wrong = missing()
    if wrong is not None:
        return wrong
    if command in ("setup", "python", "run"):
        install_python()
    if command in ("setup", "node", "run"):
        install_node()
    if command in ("page", "run"):
        build_page()
    return serve() if command == "run" else 0


def missing():
    """What the machine lacks, in a sentence; looked for before anything is installed."""
    if sys.version_info[:2] < PYTHON:
        example = "py -3.12 make.py run" if os.name == "nt" else "make run PYTHON=python3.12"
        return (
            "Python {}.{} or newer is needed, and this is {}: install one from "
            "https://www.python.org/downloads and name it, as in `{}`."
        ).format(*PYTHON, ".".join(map(str, sys.version_info[:3])), example)
    how = "install one from https://nodejs.org/download, or with your system's packages."
    for program in ("node", "npm"):
        if shutil.which(program) is None:
            return "Node.js {}.{} or newer is needed, and there is no `{}`: {}".format(
                *NODE, program, how
            )
    said = subprocess.run(["node", "--version"], stdout=subprocess.PIPE).stdout.decode().strip()
    found = re.match(r"v(\d+)\.(\d+)", said)
    if found is None or tuple(map(int, found.groups())) < NODE:
        return "Node.js {}.{} or newer is needed, and this is {}: {}".format(
            *NODE, said or "none that starts", how
        )
    return None


def install_python():
    if fresh(VENV_STAMP, [ROOT / "requirements.txt", ROOT / "pyproject.toml"]):
        return
    print("Installing the Python packages into .venv; torch is large, so this takes some minutes.")
    begin_anew = ["--clear"] if VENV_MARK.exists() else []
    VENV_MARK.touch()
    run([sys.executable, "-m", "venv", *begin_anew, str(VENV)])
    given = os.environ.get("PIP_ARGS", "").split()
    pip = [str(VENV_PYTHON), "-m", "pip", "install", "--quiet"]
    if not given and wants_cpu_torch():
        run([*pip, "--no-compile", "--no-deps", "--index-url", CPU_INDEX, pin_of("torch")])
    # Python compiles a module when it is first imported, and most of these never are.
    run([*pip, "--no-compile", *given, "-r", "requirements.txt"])
    run([*pip, "--no-deps", "--editable", "."])
    VENV_STAMP.touch()
    VENV_MARK.unlink()


def install_node():
    if fresh(MODULES_STAMP, [ROOT / "frontend" / "package-lock.json"]):
        return
    # npm ci removes what is there, so that half of an install is never built on.
    run([shutil.which("npm"), "ci", "--no-audit", "--no-fund", "--loglevel=error"], "frontend")
    MODULES_STAMP.touch()


def build_page():
    folders = (ROOT / "frontend" / "src", ROOT / "frontend" / "public")
    sources = [path for folder in folders for path in folder.rglob("*")]
    if not fresh(PAGE, [*sources, MODULES_STAMP, *(ROOT / "frontend").glob("*.html")]):
        run([shutil.which("npm"), "run", "--silent", "build"], "frontend")
        PAGE.touch()


def serve():
    server = subprocess.Popen([str(VENV_PYTHON), "-m", "attention_surgery", "serve"], cwd=str(ROOT))
    while True:
        try:
            return server.wait()
        except KeyboardInterrupt:
            pass  # the server has had it too, and lets what runs end


def fresh(stamp, sources):
    """Whether a stamp is there and no source is newer."""
    return stamp.exists() and all(
        source.stat().st_mtime <= stamp.stat().st_mtime for source in sources
    )


def wants_cpu_torch():
    """Linux without a GPU, where PyPI's torch is some gigabytes of CUDA that would lie idle.

    Where pip is told of other indexes, they decide; where PyTorch's cannot be reached, PyPI does.
    """
    if sys.platform != "linux" or shutil.which("nvidia-smi") or Path("/dev/nvidiactl").exists():
        return False
    configured = subprocess.run(
        [str(VENV_PYTHON), "-m", "pip", "config", "list"], stdout=subprocess.PIPE, check=False
    ).stdout.decode()
    if re.search(r"\b(index-url|extra-index-url|find-links|no-index)=", configured):
        return False
    try:
        urllib.request.urlopen(CPU_INDEX + "/torch/", timeout=10).close()
    except OSError:
        print("PyTorch's own index cannot be reached: taking the larger torch of PyPI.")
        return False
    print("There is no GPU here: taking the CPU build of torch.")
    return True


def pin_of(package):
    lines = (ROOT / "requirements.txt").read_text().splitlines()
    return next(line for line in lines if line.startswith(package + "=="))


def run(command, folder="."):
    done = subprocess.run(list(map(str, command)), cwd=str(ROOT / folder))
    if done.returncode:
        sys.exit("That failed, for the reason above. The same command begins it anew.")


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
