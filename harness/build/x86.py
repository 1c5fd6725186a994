"""Reads objdump's disassembly of a library for x86-64: which functions are the candidate's, and what they consist of.

The text was made from an untrusted binary: rows that are not understood are passed over, and nothing is executed.
Source of the mnemonics: Intel, "64 and IA-32 Architectures Software Developer's Manual", volume 2; in AT&T order, the
destination comes last.
"""

import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field

from harness.build.sourcemap import CANDIDATE
from harness.models import FunctionFacts, printable

OPTIONS = ("-d", "-l", "--inlines", "-C", "-w", "--no-show-raw-insn")
"""What objdump is asked for: one row an instruction, each with the chain of lines that it was inlined through."""
MAX_FUNCTIONS = 12
MAX_NAME = 160

_HEADER = re.compile(r"([0-9a-f]{8,16}) <(.{1,4000})>:")
_INSTRUCTION = re.compile(r" {1,8}([0-9a-f]{1,16}):\t(.{1,4000})")
_OWN = rf"{re.escape(CANDIDATE)}|source\d+\.cpp"
_LINE = re.compile(rf"(inlined by )?(?:.{{0,4000}}/)?({_OWN}):(\d{{1,9}})(?: \(.*\))?")
_OTHER_LINE = re.compile(r"(inlined by )?\S.{0,4000}:(?:\d{1,9}|\?)(?: \(.*\))?")
_PREFIX = re.compile(r"(?:lock|rep|repz|repnz|bnd|notrack|data16|addr32|cs|ds|es|ss|\{\w+\}) +")
_MEMORY = re.compile(r"(?:%[fg]s:)?-?(?:0x[0-9a-f]+)?\(([^)]*)\)|%[fg]s:-?0x[0-9a-f]+")
_CALLED = re.compile(r"<([^@>+]{1,400})(?:@plt)?>")
_FLOAT = re.compile(
    r"v?(?:add|sub|mul|div|sqrt|min|max|rcp\w*|rsqrt\w*|hadd|hsub|addsub|dp|round|rndscale|scalef|getexp|getmant|reduce|range)"
    r"([ps])[sdh]"
)
_FMA = re.compile(r"vf(?:n?m(?:add|sub)|maddsub|msubadd)(?:132|213|231)?([ps])[sdh]")
_DIVIDE = re.compile(r"v?(?:div|sqrt)[ps][sdh]")
_SHUFFLE = re.compile(
    r"v?(?:perm|shuf|unpck|insert|extract|broadcast|blend|palign|pack|alignr|movhl|movlh|movddup|movs[hl]dup|compress|expand"
    r"|p(?:shuf|unpck|erm|insr|extr|broadcast|blend|ack|align))\w*"
)
_WIDTHS = (("%zmm", 64), ("%ymm", 32), ("%xmm", 16))
_READS_ONLY = re.compile(r"cmp|test|bt[lqw]?$|v?u?comis|v?ptest|vtest|call|jmp|push|prefetch|div|idiv|mul|imul [^,]*$")
_MOVES = re.compile(
    r"v?mov|set|vextract|v?pextr|vpmov|vcvtps2ph|v?pscatter|vscatter|vcompress|vpcompress|pop|stmxcsr|fst"
)
LIBM = re.compile(
    r"(?:_ZGV\w+_)?(?:__)?(?:(?:a?(?:sin|cos|tan)h?|atan2|sincos|exp(?:2|10|m1)?|log(?:2|10|1p)?|pow|sqrt|cbrt|hypot|erfc?|[lt]gamma|fmod"
    r"|remainder|round|nearbyint|rint|l?lrint|l?lround|floor|ceil|trunc|fma|fm(?:in|ax)|ldexp|frexp)[fl]?)(?:_finite)?"
)
"""Functions of the mathematical library, its vector forms included."""


@dataclass
class Function:
    """One function as it is read."""

    name: str
    start: int
    where: str | None = None
    end: int = 0
    instructions: Counter[str] = field(default_factory=Counter)
    calls: Counter[str] = field(default_factory=Counter)
    vector_bytes: int = 0
    stack: Counter[str] = field(default_factory=Counter)
    frame: bool = False
    """Whether `%rbp` holds the frame, as far as read."""

    def facts(self) -> FunctionFacts:
        """Return it as it is kept."""
        return FunctionFacts(
            name=printable(self.name[:MAX_NAME]),
            where=self.where,
            size_bytes=self.end - self.start,
            instructions=dict(sorted(self.instructions.items())),
            vector_bytes=self.vector_bytes,
            library_calls=dict(self.calls.most_common(8)),
            stack_stores=self.stack["store"],
            stack_loads=self.stack["load"],
        )


@dataclass(frozen=True)
class Disassembly:
    """What a library's code says."""

    functions: list[FunctionFacts]
    """The candidate's own, largest first."""
    lines: dict[int, str]
    """Address of an instruction -> the candidate's line that it came from."""


def parse(text: str) -> Disassembly:
    """Return the candidate's functions in what `objdump` printed with `OPTIONS`, at most `MAX_FUNCTIONS`.

    A function is the candidate's if its first line is; what was inlined into it counts as its own.
    """
    lines: dict[int, str] = {}
    own: list[Function] = []
    for function, instructions in _functions(text):
        if instructions:
            function.where = instructions[0][1]
        for address, line, words in instructions:
            if line is not None:
                lines[address] = line
            if function.end < 0:
                function.end = address
            if _count(function, words):
                function.end = -1  # the next row's address
        if function.end < 0:
            function.end = instructions[-1][0] + 1  # nothing says how long the last one is
        if function.where is not None and not function.name.endswith("[clone .cold]"):
            own.append(function)
    own.sort(key=lambda function: function.start - function.end)
    return Disassembly([function.facts() for function in own[:MAX_FUNCTIONS]], lines)


def _functions(text: str) -> Iterator[tuple[Function, list[tuple[int, str | None, str]]]]:
    """Yield each function with its instructions: address, the candidate's line, mnemonic and operands."""
    function: Function | None = None
    found: list[tuple[int, str | None, str]] = []
    line: str | None = None
    fresh = True  # whether the next place begins a chain
    for row in text.splitlines():
        if instruction := _INSTRUCTION.match(row):
            found.append((int(instruction[1], 16), line, instruction[2]))
            fresh = True
        elif header := _HEADER.fullmatch(row):
            if function is not None:
                yield function, found
            function, found, line, fresh = Function(header[2], int(header[1], 16)), [], None, True
        elif place := _LINE.fullmatch(row):
            if fresh or line is None or not place[1]:
                line = f"{place[2]}:{place[3]}"
            fresh = False
        elif other := _OTHER_LINE.fullmatch(row):
            if fresh or not other[1]:
                line = None
            fresh = False
    if function is not None:
        yield function, found


def _count(function: Function, words: str) -> bool:
    """Count one instruction; returns whether it is one, and no padding."""
    words = words.partition("#")[0]
    while prefix := _PREFIX.match(words):
        words = words[prefix.end() :]
    name, _, operands = words.strip().partition(" ")
    operands = operands.strip()
    if name.startswith(("nop", "int3", "data16", "(bad)")) or (name == "xchg" and operands == "%ax,%ax"):
        return False
    if name == "mov" and operands == "%rsp,%rbp":
        function.frame = True
    kind = classify(name, operands)
    function.instructions[kind] += 1
    if kind in {"packed_float", "packed_fma"}:
        width = next((size for register, size in _WIDTHS if register in operands), 0)
        function.vector_bytes = max(function.vector_bytes, width)
    if (kind == "call" or name == "jmp") and (called := _CALLED.search(operands)) and LIBM.fullmatch(called[1]):
        function.calls[called[1]] += 1
    if _DIVIDE.fullmatch(name):
        function.instructions["divide_or_sqrt"] += 1
    bases = ("%rsp", "%rbp") if function.frame else ("%rsp",)
    for access, base in accesses(name, operands):
        function.instructions[access] += kind != access
        function.stack[access] += base.startswith(bases)
    return True


def classify(name: str, operands: str = "") -> str:
    """Return the class of an instruction: what it computes, or else how it moves."""
    if match := _FMA.fullmatch(name):
        return "packed_fma" if match[1] == "p" else "scalar_fma"
    if match := _FLOAT.fullmatch(name):
        return "packed_float" if match[1] == "p" else "scalar_float"
    if re.match(r"v?p?(?:gather|scatter)", name):
        return "gather"
    if re.match(r"v?cvt", name):
        return "conversion"
    if name.startswith("call"):
        return "call"
    if name.startswith(("j", "ret", "loop")):
        return "branch"
    if re.match(r"v?mov(?![sz]b|[sz]w|s[hl]dup|ddup|hl|lh)|lddqu|v?lddqu", name):
        return next((access for access, _ in accesses(name, operands)), "move")
    if _SHUFFLE.fullmatch(name):
        return "shuffle"
    if re.match(r"v?p[a-z]", name) and "mm" in operands:
        return "packed_integer"
    if re.match(r"f[a-z]", name) and "mm" not in operands:
        return "x87"
    return "other"


def accesses(name: str, operands: str) -> list[tuple[str, str]]:
    """Return how an instruction touches memory: `load` or `store`, and the registers of the address."""
    if name.startswith(("lea", "nop", "prefetch")):
        return []
    found = list(_MEMORY.finditer(operands))
    if not found:
        return []
    place = found[-1]
    base = place[1] or ""
    last = operands[place.end() :].strip()
    written = (not last or last.startswith("{")) and not _READS_ONLY.match(f"{name} {operands}")
    if not written:
        return [("load", base)]
    return [("store", base)] if _MOVES.match(name) else [("load", base), ("store", base)]
