"""Reads NVIDIA's disassembly (SASS): which kernels there are, and how many instructions of which class each has.

The text was made from an untrusted binary: lines that are not understood are passed over, and nothing is executed.
Source of the mnemonics: CUDA Binary Utilities, section "Instruction Set Reference" (sm_75 to sm_120).
"""

import re
from collections import Counter
from dataclasses import dataclass, field

MAX_KERNELS = 256

_SECTION = re.compile(r"\s*\.section\s+\.text\.([^,\s]{1,4000}),")
_ENTRY = re.compile(r"\s*\.other\s+(\S{1,4000}),@\"STO_CUDA_ENTRY")
_INSTRUCTION = re.compile(
    r"\s*/\*[0-9a-f]{4,8}\*/\s+(?:@!?\w+\s+)?([A-Z][A-Z0-9_]{1,23})((?:\.[A-Za-z0-9_]+)*)(?:\s+([^;]{0,400}))?;"
)
_ZERO = re.compile(r"-?U?RZ(?:\.\w+)*$")

_CLASSES = {
    "fp32": "FADD FADD2 FADD32I FCHK FFMA FFMA2 FFMA32I FMNMX FMNMX3 FMUL FMUL2 FMUL32I FSEL FSET FSETP FSWZADD UFADD UFFMA "
    "UFMUL UFMNMX UFSEL UFSET UFSETP",
    "fp64": "DADD DFMA DMNMX DMUL DSET DSETP",
    "fp16": "HADD2 HADD2_32I HFMA2 HFMA2_32I HMNMX2 HMUL2 HMUL2_32I HSET2 HSETP2",
    "integer": "BMSK BREV FLO IABS IADD IADD3 IADD32I IDP IDP4A IMAD IMNMX IMUL IMUL32I ISCADD ISCADD32I ISETP LEA LOP LOP3 "
    "LOP32I POPC PRMT SEL SGXT SHF SHL SHR VABSDIFF VABSDIFF4 VHMNMX VIADD VIADDMNMX VIMNMX VIMNMX3 UBMSK UBREV UFLO UIABS "
    "UIADD3 UIADD UIMAD UIMNMX UISETP ULEA ULOP ULOP3 ULOP32I UPLOP3 UPOPC UPRMT USEL USGXT USHF USHL USHR UVIADD UVIMNMX "
    "PLOP3 PSETP PSET CSET CSETP IADD64 UIADD3_64 USETMAXREG",
    "conversion": "F2F F2FP F2I F2IP FRND I2F I2FP I2I I2IP UF2F UF2FP UF2I UFRND UI2F UI2FP UI2I UI2IP",
    "special": "MUFU RRO",
    "tensor": "BGMMA BMMA DMMA HGMMA HMMA IGMMA IMMA OMMA QGMMA QMMA UTCBAR UTCHMMA UTCIMMA UTCOMMA UTCQMMA UTCMXQMMA",
    "global_load": "LD LDG LDGSTS UBLKCP UBLKPF UTMALDG UTMAPF",
    "global_store": "ST STG UTMASTG",
    "shared_load": "LDS LDSM",
    "shared_store": "STS STSM STAS",
    "local": "LDL STL",
    "atomic": "ATOM ATOMG ATOMS CAS RED REDG REDAS UATOM UBLKRED UTMAREDG",
    "barrier": "ARRIVES B2R BAR DEPBAR ERRBAR FENCE LDGDEPBAR MEMBAR SYNCS UCGABAR_ARV UCGABAR_WAIT UTMACMDFLUSH WARPGROUP "
    "WARPGROUPSET WARPSYNC",
    "shuffle": "CREDUX ELECT MATCH REDUX SHFL VOTE VOTEU",
    "control": "ACQBULK BMOV BPT BRA BREAK BRX BRXU BSSY BSYNC CALL ENDCOLLECTIVE EXIT JMP JMX JMXU KILL NANOSLEEP PREEXIT "
    "PMTRIG RET RPCMOV RTT UTCATOMSWS UVIRTCOUNT WARPEXIT YIELD",
    "move": "CS2R CS2UR LDC LDCU LDTM LEPC MOV MOV32I MOVM P2R R2B R2P R2UR S2R S2UR SETCTAID SETLMEMBASE STTM UCLEA UCOPY "
    "ULDC UMOV UP2UR UR2UP USTGR UTCCP UTCSHIFT",
}
CLASS_OF = {name: kind for kind, names in reversed(_CLASSES.items()) for name in names.split()}
"""Mnemonic -> class. `move` holds reads of constants (`LDC`) and of tensor memory too; what is not here is `other`."""
_LOCAL_BYTES = {"U8": 1, "S8": 1, "U16": 2, "S16": 2, "64": 8, "128": 16}


@dataclass
class Listing:
    """One kernel's disassembly in numbers."""

    symbol: str
    """Mangled name."""
    entry: bool = False
    """Whether it is a kernel, not a function that kernels call."""
    instructions: Counter[str] = field(default_factory=Counter)
    """Class -> number of instructions; padding is not counted."""
    local_load_bytes: int = 0
    """Bytes that its instructions load from local memory, each counted once."""
    local_store_bytes: int = 0
    """Bytes that its instructions store there."""


def parse(text: str) -> list[Listing]:
    """Return the listings in `nvdisasm --print-code`'s output, at most `MAX_KERNELS`."""
    found: list[Listing] = []
    current: Listing | None = None
    for line in text.splitlines():
        if section := _SECTION.match(line):
            if len(found) >= MAX_KERNELS:
                break
            current = Listing(section[1])
            found.append(current)
        elif current is not None and not current.entry and (entry := _ENTRY.match(line)):
            current.entry = entry[1] == current.symbol
        elif current is not None and (instruction := _INSTRUCTION.match(line)):
            _count(current, *(part or "" for part in instruction.groups()))
    return found


def _count(listing: Listing, name: str, modifiers: str, operands: str) -> None:
    if name == "NOP":  # fills the end of a section
        return
    listing.instructions[classify(name, modifiers, operands)] += 1
    if name in {"LDL", "STL"}:
        width = next((_LOCAL_BYTES[m] for m in modifiers.split(".") if m in _LOCAL_BYTES), 4)
        if name == "LDL":
            listing.local_load_bytes += width
        else:
            listing.local_store_bytes += width


def classify(name: str, modifiers: str = "", operands: str = "") -> str:
    """Return the class of one instruction.

    Multiplications by zero are how this hardware spells a move through an idle pipe: `IMAD.MOV`, `HFMA2 R5, -RZ, RZ, 0, 1`.
    """
    if name == "HADD2" and ".F32" in modifiers:  # half to float is a sum with nothing
        return "conversion"
    if name in {"IMAD", "UIMAD", "HFMA2"}:
        words = [word.strip() for word in operands.split(",")[1:3]]
        if ".MOV" in modifiers or (len(words) == 2 and all(_ZERO.match(word) for word in words)):
            return "move"
    return CLASS_OF.get(name, "other")
