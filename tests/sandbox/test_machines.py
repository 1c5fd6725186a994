"""The same promises on machines that offer less, and when the judge itself is killed."""

import errno
import os
from typing import Any

import pytest

from tests.sandbox.machines import FAKE_KEY, REPOSITORY, Driver, driver, why_not_nobody
from tests.sandbox.support import all_end, watch

pytestmark = pytest.mark.skipif(bool(why_not_nobody()), reason=why_not_nobody() or "-")

ACTIONS: list[tuple[str, dict[str, Any]]] = [
    ("identity", {}),
    ("environment", {}),
    ("read", {"path": "/etc/shadow"}),
    ("read", {"path": "/etc/passwd"}),
    ("read", {"path": f"/proc/{os.getpid()}/environ"}),
    ("read", {"path": str(REPOSITORY / "pyproject.toml")}),
    ("names", {"path": str(REPOSITORY / "problems")}),
    ("write", {"path": "/tmp/harness-was-here"}),
    ("open_socket", {"family": 2}),
    ("open_socket", {"family": 1}),
    ("fork", {}),
    ("execute", {"path": "/bin/true"}),
    ("ptrace", {"pid": 1}),
    ("signal_parent", {}),
    ("signal_process", {"pid": os.getpid()}),
    ("allocate", {"size": 3 << 30}),
    ("threads", {"count": 4}),
]
REFUSALS = {errno.EPERM, errno.EACCES, errno.ENOENT, errno.ESRCH}


def replies_of(answered: Driver) -> dict[str, dict[str, Any]]:
    """Replies by action, where an action was tried in several ways the first that was let through."""
    found: dict[str, dict[str, Any]] = {}
    for (name, _), reply in zip(ACTIONS, answered.replies, strict=True):
        if name not in found or found[name]["value"] is None:
            found[name] = reply
    return found


@pytest.mark.parametrize(
    ("nobody", "namespaces", "grade"),
    [(False, True, "A"), (True, True, "B"), (False, False, "C"), (True, False, "C")],
    ids=["root", "user", "root without namespaces", "user without namespaces"],
)
def test_the_walls_hold_on_this_machine(nobody: bool, namespaces: bool, grade: str) -> None:
    with driver(nobody=nobody, namespaces=namespaces, actions=ACTIONS) as answered:
        assert answered.probe["grade"] == grade
        replies = replies_of(answered)
        for name in ("read", "names", "open_socket", "fork", "execute", "ptrace"):
            assert replies[name]["errno"] in REFUSALS, name
        if namespaces:
            assert replies["write"]["value"] == 1
        else:
            assert replies["write"]["errno"] == errno.EACCES, "without a private /tmp only its own folder is writable"
        assert replies["signal_process"]["errno"] in REFUSALS
        assert replies["signal_parent"]["value"] is not None, "it was not its watcher's end"
        assert replies["allocate"]["error"] == "MemoryError"
        assert replies["threads"]["value"] == 4
        assert FAKE_KEY not in replies["environment"]["value"]
        assert set(replies["identity"]["value"]["capabilities"][:3]) == {"0" * 16}
        assert (replies["identity"]["value"]["no_new_privs"], replies["identity"]["value"]["seccomp"]) == ("1", "2")
        missing = " ".join(answered.probe["missing"])
        assert ("namespaces: " in missing) == (not namespaces)
        assert ("own uid: " in missing) == nobody
        watched = watch(answered.pids)
        answered.end_tree()
        assert all_end(watched)
    assert not os.path.exists("/tmp/harness-was-here")


@pytest.mark.parametrize("namespaces", [True, False])
@pytest.mark.parametrize("nobody", [False, True])
def test_a_killed_judge_leaves_nothing_behind(nobody: bool, namespaces: bool) -> None:
    with driver(nobody=nobody, namespaces=namespaces) as answered:
        assert len(answered.pids) >= 5, "server, guardian, init, the child and what it left behind"
        watched = watch(answered.pids)
        answered.process.kill()
        assert all_end(watched)
