"""What hosts read is well formed, and fits the repository it describes."""

from __future__ import annotations

import json
import re
import tomllib
from pathlib import Path
from typing import Any

import pytest
import typer
import yaml
from jsonschema_rs import Draft202012Validator

from attention_surgery import __version__
from attention_surgery.api.server.proxies import TrustedProxies
from attention_surgery.cli import make_app
from attention_surgery.settings import PREFIX, Settings

ROOT = Path(__file__).parents[1]

# The part of Render's published schema (render.com/schema/render.yaml.json) that speaks of web
# services on a native runtime, in our words.
TEXT = {"type": "string", "minLength": 1}
RENDER: dict[str, Any] = {
    "type": "object",
    "required": ["services"],
    "additionalProperties": False,
    "properties": {
        "services": {
            "type": "array",
            "minItems": 1,
            "maxItems": 1,
            "items": {
                "type": "object",
                "required": ["type", "name", "runtime", "buildCommand", "startCommand"],
                "additionalProperties": False,
                "properties": {
                    "type": {"const": "web"},
                    "name": TEXT,
                    "runtime": {"const": "python"},
                    "plan": {"enum": ["free", "starter", "standard", "pro", "pro plus"]},
                    "region": {"enum": ["oregon", "ohio", "frankfurt", "singapore", "virginia"]},
                    "buildCommand": TEXT,
                    "startCommand": TEXT,
                    "healthCheckPath": {"type": "string", "pattern": "^/"},
                    "maxShutdownDelaySeconds": {"type": "integer", "minimum": 1, "maximum": 300},
                    "autoDeployTrigger": {"enum": ["off", "commit", "checksPass"]},
                    "envVars": {
                        "type": "array",
                        "items": {
                            "type": "object",
                            "required": ["key"],
                            "additionalProperties": False,
                            "properties": {
                                "key": TEXT,
                                "value": {"type": ["string", "number"]},
                                "sync": {"type": "boolean"},
                                "generateValue": {"type": "boolean"},
                            },
                        },
                    },
                },
            },
        }
    },
}


@pytest.fixture(scope="module")
def service() -> dict[str, Any]:
    blueprint = yaml.safe_load((ROOT / "render.yaml").read_text())
    Draft202012Validator(RENDER).validate(blueprint)
    found: dict[str, Any] = blueprint["services"][0]
    return found


@pytest.fixture(scope="module")
def environment(service: dict[str, Any]) -> dict[str, str]:
    return {variable["key"]: variable["value"] for variable in service["envVars"]}


def test_render_checks_a_probe_that_never_waits(service: dict[str, Any]) -> None:
    assert service["healthCheckPath"] == "/health/live"
    assert service["maxShutdownDelaySeconds"] > Settings().grace_seconds


def test_render_builds_page_and_cpu_torch(service: dict[str, Any]) -> None:
    build = service["buildCommand"]
    assert "download.pytorch.org/whl/cpu" in build
    assert build.index("npm run build") < build.index("pip install")  # the wheel holds the page
    assert "--constraint requirements.txt" in build
    assert "-r requirements.txt" not in build  # those of developers too
    assert "npm ci" in build
    assert "npm run build" in build
    assert "$PORT" in service["startCommand"]
    assert "0.0.0.0" in service["startCommand"]


def test_versions_are_pinned(environment: dict[str, str]) -> None:
    assert re.fullmatch(r"3\.(1[1-9])\.\d+", environment["PYTHON_VERSION"])
    assert re.fullmatch(r"2[0-9]\.\d+\.\d+", environment["NODE_VERSION"])


def test_the_model_cache_lies_inside_the_build(environment: dict[str, str]) -> None:
    assert environment["HF_HOME"].startswith("/opt/render/project/src/")


def test_every_setting_of_the_host_exists_and_is_valid(environment: dict[str, str]) -> None:
    names = {f"{PREFIX}{name.upper()}": name for name in Settings.model_fields}
    given = {names[key]: value for key, value in environment.items() if key.startswith(PREFIX)}
    assert given
    Settings(**given)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("forwarded", "client"),
    [
        ("198.51.100.4, 172.68.1.2", "198.51.100.4"),
        ("198.51.100.4, 172.68.1.2, 10.20.1.1", "198.51.100.4"),
        ("203.0.113.9, 198.51.100.4, 104.22.17.40", "198.51.100.4"),
        ("2001:db8::1, 2606:4700::1", "2001:db8::1"),
    ],
)
def test_on_render_the_client_is_whom_cloudflare_saw(
    environment: dict[str, str], forwarded: str, client: str
) -> None:
    proxies = TrustedProxies(environment["FORWARDED_ALLOW_IPS"])
    assert proxies.believes("10.21.157.68")
    assert proxies.client("10.21.157.68", forwarded) == client


def instructions(name: str) -> list[str]:
    text = (ROOT / "Dockerfile").read_text().replace("\\\n", "")
    return re.findall(rf"^{name} (.*)", text, re.MULTILINE)


def test_the_image_is_built_in_stages_and_runs_without_root() -> None:
    assert len(instructions("FROM")) == 3
    assert instructions("USER") == ["10001"]
    (install,) = (command for command in instructions("RUN") if "pip install" in command)
    assert "download.pytorch.org/whl/cpu" in install
    assert "--constraint requirements.txt" in install
    assert "-r requirements.txt" not in install


def test_the_image_passes_signals_to_the_server() -> None:
    (command,) = instructions("CMD")
    assert command.startswith('["python", "-m", "attention_surgery", "serve"')
    assert "/health/live" in instructions("HEALTHCHECK")[0]


def test_what_the_image_copies_exists_and_is_not_ignored() -> None:
    admitted = [line[1:] for line in (ROOT / ".dockerignore").read_text().split() if line[0] == "!"]
    for words in (text.split() for text in instructions("COPY") if "--from" not in text):
        for source in words[:-1]:
            assert (ROOT / source).exists(), source
            assert any(source.rstrip("/").startswith(path) for path in admitted), source


def read(name: str) -> Any:
    return yaml.safe_load((ROOT / name).read_text())


def test_compose_gives_the_server_its_database() -> None:
    services = read("compose.yaml")["services"]
    server, database = services["server"], services["database"]
    place = server["environment"]["ATTENTION_SURGERY_DATABASE"]
    given = re.sub(r"\$\{\w+:-(\w+)\}", r"\1", place)
    Settings(database=given)  # type: ignore[arg-type]
    kept = database["environment"]
    assert given.startswith(f"postgresql://{kept['POSTGRES_USER']}:")
    assert given.endswith(f"@database/{kept['POSTGRES_DB']}")
    assert server["depends_on"]["database"]["condition"] == "service_healthy"
    assert float(server["stop_grace_period"].removesuffix("s")) > Settings().grace_seconds
    assert server["ports"] == ["127.0.0.1:8000:8000"]


def test_workflows_run_what_runs_everywhere_and_publish_without_a_password() -> None:
    tests, publish = (read(f".github/workflows/{name}.yml") for name in ("tests", "publish"))
    for workflow in (tests, publish):
        assert workflow["permissions"] == {"contents": "read"}
        steps = [step for job in workflow["jobs"].values() for step in job["steps"]]
        assert {"run": "bash .ci/run"} in steps
        assert "secrets." not in str(workflow)
    assert publish["jobs"]["publish"]["permissions"] == {"id-token": "write"}
    assert publish["jobs"]["publish"]["needs"] == "build"


def test_what_is_watched_for_updates_is_there() -> None:
    files = {"pip": "pyproject.toml", "npm": "package-lock.json", "docker": "Dockerfile"}
    for each in read(".github/dependabot.yml")["updates"]:
        folder = ROOT / each["directory"].strip("/")
        file = files.get(each["package-ecosystem"], ".github/workflows")
        assert (folder / file).exists(), each


def test_the_version_is_one() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    assert project["version"] == __version__ == read("CITATION.cff")["version"]
    assert f"## [{__version__}]" in (ROOT / "CHANGELOG.md").read_text()


def test_hooks_call_tools_that_developers_have() -> None:
    hooks = [hook for repo in read(".pre-commit-config.yaml")["repos"] for hook in repo["hooks"]]
    scripts = json.loads((ROOT / "frontend" / "package.json").read_text())
    assert {hook["language"] for hook in hooks} == {"system"}
    for hook in hooks:
        if found := re.search(r"npm run --silent ([\w:]+)", hook["entry"]):
            assert found[1] in scripts["scripts"]
        elif "npx" in hook["entry"]:
            assert "prettier" in scripts["devDependencies"]
        else:
            assert hook["entry"].startswith(".venv/bin/ruff ")


def test_issue_forms_ask_for_the_doctor() -> None:
    for name in ("fault", "wrong_number"):
        form = read(f".github/ISSUE_TEMPLATE/{name}.yml")
        labels = [field["attributes"]["label"] for field in form["body"]]
        assert "attention-surgery doctor" in labels


def test_on_kubernetes_the_replicas_fit_the_workers_and_the_head_starts_their_server() -> None:
    cluster, service, policy = yaml.safe_load_all((ROOT / "kuberay.yaml").read_text())
    assert cluster["apiVersion"] == "ray.io/v1"
    head, (workers,) = cluster["spec"]["headGroupSpec"], cluster["spec"]["workerGroupSpecs"]
    (front,) = head["template"]["spec"]["containers"]
    (worker,) = workers["template"]["spec"]["containers"]
    words = front["args"][0].split("exec attention-surgery ")[1].split()
    options = make_context(words)
    environment = {each["name"]: each.get("value") for each in front["env"]}
    assert front["env"] == worker["env"]
    threads = int(environment["ATTENTION_SURGERY_THREADS"])
    cores = int(worker["resources"]["limits"]["cpu"]) // threads * threads
    assert options["replicas"] * threads == cores * workers["replicas"]
    assert options["cluster"] == "auto"
    names = {f"{PREFIX}{name.upper()}": name for name in Settings.model_fields}
    given = {names[key]: value for key, value in environment.items() if key in names and value}
    Settings(**given)  # type: ignore[arg-type]
    assert "$KUBERAY_GEN_RAY_START_CMD" in front["args"][0]
    assert cluster["metadata"]["annotations"]["ray.io/overwrite-container-cmd"] == "true"
    assert head["template"]["spec"]["terminationGracePeriodSeconds"] > Settings().grace_seconds
    pins = (ROOT / "requirements.txt").read_text().split()
    assert f"ray=={cluster['spec']['rayVersion']}" in pins
    assert service["spec"]["selector"]["ray.io/cluster"] == cluster["metadata"]["name"]
    opened = [rule["ports"] for rule in policy["spec"]["ingress"] if "from" not in rule]
    assert opened == [[{"port": 8000}]]


def make_context(words: list[str]) -> dict[str, Any]:
    """The options of a command line, as the program reads them."""
    command = typer.main.get_command(make_app())
    name, *rest = words
    with command.make_context("attention-surgery", words) as context:  # type: ignore[attr-defined]
        found = command.commands[name].make_context(name, rest, parent=context)  # type: ignore[attr-defined]
    options: dict[str, Any] = found.params
    return options
