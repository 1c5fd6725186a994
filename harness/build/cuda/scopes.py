"""Where in a source the bodies of device functions are, and what stands in no function at all."""

import bisect
from dataclasses import dataclass, field

from harness.build.cuda.region import Region

_DEVICE = {"__global__", "__device__"}


@dataclass
class Scopes:
    """Stretches of one region, as pairs of token indices."""

    device: list[tuple[int, int]] = field(default_factory=list)
    """Bodies of functions that run on the device only, in order."""
    enclosing: list[int] = field(default_factory=list)
    """For each token the index of the innermost `{` around it, or -1."""
    _outside: list[tuple[int, bool]] = field(default_factory=list)

    def in_device(self, index: int) -> bool:
        """Whether the token at `index` stands in the body of a device function."""
        found = bisect.bisect_right(self.device, (index, index)) - 1
        return found >= 0 and self.device[found][0] < index < self.device[found][1]

    def in_namespace(self, index: int) -> bool:
        """Whether the token at `index` stands in no function or class."""
        found = bisect.bisect_right(self._outside, (index, True)) - 1
        return found < 0 or self._outside[found][1]


def find_scopes(region: Region) -> Scopes:
    """Look at each token of `region` once."""
    scopes = Scopes()
    _find_device(region, scopes)
    open_: list[tuple[int, bool]] = [(-1, True)]
    for index in range(len(region.tokens)):
        text = region.text(index)
        scopes.enclosing.append(open_[-1][0])
        if text == "{":
            outside = open_[-1][1] and _opens_namespace(region, index)
            open_.append((index, outside))
            scopes._outside.append((index, outside))
        elif text == "}" and len(open_) > 1:
            open_.pop()
            scopes._outside.append((index, open_[-1][1]))
    return scopes


def _find_device(region: Region, scopes: Scopes) -> None:
    index = 0
    while index < len(region.tokens):
        if region.text(index) not in _DEVICE:
            index += 1
            continue
        host = region.text(index - 1) == "__host__"
        while index < len(region.tokens) and region.text(index) not in {";", "{", "}", "="}:
            host = host or region.text(index) == "__host__"
            index = region.skip(index) + 1
        close = region.close(index)
        if region.text(index) == "{" and close > index and not host:
            scopes.device.append((index, close))
            index = close
        index += 1


def _opens_namespace(region: Region, index: int) -> bool:
    """Whether the `{` at `index` belongs to a namespace or to `extern "C"`."""
    before = index - 1
    if region.text(before) == '"C"':
        return region.text(before - 1) == "extern"
    while region.is_word(before) and region.text(before) not in {"namespace", "struct", "class", "union", "enum"}:
        before -= 2 if region.text(before - 1) == "::" else 1
        if index - before > 16:  # no name of a namespace has so many parts
            return False
    return region.text(before) == "namespace"
