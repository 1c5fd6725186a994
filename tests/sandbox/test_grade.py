"""One letter from the layers that held."""

import pytest

from harness.models import Grade
from harness.sandbox import Profile, isolation, probe

NAMESPACES, ROOT, UID = "user, pid, mount, network, ipc namespaces", "minimal read-only root", "own uid"
LANDLOCK, SECCOMP, REST = "landlock (ABI 5)", "seccomp (no exec)", ["limits", "no_new_privs"]


@pytest.mark.parametrize(
    ("layers", "grade"),
    [
        ([NAMESPACES, ROOT, UID, LANDLOCK, SECCOMP], Grade.A),
        ([NAMESPACES, ROOT, LANDLOCK, SECCOMP], Grade.B),
        ([NAMESPACES, UID, LANDLOCK, SECCOMP], Grade.C),
        ([UID, LANDLOCK, SECCOMP], Grade.C),
        ([LANDLOCK, SECCOMP], Grade.C),
        ([NAMESPACES, ROOT, UID, SECCOMP], Grade.D),
        ([NAMESPACES, ROOT, UID, LANDLOCK], Grade.D),
        ([SECCOMP], Grade.D),
        ([NAMESPACES, ROOT, UID], Grade.F),
        ([], Grade.F),
    ],
)
def test_a_grade_is_what_the_layers_are_worth(layers: list[str], grade: Grade) -> None:
    judged = isolation([*layers, *REST], ["something: why"])
    assert judged.grade is grade
    assert judged.layers == [*layers, *REST]
    assert judged.missing == ["something: why"]


def test_the_probe_reports_what_a_confined_process_said() -> None:
    found = probe()
    assert "limits" in found.layers
    assert found.grade is isolation(found.layers, found.missing).grade
    assert (found.grade is Grade.A) == (not found.missing)


def test_a_profile_survives_the_journey_to_the_server() -> None:
    profile = Profile(
        readable=("/usr", "/a b"), root="/tmp/x", cores=(1, 2), environment=(("A", "1"),), may_exec=True, cpu_s=3
    )
    assert Profile.from_json(profile.to_json()) == profile
