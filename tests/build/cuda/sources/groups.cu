// Kernels of test_features_groups.py, as the translator would leave them.
#include <cooperative_groups.h>
#include <cooperative_groups/memcpy_async.h>
#include <cooperative_groups/reduce.h>
#include <cooperative_groups/scan.h>
namespace cg = cooperative_groups;
struct Wide { double a; int b; float c; };

__global__ void tiles(int* out) {
  cg::thread_block block = cg::this_thread_block();
  auto warp = cg::tiled_partition<32>(block);
  cg::thread_block_tile<8> tile = cg::tiled_partition<8>(block);
  auto pair = cg::tiled_partition<2>(tile);
  const int t = block.thread_rank(), n = block.size();
  int* o = out + t;
  auto put = [&](int v) { *o = v; o += n; };
  put(warp.meta_group_rank()); put(warp.meta_group_size()); put(tile.thread_rank()); put(tile.meta_group_rank()); put(pair.meta_group_rank());
  put(tile.shfl(t, 3)); put(tile.shfl_down(t, 2)); put(tile.shfl_up(t, 2)); put(tile.shfl_xor(t, 5)); put(tile.ballot(t & 1)); put(tile.any(t == 5));
  put(tile.all(t < 40)); put(tile.match_any(t / 3 % 2));
  put(cg::reduce(tile, t, cg::plus<int>())); put(cg::reduce(warp, t, cg::greater<int>())); put(cg::inclusive_scan(tile, t)); put(cg::exclusive_scan(tile, 1));
  const Wide wide = tile.shfl(Wide{t * 2.0, t, -1.5f}, 6);
  put(int(wide.a) + wide.b + int(wide.c * 2));
  cg::thread_group any_group = cg::tiled_partition(block, 16);
  any_group.sync();
  put(any_group.size() * 100 + any_group.thread_rank());
  cg::sync(block);
  put(cg::invoke_one_broadcast(tile, [&] { return t * 7; }));
}
EXPORT void run_tiles(int* out) { LAUNCH(1, dim3(16, 4), tiles(out)); }

__global__ void coalesced(int* out) {
  const int t = threadIdx.x;
  int* o = out + t;
  auto put = [&](int v) { *o = v; o += 32; };
  auto warp = cg::tiled_partition<32>(cg::this_thread_block());
  if (t % 3 == 0) {
    cg::coalesced_group group = cg::coalesced_threads();
    put(group.size()); put(group.thread_rank()); put(group.shfl(t, 2)); put(group.shfl_down(t, 1)); put(cg::reduce(group, t, cg::plus<int>()));
    put(group.ballot(t >= 15)); put(cg::inclusive_scan(group, 1));
  } else {
    for (int i = 0; i < 7; ++i) put(-1);
  }
  cg::coalesced_group label = cg::labeled_partition(warp, t % 4);
  put(label.size()); put(label.thread_rank()); put(label.meta_group_rank()); put(cg::reduce(label, t, cg::plus<int>()));
  auto half = cg::binary_partition(warp, t < 10);
  put(half.size()); put(half.meta_group_rank());
}
EXPORT void run_coalesced(int* out) { LAUNCH(1, 32, coalesced(out)); }

__global__ void grid(int* data, int n) {
  cg::grid_group all = cg::this_grid();
  for (int step = 0; step < 3; ++step) {
    const int i = all.thread_rank();
    const int next = data[(i + 1) % n];
    all.sync();
    data[i] = next + 1;
    all.sync();
  }
}
EXPORT int run_grid(int* data, int n) {
  void* arguments[] = {&data, &n};
  return cudaLaunchCooperativeKernel(grid, dim3(n / 32), dim3(32), arguments, 0, nullptr);
}

__global__ void staged(const float* x, float* y) {
  float (&tile)[256] = SHARED(float[256], 7);
  auto block = cg::this_thread_block();
  cg::memcpy_async(block, tile, x + blockIdx.x * 256, sizeof(float) * 256);
  cg::wait(block);
  y[blockIdx.x * 256 + threadIdx.x] = tile[255 - threadIdx.x];
}
EXPORT void run_staged(const float* x, float* y) { LAUNCH(2, 256, staged(x, y)); }
