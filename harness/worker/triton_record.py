"""What interpreted kernels report: launches and findings, in the page that is shared with the judge.

The page has fixed size and bounded fields, and is the candidate's word to whoever reads it.
"""

from typing import Any

from harness.worker import kernel_page

KINDS = tuple(kind.value for kind in kernel_page.KINDS)
"""A kind travels as its position here."""
COUNTERS = {name: kernel_page.COUNTERS.index(name) for name in ("global_load_bytes", "global_store_bytes", "atomics")}
"""Counters that are taken here, with their positions in the page."""
WARP = 32


class Recorder:
    """Writes one worker's findings and launches into a page; without one it only keeps them."""

    def __init__(self, page: Any = None) -> None:
        self._page = page
        self.kernel = ""
        self.findings: list[dict[str, Any]] = []
        self.launched: list[dict[str, Any]] = []
        self._places: dict[tuple[Any, ...], int] = {}

    def fresh_call(self) -> None:
        """Forget what earlier calls left, once the judge has emptied the page."""
        if self._page is None or self._page.findings or self._page.launches:
            return
        self.findings.clear()
        self.launched.clear()
        self._places.clear()

    def finding(
        self,
        kind: str,
        program: tuple[int, int, int],
        line: int,
        write: bool,
        what: str,
        count: int,
        other: tuple[int, int, int] | None = None,
        other_line: int = 0,
    ) -> None:
        """Report a mistake; the same mistake at the same line of the same kernel is counted once."""
        key = (kind, self.kernel, line, write, what.split(",")[0] if kind == "race" else kind)
        place = self._places.get(key)
        if place is not None:
            self.findings[place]["count"] += count
            self._count(place, count)
            return
        self._places[key] = len(self.findings)
        self.findings.append(
            {
                "kind": kind, "kernel": self.kernel, "block": program, "line": line, "write": write, "what": what,
                "count": count, "other_block": other, "other_line": other_line,
            }
        )  # fmt: skip
        self._write(self.findings[-1])

    def _count(self, place: int, count: int) -> None:
        if self._page is not None and place < len(self._page.finding):
            self._page.finding[place].count += count

    def _write(self, found: dict[str, Any]) -> None:
        page = self._page
        if page is None:
            return
        if page.findings >= len(page.finding):
            page.dropped += 1
            return
        entry = page.finding[page.findings]
        entry.kind, entry.line, entry.write = KINDS.index(found["kind"]), found["line"], int(found["write"])
        other = found["other_block"] or (-1, -1, -1)
        for axis in range(3):
            entry.block[axis], entry.other_block[axis] = found["block"][axis], other[axis]
            entry.thread[axis] = entry.other_thread[axis] = -1
        entry.pc, entry.other_pc, entry.count = found["line"], found["other_line"], found["count"]
        entry.library = 0
        entry.kernel, entry.detail = _fit(found["kernel"], 127), _fit(found["what"], 191)
        page.findings += 1

    def launch(
        self, kernel: str, constants: dict[str, str], grid: tuple[int, int, int], warps: int, counters: dict[str, int]
    ) -> None:
        """Record a launch with its constants, which travel behind the kernel's name: `add|BLOCK=1024,num_warps=4`."""
        text = kernel + "|" + ",".join(f"{name}={value}" for name, value in constants.items())
        for position, known in enumerate(self.launched):
            if known["kernel"] == kernel and known["grid"] == grid and known["constants"] == constants:
                known["launches"] += 1
                self._again(position, counters)
                return
        self.launched.append(
            {
                "kernel": kernel,
                "grid": grid,
                "constants": constants,
                "warps": warps,
                "launches": 1,
                "counters": counters,
            }
        )
        page = self._page
        if page is None:
            return
        if page.launches >= len(page.launch):
            page.lost += 1
            return
        entry = page.launch[page.launches]
        entry.kernel = _fit(text, 127)
        for axis in range(3):
            entry.grid[axis], entry.block[axis] = grid[axis], (WARP * warps, 1, 1)[axis]
        entry.dynamic_shared = entry.static_shared = 0
        entry.launches = entry.counted_blocks = 0
        for index in range(len(entry.counters)):
            entry.counters[index] = 0
        self._add(entry, counters)
        page.launches += 1

    def _again(self, position: int, counters: dict[str, int]) -> None:
        if self._page is not None and position < len(self._page.launch):
            self._add(self._page.launch[position], counters)

    @staticmethod
    def _add(entry: Any, counters: dict[str, int]) -> None:
        entry.launches += 1
        entry.counted_blocks += entry.grid[0] * entry.grid[1] * entry.grid[2]
        for name, position in COUNTERS.items():
            entry.counters[position] += counters[name]


def symbolise(library: int, place: int) -> str | None:
    """Return the place of a finding for people: what a compiled library's offset is elsewhere is a line here."""
    return f"candidate.py:{place}" if place else None


def _fit(text: str, limit: int) -> bytes:
    return text.encode(errors="replace")[:limit]
