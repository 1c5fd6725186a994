"""Launches by function call: `cudaLaunchCooperativeKernel((void*)kernel, ...)`.

The cast would take from the kernel what its parameters are, which is what the emulation unpacks the arguments by.
"""

from harness.build.cuda.region import Region

_CALLS = {"cudaLaunchKernel", "cudaLaunchCooperativeKernel"}
_TO_VOID = {"const", "void", "*"}
_CASTS = {"reinterpret_cast", "static_cast"}


def keep_kernel_types(region: Region) -> None:
    """Remove a cast to `void*` from the kernel of each such call in `region`."""
    for index, token in enumerate(region.tokens):
        if token.text not in _CALLS or region.text(index + 1) != "(":
            continue
        first = index + 2
        named = region.text(first) in _CASTS and region.text(first + 1) == "<"
        begin = first + 2 if named else first + 1
        end = begin
        while region.text(end) in _TO_VOID:
            end += 1
        to_void = "void" in {region.text(i) for i in range(begin, end)} and region.text(end - 1) == "*"
        closes = region.text(end) == ">" and region.text(end + 1) == "(" if named else region.text(end) == ")"
        if to_void and closes and (named or region.text(first) == "("):
            region.edits.replace(region.tokens[first].start, region.tokens[end].end, "")
