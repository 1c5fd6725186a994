"""What a run is fixed to. A run that goes on with other problems or another agent would be two runs in one folder."""

import platform
from importlib.metadata import PackageNotFoundError, version

import harness
from harness.models import Lock
from harness.runs.preparation import Prepared

_PACKAGES = ("torch", "triton", "numpy", "openai", "anthropic")


def make_lock(prepared: Prepared) -> Lock:
    """Return the digests and versions that `prepared` stands for."""
    return Lock(
        harness_version=harness.__version__,
        problems={name: workload.sha256 for name, workload in prepared.workloads.items()},
        agent_sha256=prepared.strategy.sha256,
        prompts_sha256=prepared.prompts.digest,
        environment={
            "python": platform.python_version(),
            "kernel": platform.release(),
            **{name: found for name in _PACKAGES if (found := _version(name))},
            **{f"device {name}": str(value) for name, value in prepared.device.items()},
        },
    )


def changes(before: Lock, now: Lock) -> list[str]:
    """Return what of the questions and the agent has changed; any of it forbids going on."""
    found = [f"problem {name}" for name, digest in before.problems.items() if now.problems.get(name) != digest]
    if before.agent_sha256 != now.agent_sha256:
        found.append("the agent's file")
    if before.prompts_sha256 != now.prompts_sha256:
        found.append("the prompt templates")
    return found


def moved(before: Lock, now: Lock) -> list[str]:
    """Return what of the machine and the versions has changed: worth a warning, as times are compared across it."""
    found = [
        f"{name}: {old} -> {now.environment.get(name, 'nothing')}"
        for name, old in before.environment.items()
        if now.environment.get(name) != old
    ]
    if before.harness_version != now.harness_version:
        found.insert(0, f"harness: {before.harness_version} -> {now.harness_version}")
    return found


def _version(package: str) -> str | None:
    try:
        return version(package)
    except PackageNotFoundError:
        return None
