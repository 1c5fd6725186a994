"""Races between the programs of one launch, which on a GPU run in any order and at once.

For every element of a region: which program wrote it last, which read it, which updated it atomically. Two programs
that touch one element, one of them changing it, race unless an atomic operation on one scalar (a lock, a ticket) lies
between them: those order what came before in one program and what comes after in the other (vector clocks, Lamport
1978, Mattern 1989). Writing the value that is there already is no race, and neither are atomics among each other.
"""

import dataclasses
from typing import Any, Protocol

import numpy as np

from harness.worker.triton_record import Recorder

Array = np.ndarray[Any, Any]
NOBODY, SEVERAL = -1, -2
STORE, ATOMIC, LOAD = "store", "atomic", "load"
_WORDS = {
    (LOAD, STORE): "loads what another program stores",
    (LOAD, ATOMIC): "loads what another program updates atomically",
    (STORE, STORE): "stores another value than another program",
    (STORE, ATOMIC): "stores to what another program updates atomically",
    (STORE, LOAD): "stores to what another program loads",
    (ATOMIC, STORE): "updates atomically what another program stores",
    (ATOMIC, LOAD): "updates atomically what another program loads",
}
"""(this access, the other program's) -> what a finding says."""
Program = tuple[int, int, int]


class Place(Protocol):
    """What is watched: a region of memory."""

    base: int
    size: int
    name: str


class _Shadow:
    """Who touched each element of one region last, by kind of access, and when by that program's clock."""

    def __init__(self, elements: int) -> None:
        self.elements = elements
        self.who: dict[str, Array] = {}
        self.when: dict[str, Array] = {}

    def mark(self, kind: str, at: Array, who: Any, when: int) -> None:
        """Note an access."""
        if kind not in self.who:
            self.who[kind] = np.full(self.elements, NOBODY, np.int32)
            self.when[kind] = np.zeros(self.elements, np.int32)
        self.who[kind][at] = who
        self.when[kind][at] = when


@dataclasses.dataclass(frozen=True)
class _Access:
    """One access of the program that runs."""

    region: Place
    shadow: _Shadow
    at: Array
    program: int
    line: int
    kind: str


class Watch:
    """Watches one launch."""

    def __init__(self, recorder: Recorder) -> None:
        self._recorder = recorder
        self._shadows: dict[tuple[int, int], _Shadow] = {}
        self._units: dict[int, int] = {}
        self._numbers: dict[Program, int] = {}
        self._programs: list[Program] = []
        self._clock: dict[int, int] = {}
        self._seen: dict[int, dict[int, int]] = {}
        self._released: dict[tuple[int, int], dict[int, int]] = {}
        self._lines: dict[tuple[int, int, str], int] = {}

    def _access(self, region: Place, indices: Array, item: int, program: Program, line: int, kind: str) -> _Access:
        """Look up shadow and program; the first access decides the size of the elements that are told apart."""
        unit = self._units.setdefault(region.base, item)
        key = (region.base, region.size)
        if key not in self._shadows:
            self._shadows[key] = _Shadow(region.size // unit + 1)
        number = self._numbers.get(program)
        if number is None:
            number = self._numbers[program] = len(self._programs)
            self._programs.append(program)
        shift = item.bit_length() - unit.bit_length()
        at = indices if shift == 0 else indices << shift if shift > 0 else indices >> -shift
        return _Access(region, self._shadows[key], at, number, line, kind)

    def read(self, region: Place, indices: Array, item: int, program: Program, line: int) -> None:
        """A plain load."""
        access = self._access(region, indices, item, program, line, LOAD)
        self._compare(access, STORE)
        self._compare(access, ATOMIC)
        who: Any = access.program
        if (readers := access.shadow.who.get(LOAD)) is not None:
            before = readers[access.at]
            who = np.where((before == NOBODY) | (before == who), who, SEVERAL)
        self._mark(access, who)

    def write(self, region: Place, view: Array, indices: Array, values: Array, program: Program, line: int) -> None:
        """A plain store, before it is made."""
        item = view.itemsize
        access = self._access(region, indices, item, program, line, STORE)
        stored = np.ascontiguousarray(values).view(f"u{item}")
        changed = stored != np.ascontiguousarray(view[indices]).view(f"u{item}")
        self._within_program(access, indices, stored)
        for kind in (STORE, ATOMIC, LOAD):
            self._compare(access, kind, changed)
        self._mark(access, access.program)

    def atomic(
        self, region: Place, indices: Array, item: int, program: Program, line: int, releases: bool, acquires: bool
    ) -> None:
        """An atomic update, which may tell others of what came before it, and see what others told at this address."""
        access = self._access(region, indices, item, program, line, ATOMIC)
        me, place = access.program, (region.base, int(access.at.reshape(-1)[0]))
        if acquires:
            _merge(self._seen.setdefault(me, {}), self._released.get(place, {}))
        if releases:
            released = self._released.setdefault(place, {})
            _merge(released, self._seen.get(me, {}))
            released[me] = self._clock.get(me, 0)
        self._compare(access, STORE)
        self._compare(access, LOAD)
        self._mark(access, me)
        if releases:
            self._clock[me] = self._clock.get(me, 0) + 1

    def _mark(self, access: _Access, who: Any) -> None:
        access.shadow.mark(access.kind, access.at, who, self._clock.get(access.program, 0))
        self._lines[access.program, access.region.base, access.kind] = access.line

    def _compare(self, access: _Access, kind: str, changed: Array | None = None) -> None:
        """Report the first element that another program touched with nothing between it and this access."""
        owners = access.shadow.who.get(kind)
        if owners is None:
            return
        owners, me = owners[access.at], access.program
        racing = (owners != NOBODY) & (owners != me)
        if changed is not None:
            racing &= changed.reshape(racing.shape)
        seen = self._seen.get(me)
        if seen and racing.any():
            racing &= owners != SEVERAL  # which of them is not known, nor whether it came before
            clocks = access.shadow.when[kind][access.at]
            for other in np.unique(owners[racing]):
                racing &= (owners != other) | (clocks > seen.get(int(other), -1))
        if racing.any():
            self._report(access, kind, int(owners[racing].reshape(-1)[0]), int(racing.sum()))

    def _report(self, access: _Access, kind: str, other: int, count: int) -> None:
        program = self._programs[other] if other >= 0 else None
        line = self._lines.get((other, access.region.base, kind), 0)
        what = f"{_WORDS[access.kind, kind]}, in {access.region.name}"
        me = self._programs[access.program]
        self._recorder.finding("race", me, access.line, access.kind != LOAD, what, count, program, line)

    def _within_program(self, access: _Access, indices: Array, stored: Array) -> None:
        """Report lanes of one store that write different values to one place."""
        if indices.size < 2 or bool((indices[1:] > indices[:-1]).all()):
            return
        order = np.argsort(indices, kind="stable")
        ranked, values = indices[order], stored[order]
        clash = (ranked[1:] == ranked[:-1]) & (values[1:] != values[:-1])
        if clash.any():
            what = f"lanes of one store write different values to one place, in {access.region.name}"
            me = self._programs[access.program]
            self._recorder.finding("race", me, access.line, True, what, int(clash.sum()), me, access.line)


def _merge(into: dict[int, int], other: dict[int, int]) -> None:
    for program, clock in other.items():
        into[program] = max(into.get(program, -1), clock)
