# ruff: noqa
import torch
import torch.nn as nn
import triton
import triton.language as tl


@triton.jit
def embedding_kernel(ids_ptr, table_ptr, out_ptr, dim, n_rows, BLOCK: tl.constexpr):
    row = tl.program_id(0)
    idx = tl.load(ids_ptr + row)
    cols = tl.program_id(1) * BLOCK + tl.arange(0, BLOCK)
    valid = (idx >= 0) & (idx < n_rows)
    v = tl.load(
        table_ptr + idx * dim + cols,
        mask=(cols < dim) & valid,
        other=0.0,
        eviction_policy="evict_last",
    )
    tl.store(out_ptr + row * dim + cols, v, mask=cols < dim, cache_modifier=".cs")


class ModelNew(nn.Module):
    def forward(self, ids, table):
        flat = ids.reshape(-1)
        out = torch.empty(flat.numel(), table.shape[1], device=table.device, dtype=table.dtype)
        embedding_kernel[(flat.numel(), triton.cdiv(table.shape[1], 32))](
            flat, table, out, table.shape[1], table.shape[0], 32
        )
        return out.view(*ids.shape, -1)


def inputs():
    return [torch.randint(0, 50, (4, 7)), torch.randn(50, 70).to(torch.bfloat16)]


def expected(ids, table):
    return table[ids]
