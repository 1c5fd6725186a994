// Kernels of test_features_cub.py, as the translator would leave them.
#include <cub/cub.cuh>
struct Before { int total; int operator()(int aggregate) { const int old = total; total += aggregate; return old; } };

__global__ void blocks(const float* x, const int* k, float* out, int* ints, int valid) {
  using Reduce = cub::BlockReduce<float, 16, cub::BLOCK_REDUCE_WARP_REDUCTIONS, 8>;
  using Scan = cub::BlockScan<int, 128>;
  using Sort = cub::BlockRadixSort<float, 128, 2, int>;
  auto& reduce = SHARED(typename Reduce::TempStorage, 1);
  auto& scan = SHARED(typename Scan::TempStorage, 2);
  auto& sort = SHARED(typename Sort::TempStorage, 3);
  const int t = threadIdx.y * 16 + threadIdx.x;
  const float sum = Reduce(reduce).Sum(x[t]);
  __syncthreads();
  const float top = Reduce(reduce).Reduce(x[t], cub::Max());
  __syncthreads();
  const float some = Reduce(reduce).Sum(x[t], valid);
  if (t == 0) out[0] = sum, out[1] = top, out[2] = some;
  int inclusive, exclusive, all, most, after;
  Scan(scan).InclusiveSum(k[t], inclusive);
  __syncthreads();
  Scan(scan).ExclusiveSum(k[t], exclusive, all);
  __syncthreads();
  Scan(scan).InclusiveScan(k[t], most, cub::Max());
  __syncthreads();
  Before before{100};
  Scan(scan).ExclusiveSum(k[t], after, before);
  int* o = ints + t;
  auto put = [&](int v) { *o = v; o += 128; };
  put(inclusive); put(exclusive); put(all); put(most); put(after);
  float keys[2]; int values[2];
  cub::BlockLoad<float, 128, 2, cub::BLOCK_LOAD_VECTORIZE>().Load(x, keys);
  values[0] = 2 * t; values[1] = 2 * t + 1;
  Sort(sort).SortDescending(keys, values);
  out[3 + 2 * t] = keys[0]; out[4 + 2 * t] = keys[1];
  put(values[0]); put(values[1]);
  cub::WarpReduce<int, 16>::TempStorage none;
  const int small = cub::WarpReduce<int, 16>(none).Sum(k[t]);
  int scanned;
  cub::WarpScan<int>().ExclusiveSum(k[t], scanned);
  put(t % 16 == 0 ? small : -1); put(scanned);
  using Exchange = cub::BlockExchange<int, 128, 2>;
  int items[2] = {t, 128 + t};
  auto& exchange = SHARED(typename Exchange::TempStorage, 4);
  Exchange(exchange).StripedToBlocked(items, items);
  put(items[0]); put(items[1]);
}
EXPORT void run_blocks(const float* x, const int* k, float* out, int* ints, int valid) { LAUNCH(1, dim3(16, 8), blocks(x, k, out, ints, valid)); }

EXPORT int run_device(const float* x, float* out, const int* offsets, int* order, int n) {
  size_t bytes = 0;
  void* storage = nullptr;
  if (cub::DeviceReduce::Sum(nullptr, bytes, x, out, n) || bytes == 0 || cudaMalloc(&storage, bytes)) return 1;
  cub::DeviceReduce::Sum(storage, bytes, x, out, n);
  cub::DeviceReduce::Max(storage, bytes, x, out + 1, n);
  cub::DeviceReduce::Min(storage, bytes, x, out + 2, n);
  cub::KeyValuePair<int, float> best;
  cub::DeviceReduce::ArgMax(storage, bytes, x, &best, n);
  out[3] = best.key;
  cub::DeviceSegmentedReduce::Sum(storage, bytes, x, out + 4, 3, offsets, offsets + 1);
  cub::DeviceScan::InclusiveSum(storage, bytes, x, out + 10, n);
  cub::DeviceScan::ExclusiveSum(storage, bytes, x, out + 10 + n, n);
  int* indices = new int[n];
  for (int i = 0; i < n; ++i) indices[i] = i;
  cub::DeviceRadixSort::SortPairs(storage, bytes, x, out + 10 + 2 * n, indices, order, n);
  int kept = 0;
  cub::DeviceSelect::If(storage, bytes, x, out + 10 + 3 * n, &kept, n, [](float v) { return v > 0; });
  cub::TransformInputIterator<float, decltype([](float v) { return v * v; }), const float*> squares(x, {});
  cub::DeviceReduce::Sum(storage, bytes, squares, out + 7, n);
  out[8] = kept;
  delete[] indices;
  return cudaFree(storage);
}
