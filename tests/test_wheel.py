"""A wheel that was installed into an empty folder works like the checkout."""

import json
import os
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from harness.suite import checkout, load_problem, named_selections, workload

ROOT = checkout()


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Build the wheel with the backend of this environment: no network."""
    pytest.importorskip("hatchling", reason="the dev extra is not installed")
    folder = tmp_path_factory.mktemp("wheel")
    pip("wheel", "--no-deps", "--no-build-isolation", "--wheel-dir", str(folder), str(ROOT))
    (built,) = folder.glob("kernel_harness-*.whl")
    return built


@pytest.fixture(scope="module")
def site(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Install the wheel into a folder of its own."""
    folder = tmp_path_factory.mktemp("site")
    pip("install", "--no-deps", "--target", str(folder), str(wheel))
    return folder


def pip(*arguments: str) -> None:
    command = [sys.executable, "-m", "pip", "--quiet", "--disable-pip-version-check", *arguments]
    done = subprocess.run(command, capture_output=True, text=True, timeout=300, check=False)
    assert done.returncode == 0, done.stderr[-2000:]


def run(site: Path, cwd: Path, *command: str) -> str:
    """Run the installed package from a folder that has nothing to do with the checkout."""
    environment = {"PATH": os.environ["PATH"], "PYTHONPATH": str(site), "HOME": str(cwd)}
    done = subprocess.run(
        [sys.executable, *command], cwd=cwd, env=environment, capture_output=True, text=True, timeout=120, check=False
    )
    assert done.returncode == 0, done.stderr[-2000:]
    return done.stdout


def test_carries_every_source_and_all_content(wheel: Path):
    assert ROOT is not None
    names = set(zipfile.ZipFile(wheel).namelist())
    kinds = {".py", ".c", ".h", ".cpp", ".toml", ".j2", ".md", ".typed"}
    expected = {
        path.relative_to(ROOT).as_posix()
        for path in (ROOT / "harness").rglob("*")
        if path.suffix in kinds and "_content" not in path.parts
    }
    for content in ("problems", "agents"):
        expected |= {
            f"harness/_content/{path.relative_to(ROOT).as_posix()}"
            for path in (ROOT / content).rglob("*")
            if path.suffix in kinds
        }
    assert expected <= names
    assert not [name for name in names if "__pycache__" in name or name.startswith("tests")]
    assert {name.split("/")[0].split("-")[0] for name in names} == {"harness", "kernel_harness"}


def test_finds_the_problems_without_the_checkout(site: Path, tmp_path: Path):
    rows = json.loads(run(site, tmp_path, "-m", "harness", "problems", "list", "--json"))
    assert {*named_selections()["quickstart"].problems} <= {row["id"] for row in rows}
    shown = run(site, tmp_path, "-m", "harness", "problems", "show", "level1/23", "--tier", "ci")
    assert shown == workload(load_problem("level1/23"), "ci").source


def test_runs_lie_in_the_working_directory(site: Path, tmp_path: Path):
    settings = json.loads(run(site, tmp_path, "-m", "harness", "config", "--json"))
    assert settings["runs_dir"] == str(tmp_path / "results" / "runs")


def test_the_version_is_the_checkouts(site: Path, tmp_path: Path):
    import harness

    script = "import harness, importlib.metadata as m; print(harness.__version__, m.version('kernel-harness'))"
    assert run(site, tmp_path, "-c", script).split() == [harness.__version__] * 2
