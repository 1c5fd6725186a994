"""Static facts of one compiled binary: a cubin through the disassembler, or the assembly text of a gfx kernel.

Both compile paths end here: nvcc's cubins and Triton's. What a binary says is an untrusted candidate's doing; it is read in
the sandbox, bounded, and only ever shown.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace

from harness.build import amdgcn, sass
from harness.build.nvcc.names import readable_name
from harness.build.nvcc.toolchain import Disassembler, disassembler
from harness.build.nvcc.workbench import Workbench
from harness.models import StaticFacts

RESERVED_SHARED_BYTES = 1024
"""What the system takes of every block's shared memory; from sm_90 on cuobjdump counts it in."""
_FILLED = re.compile(r"\b(REG|STACK|SHARED|LOCAL|CONSTANT)(?:\[\d+\])?:(\d{1,9})\b")
_PROPERTIES = re.compile(r"(?:ptxas info\s*: )?Function properties for '?([^\s']{1,4000})'?\s*$")
_SPILLS = re.compile(r"\s*\d+ bytes stack frame, (\d{1,9}) bytes spill stores, (\d{1,9}) bytes spill loads")


@dataclass(frozen=True)
class BinaryFacts:
    """What one binary says."""

    facts: tuple[StaticFacts, ...] = ()
    """One record per kernel in it."""
    notes: tuple[str, ...] = ()
    """One line for each thing that could not be had."""
    symbols: tuple[str, ...] = ()
    """The kernels' names in the binary, in the order of `facts`."""


def facts_of_cubin(
    cubin: bytes,
    arch: str,
    bench: Workbench,
    *,
    ptxas_log: str = "",
    constants: Mapping[str, str] | None = None,
    threads_per_block: int | None = None,
    reader: Disassembler | None = None,
) -> BinaryFacts:
    """Return the facts of the kernels in `cubin`, compiled for `arch` (`sm_90`).

    Spills are those that `ptxas_log` (`ptxas -v`) tells of; without it they are the bytes that the kernel's instructions
    move to and from local memory, to which arrays in local memory count as well. `shared_bytes` is what the kernel declares.
    Takes about 0.3 s, the disassembler's start.

    Raises:
        ToolchainError: there is no disassembler.
        SandboxError: no process could be started.
    """
    tools = reader or disassembler()
    outputs = ("usage.txt", "named.txt", "code.txt")
    ran = bench.run(facts_script(tools), {"k.cubin": cubin}, outputs, (tools.cuobjdump, tools.nvdisasm))
    texts = {name: data.decode(errors="replace") for name, data in ran.outputs.items()}
    notes = () if ran.ok else (f"{arch}: the disassembler {ran.ended}{_first_line(ran.log)}",)
    found = assemble(texts.get("usage.txt", ""), texts.get("named.txt", ""), texts.get("code.txt", ""), ptxas_log, arch)
    facts = tuple(
        f.model_copy(update={"constants": dict(constants or {}), "threads_per_block": threads_per_block})
        for f in found.facts
    )
    return replace(found, facts=facts, notes=(*notes, *found.notes))


def facts_script(tools: Disassembler) -> list[list[str]]:
    """Return the steps that make usage.txt, named.txt and code.txt of k.cubin, for `Workbench.run`."""
    return [
        [tools.cuobjdump, "--dump-resource-usage", "k.cubin", ">", "usage.txt"],
        ["c++filt", "-p", "<", "usage.txt", ">", "named.txt", "||", "true"],
        [tools.nvdisasm, "--print-code", "--no-dataflow", "k.cubin", ">", "code.txt"],
    ]


def facts_of_amdgcn(assembly: str, arch: str, *, constants: Mapping[str, str] | None = None) -> BinaryFacts:
    """Return the facts of the kernels in a gfx assembly text (`asm["amdgcn"]` of a compiled Triton kernel).

    Pure: the text holds the code and the metadata. Spills are vector registers times 4 bytes, per thread.
    """
    facts = tuple(amdgcn.parse(assembly, arch, dict(constants or {})))
    notes = () if facts else (f"{arch}: no kernel in the assembly",)
    return BinaryFacts(facts, notes, tuple(f.kernel for f in facts))


def assemble(usage: str, named: str, code: str, ptxas_log: str, arch: str) -> BinaryFacts:
    """Put together what the tools printed: resources, readable names, instructions, spills. Pure."""
    resources = parse_usage(usage)
    names = dict(zip(resources, parse_usage(named) if named else resources, strict=False))
    listings = {listing.symbol: listing for listing in sass.parse(code)}
    spills = parse_spills(ptxas_log)
    kernels = [s for s in resources if s not in listings or listings[s].entry]
    facts = []
    for symbol in kernels[: sass.MAX_KERNELS]:
        used, listing = resources[symbol], listings.get(symbol, sass.Listing(symbol))
        stored, loaded = spills.get(symbol, (listing.local_store_bytes, listing.local_load_bytes))
        facts.append(
            StaticFacts(
                kernel=readable_name(names.get(symbol, symbol)),
                arch=arch,
                registers=used.get("REG", 0),
                spill_store_bytes=stored,
                spill_load_bytes=loaded,
                stack_bytes=used.get("STACK", 0),
                shared_bytes=max(0, used.get("SHARED", 0) - (RESERVED_SHARED_BYTES if _generation(arch) >= 90 else 0)),
                constant_bytes=used.get("CONSTANT", 0),
                instructions=dict(sorted(listing.instructions.items())),
            )
        )
    notes = () if facts else (f"{arch}: no kernel in the binary",)
    return BinaryFacts(tuple(facts), notes, tuple(kernels[: sass.MAX_KERNELS]))


def parse_usage(text: str) -> dict[str, dict[str, int]]:
    """Return symbol -> resource -> amount from `cuobjdump --dump-resource-usage`; the banks of constants are added up."""
    found: dict[str, dict[str, int]] = {}
    current: dict[str, int] | None = None
    for line in text.splitlines():
        if line.lstrip().startswith("Function "):
            # A readable name may hold spaces and colons; it is the rest of the line.
            current = found.setdefault(line.strip().removeprefix("Function ").removesuffix(":")[:4000], {})
        elif current is not None:
            for resource, amount in _FILLED.findall(line):
                current[resource] = current.get(resource, 0) + int(amount)
    return found


def parse_spills(log: str) -> dict[str, tuple[int, int]]:
    """Return symbol -> bytes stored and loaded as registers ran out, from `ptxas -v`."""
    found: dict[str, tuple[int, int]] = {}
    symbol = ""
    for line in log.splitlines():
        if named := _PROPERTIES.search(line):
            symbol = named[1]
        elif symbol and (spills := _SPILLS.match(line)):
            found[symbol] = (int(spills[1]), int(spills[2]))
            symbol = ""
    return found


def _generation(arch: str) -> int:
    digits = re.search(r"\d+", arch)
    return int(digits[0]) if digits else 0


def _first_line(log: str) -> str:
    line = next((line.strip() for line in log.splitlines() if line.strip()), "")
    return f": {line[:200]}" if line else ""
