"""The isolation grade: one letter for what confined a candidate, derived from the layers that were really applied."""

from harness.models import Grade, Isolation


def isolation(layers: list[str], missing: list[str]) -> Isolation:
    """Grade the layers that a confined process reported before it ran anything untrusted."""

    def has(word: str) -> bool:
        return any(layer.startswith(word) for layer in layers)

    walls = has("landlock") + has("seccomp")
    if has("user, pid") and has("minimal") and walls == 2:
        grade = Grade.A if has("own uid") else Grade.B
    else:
        grade = {2: Grade.C, 1: Grade.D, 0: Grade.F}[walls]
    return Isolation(grade=grade, layers=layers, missing=missing)
