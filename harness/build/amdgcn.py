"""Reads assembly for AMD's chips (gfx): a kernel's registers, spills and local memory, and its instructions by class.

The metadata stands at the end of the text as the code object's YAML; only the few fields that are needed are looked for.
Source: LLVM, "User Guide for AMDGPU Backend", section "Code Object V5 Metadata".
"""

import re
from collections import Counter

from harness.models import StaticFacts

MAX_KERNELS = 256
_FIELD = re.compile(
    r"\s*-?\s*\.(name|symbol|vgpr_count|agpr_count|vgpr_spill_count|private_segment_fixed_size|group_segment_fixed_size"
    r"|kernarg_segment_size|max_flat_workgroup_size):\s*'?([\w.$@-]{1,4000})'?\s*$"
)
_LABEL = re.compile(r"([A-Za-z_$][\w.$]{0,4000}):\s*(?:;.*)?$")
_MNEMONIC = re.compile(r"\s+([a-z][a-z0-9_]{2,60})(?:\s|$)")

_RULES = tuple(
    (re.compile(pattern), kind)
    for pattern, kind in (
        (r"v_(?:s?mfma|wmma|swmmac)|v_smfmac", "tensor"),
        (r".*atomic", "atomic"),
        (r"scratch_", "local"),
        (r"(?:global|buffer|flat)_load", "global_load"),
        (r"(?:global|buffer|flat)_store", "global_store"),
        (r"ds_(?:bpermute|permute|swizzle)|v_(?:readlane|readfirstlane|writelane|permlane)|v_mov_b32_dpp", "shuffle"),
        (r"ds_(?:add|sub|rsub|inc|dec|min|max|and|or|xor|cmpst|cmpstore|wrxchg|storexchg|mskor|pk_add)", "atomic"),
        (r"ds_(?:read|load|consume)", "shared_load"),
        (r"ds_(?:write|store|append)", "shared_store"),
        (r"s_barrier", "barrier"),
        (r"s_(?:c?branch|endpgm|setpc|swappc|getpc|trap)|s_\w*saveexec", "control"),
        (r"s_(?:waitcnt|wait_|nop|sleep|setprio|sethalt|delay|clause|code_end)", "control"),
        (r"v_cvt_|v_fract", "conversion"),
        (r"v_(?:exp|log|rcp|rsq|sqrt|sin|cos)_", "special"),
        (r"v_.*_f64", "fp64"),
        (r"v_(?:pk_)?.*_(?:f16|bf16)|v_dot2", "fp16"),
        (r"v_.*_f32", "fp32"),
        (r"[sv]_(?:mov|cmov|accvgpr|swap)|v_pk_mov|s_load|s_buffer_load|s_getreg|s_setreg", "move"),
        (r"[sv]_", "integer"),
    )
)  # fmt: skip
"""First match decides."""


def parse(assembly: str, arch: str, constants: dict[str, str]) -> list[StaticFacts]:
    """Return the facts of each kernel that the metadata names, at most `MAX_KERNELS`."""
    counts = _instructions(assembly)
    facts = []
    for fields in _metadata(assembly)[:MAX_KERNELS]:
        name = fields.get("name") or fields.get("symbol", "").removesuffix(".kd")
        vectors = _number(fields, "vgpr_count")
        spilled = 4 * _number(fields, "vgpr_spill_count")
        facts.append(
            StaticFacts(
                kernel=name[:300],
                arch=arch,
                registers=vectors,
                spill_store_bytes=spilled,
                spill_load_bytes=spilled,
                stack_bytes=_number(fields, "private_segment_fixed_size"),
                shared_bytes=_number(fields, "group_segment_fixed_size"),
                constant_bytes=_number(fields, "kernarg_segment_size"),
                instructions=dict(sorted(counts.get(name, Counter()).items())),
                constants=constants,
            )
        )
    return facts


def classify(mnemonic: str) -> str:
    """Return the class of one instruction, in the words of `harness.build.sass`."""
    return next((kind for pattern, kind in _RULES if pattern.match(mnemonic)), "other")


def _instructions(assembly: str) -> dict[str, Counter[str]]:
    """Return label -> classes; local labels (`.LBB0_1`) belong to the function before them."""
    counts: dict[str, Counter[str]] = {}
    current: Counter[str] = Counter()
    for line in assembly.splitlines():
        if line.startswith("\t.amdgpu_metadata"):
            break
        if label := _LABEL.match(line):
            current = counts.setdefault(label[1], Counter())
        elif (found := _MNEMONIC.match(line)) and "_" in found[1]:
            current[classify(found[1])] += 1
    return counts


def _metadata(assembly: str) -> list[dict[str, str]]:
    """Return one dictionary per kernel. Its fields come in alphabetical order: `.args` first, `.wavefront_size` last."""
    kernels: list[dict[str, str]] = []
    current: dict[str, str] = {}
    for line in assembly.rpartition("amdhsa.kernels:")[2].splitlines():
        if line.startswith("amdhsa."):
            break
        if line.lstrip().startswith(".wavefront_size:"):
            kernels.append(current)
            current = {}
        elif field := _FIELD.match(line):
            # Arguments have names too, each deeper than the kernel's own, which comes after them and so stays.
            current[field[1]] = field[2]
    return kernels


def _number(fields: dict[str, str], name: str) -> int:
    text = fields.get(name, "0")
    return int(text) if text.isdigit() and len(text) < 10 else 0
