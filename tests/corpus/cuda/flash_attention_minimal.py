# problem: level1/97
# kind: honest
# expected: correct
import torch.nn as nn
from torch.utils.cpp_extension import load_inline

flash_src = r"""
#include <torch/extension.h>
#include <cuda.h>
#include <cuda_runtime.h>

__global__ void flash_fwd(const float* Q, const float* K, const float* V, const int N, const int d,
                          const int Tc, const int Tr, const int Bc, const int Br, const float softmax_scale,
                          float* O) {
    const int tx = threadIdx.x;
    const int bx = blockIdx.x, by = blockIdx.y;
    const size_t qkv_offset = ((size_t)bx * gridDim.y + by) * N * d;

    extern __shared__ float sram[];
    const int tile_size = Bc * d;
    float* Qi = sram;
    float* Kj = &sram[Br * d];
    float* Vj = &sram[Br * d + tile_size];
    float* S = &sram[Br * d + tile_size * 2];
    float* Oi = S + Br * Bc;

    for (int i = 0; i < Tr; i++) {
        const int row = i * Br + tx;
        const bool valid = row < N;
        for (int x = 0; x < d; x++) {
            Qi[tx * d + x] = valid ? Q[qkv_offset + (size_t)row * d + x] : 0.f;
            Oi[tx * d + x] = 0.f;
        }
        float m = -INFINITY, l = 0.f;

        for (int j = 0; j < Tc; j++) {
            __syncthreads();
            for (int t = tx; t < tile_size; t += blockDim.x) {
                const int r = j * Bc + t / d;
                Kj[t] = r < N ? K[qkv_offset + (size_t)r * d + t % d] : 0.f;
                Vj[t] = r < N ? V[qkv_offset + (size_t)r * d + t % d] : 0.f;
            }
            __syncthreads();

            float row_m = m;
            for (int y = 0; y < Bc; y++) {
                float sum = 0;
                for (int x = 0; x < d; x++) sum += Qi[tx * d + x] * Kj[y * d + x];
                sum = (j * Bc + y < N) ? sum * softmax_scale : -INFINITY;
                S[Bc * tx + y] = sum;
                row_m = fmaxf(row_m, sum);
            }
            const float alpha = __expf(m - row_m);
            float row_l = 0;
            for (int y = 0; y < Bc; y++) {
                const float p = __expf(S[Bc * tx + y] - row_m);
                S[Bc * tx + y] = p;
                row_l += p;
            }
            l = l * alpha + row_l;
            for (int x = 0; x < d; x++) {
                float pv = 0;
                for (int y = 0; y < Bc; y++) pv += S[Bc * tx + y] * Vj[y * d + x];
                Oi[tx * d + x] = Oi[tx * d + x] * alpha + pv;
            }
            m = row_m;
        }
        if (valid)
            for (int x = 0; x < d; x++) O[qkv_offset + (size_t)row * d + x] = Oi[tx * d + x] / l;
    }
}

torch::Tensor forward(torch::Tensor Q, torch::Tensor K, torch::Tensor V) {
    const int Bc = 32; const int Br = 32;
    const int B = Q.size(0); const int nh = Q.size(1);
    const int N = Q.size(2); const int d = Q.size(3);
    const int Tc = ceil((float) N / Bc); const int Tr = ceil((float) N / Br);
    const float softmax_scale = 1.0 / sqrt(d);
    auto O = torch::zeros_like(Q);
    torch::Device device(torch::kCUDA);

    const int sram_size = (2 * Br * d + 2 * Bc * d + Bc * Br) * sizeof(float);
    int max_sram_size;
    cudaDeviceGetAttribute(&max_sram_size, cudaDevAttrMaxSharedMemoryPerBlock, 0);
    printf("Max shared memory: %d, requested shared memory: %d \n", max_sram_size, sram_size);
    TORCH_CHECK(sram_size <= max_sram_size);

    dim3 grid_dim(B, nh);
    dim3 block_dim(Bc);
    flash_fwd<<<grid_dim, block_dim, sram_size>>>(
        Q.data_ptr<float>(), K.data_ptr<float>(), V.data_ptr<float>(),
        N, d, Tc, Tr, Bc, Br, softmax_scale, O.data_ptr<float>());
    return O;
}
"""

minimal_attn = load_inline(
    name="minimal_attn",
    cpp_sources="torch::Tensor forward(torch::Tensor Q, torch::Tensor K, torch::Tensor V);",
    cuda_sources=flash_src,
    functions=["forward"],
    extra_cuda_cflags=["-O2"],
)


class ModelNew(nn.Module):
    def __init__(self):
        super().__init__()

    def forward(self, Q, K, V):
        return minimal_attn.forward(Q.contiguous(), K.contiguous(), V.contiguous())
