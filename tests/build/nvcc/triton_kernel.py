"""A product of two float16 matrices in Triton, compiled ahead of time. Its tiles do not fit 128 threads: it spills."""

from pathlib import Path

import triton
import triton.language as tl
from triton.backends.compiler import GPUTarget
from triton.compiler import ASTSource

TARGETS = {
    "sm_80": GPUTarget("cuda", 80, 32),
    "sm_90": GPUTarget("cuda", 90, 32),
    "gfx942": GPUTarget("hip", "gfx942", 64),
}


@triton.jit
def product(a, b, c, n, k, M: tl.constexpr, N: tl.constexpr, K: tl.constexpr):
    rows = tl.program_id(0) * M + tl.arange(0, M)
    columns = tl.program_id(1) * N + tl.arange(0, N)
    inner = tl.arange(0, K)
    total = tl.zeros((M, N), tl.float32)
    for start in range(0, k, K):
        left = tl.load(a + rows[:, None] * k + (start + inner)[None, :])
        right = tl.load(b + (start + inner)[:, None] * n + columns[None, :])
        total += tl.dot(left, right)
    tl.store(c + rows[:, None] * n + columns[None, :], total)


def compile_product(cache: Path) -> dict[str, bytes]:
    """Return the binary (cubin) or assembly text (gfx) for every target."""
    sizes = {"M": 128, "N": 128, "K": 64}
    signature = {"a": "*fp16", "b": "*fp16", "c": "*fp32", "n": "i32", "k": "i32", **dict.fromkeys(sizes, "constexpr")}
    found = {}
    with triton.knobs.cache.scope():
        triton.knobs.cache.dir = str(cache)
        for arch, target in TARGETS.items():
            made = triton.compile(ASTSource(product, signature=signature, constexprs=sizes), target=target)
            found[arch] = made.asm["cubin"] if arch.startswith("sm_") else made.asm["amdgcn"].encode()
    return found
