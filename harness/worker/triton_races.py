"""Races between the programs of one launch, which on a GPU run in any order and at once.

For every element of a region: which program wrote it last, which read it, which updated it atomically. Two programs that touch one
element, one of them changing it, race unless an atomic operation on one scalar (a lock, a ticket) lies between them: those order
what came before in one program and what comes after in the other (vector clocks, Lamport 1978, Mattern 1989). Writing the value that is
there already is no race, and neither are atomics among each other.
"""

from typing import Any, Protocol

import numpy as np

from harness.worker.triton_record import Recorder

Array = np.ndarray[Any, Any]
NOBODY, SEVERAL = -1, -2


class Place(Protocol):
    """What is watched."""

    base: int
    size: int
    name: str


class _Shadow:
    """Who touched each element of one region, last."""

    def __init__(self, elements: int) -> None:
        self.writer = np.full(elements, NOBODY, np.int32)
        self.wrote_at = np.zeros(elements, np.int32)
        self.reader = np.full(elements, NOBODY, np.int32)
        self.updater = np.full(elements, NOBODY, np.int32)
        self.updated_at = np.zeros(elements, np.int32)
        self.writes = self.reads = self.updates = False


class Watch:
    """Watches one launch."""

    def __init__(self, recorder: Recorder) -> None:
        self._recorder = recorder
        self._shadows: dict[tuple[int, int], _Shadow] = {}
        self._item: dict[int, int] = {}
        self._numbers: dict[tuple[int, int, int], int] = {}
        self._programs: list[tuple[int, int, int]] = []
        self._clock: dict[int, int] = {}
        self._seen: dict[int, dict[int, int]] = {}
        self._released: dict[tuple[int, int], dict[int, int]] = {}
        self._lines: dict[tuple[int, int, str], int] = {}

    def _shadow(self, region: Place, item: int) -> tuple[_Shadow, int]:
        """Return the shadow, and how many of its elements an access of `item` bytes covers, as a shift of indices."""
        unit = self._item.setdefault(region.base, item)
        key = (region.base, region.size)
        if key not in self._shadows:
            self._shadows[key] = _Shadow(region.size // unit + 1)
        return self._shadows[key], item.bit_length() - unit.bit_length()

    def _number(self, program: tuple[int, int, int]) -> int:
        number = self._numbers.get(program)
        if number is None:
            number = self._numbers[program] = len(self._programs)
            self._programs.append(program)
        return number

    @staticmethod
    def _scaled(indices: Array, shift: int) -> Array:
        return indices << shift if shift > 0 else indices >> -shift if shift else indices

    def read(self, region: Place, indices: Array, item: int, program: tuple[int, int, int], line: int) -> None:
        """A plain load."""
        shadow, shift = self._shadow(region, item)
        at, me = self._scaled(indices, shift), self._number(program)
        if shadow.writes:
            self._compare(region, shadow.writer[at], shadow.wrote_at[at], None, me, line, False, "store", "loads what another program stores")
        if shadow.updates:
            self._compare(region, shadow.updater[at], shadow.updated_at[at], None, me, line, False, "atomic", "loads what another program updates atomically")  # fmt: skip
        before = shadow.reader[at]
        shadow.reader[at] = np.where((before == NOBODY) | (before == me), me, SEVERAL)
        shadow.reads = True
        self._lines[me, region.base, "load"] = line

    def write(
        self, region: Place, view: Array, indices: Array, values: Array, program: tuple[int, int, int], line: int
    ) -> None:
        """A plain store, before it is made."""
        item = view.itemsize
        shadow, shift = self._shadow(region, item)
        at, me = self._scaled(indices, shift), self._number(program)
        bits = f"u{item}"
        stored = np.ascontiguousarray(values).view(bits)
        changed = stored != np.ascontiguousarray(view[indices]).view(bits)
        self._within_program(region, view.size, indices, stored, program, line)
        if shadow.writes:
            self._compare(region, shadow.writer[at], shadow.wrote_at[at], changed, me, line, True, "store", "stores another value than another program")  # fmt: skip
        if shadow.updates:
            self._compare(region, shadow.updater[at], shadow.updated_at[at], changed, me, line, True, "atomic", "stores to what another program updates atomically")  # fmt: skip
        if shadow.reads and not self._seen.get(me):
            self._compare(region, shadow.reader[at], None, changed, me, line, True, "load", "stores to what another program loads")  # fmt: skip
        shadow.writer[at], shadow.wrote_at[at] = me, self._clock.get(me, 0)
        shadow.writes = True
        self._lines[me, region.base, "store"] = line

    def atomic(
        self, region: Place, indices: Array, item: int, program: tuple[int, int, int], line: int, synchronises: bool
    ) -> None:
        """An atomic update. With `synchronises` it orders: what was released at this address before is seen from here on."""
        shadow, shift = self._shadow(region, item)
        at, me = self._scaled(indices, shift), self._number(program)
        if synchronises:
            key = (region.base, int(at[0]))
            seen = self._seen.setdefault(me, {})
            for other, clock in self._released.get(key, {}).items():
                seen[other] = max(seen.get(other, -1), clock)
            released = self._released.setdefault(key, {})
            released.update(seen)
            released[me] = self._clock.get(me, 0)
        if shadow.writes:
            self._compare(region, shadow.writer[at], shadow.wrote_at[at], None, me, line, True, "store", "updates atomically what another program stores")  # fmt: skip
        if shadow.reads and not self._seen.get(me):
            self._compare(region, shadow.reader[at], None, None, me, line, True, "load", "updates atomically what another program loads")  # fmt: skip
        shadow.updater[at], shadow.updated_at[at] = me, self._clock.get(me, 0)
        shadow.updates = True
        if synchronises:
            self._clock[me] = self._clock.get(me, 0) + 1
        self._lines[me, region.base, "atomic"] = line

    def _compare(
        self, region: Place, owners: Array, clocks: Array | None, changed: Array | None, me: int, line: int, write: bool,
        kind: str, what: str,
    ) -> None:  # fmt: skip
        """Report the first of `owners` that is another program with nothing between it and this one."""
        racing = (owners != NOBODY) & (owners != me)
        if changed is not None:
            racing &= changed.reshape(racing.shape)
        if not racing.any():
            return
        seen = self._seen.get(me)
        if seen and clocks is not None:
            for other in np.unique(owners[racing]):
                if int(other) in seen:
                    racing &= (owners != other) | (clocks > seen[int(other)])
            if not racing.any():
                return
        other = int(owners[racing].reshape(-1)[0])
        other_program = self._programs[other] if other >= 0 else None
        other_line = self._lines.get((other, region.base, kind), 0) if other >= 0 else 0
        self._recorder.finding(
            "race", self._programs[me], line, write, f"{what}, in {region.name}", int(racing.sum()), other_program, other_line
        )  # fmt: skip

    def _within_program(
        self, region: Place, elements: int, indices: Array, stored: Array, program: tuple[int, int, int], line: int
    ) -> None:
        """Report lanes of one store that write different values to one place."""
        if indices.size < 2 or bool((indices[1:] > indices[:-1]).all()):
            return
        order = np.argsort(indices, kind="stable")
        ranked, values = indices[order], stored[order]
        clash = (ranked[1:] == ranked[:-1]) & (values[1:] != values[:-1])
        if clash.any():
            what = f"lanes of one store write different values to one place, in {region.name}"
            self._recorder.finding("race", program, line, True, what, int(clash.sum()), program, line)
