// CUB's block-wide primitives. Threads deposit in the temporary storage and meet at a barrier; as in CUB, another barrier is the
// caller's before the storage is used again.
#pragma once
#include <algorithm>
#include "cub_operators.h"
#include "warp.h"

namespace cub {
enum BlockReduceAlgorithm { BLOCK_REDUCE_RAKING_COMMUTATIVE_ONLY, BLOCK_REDUCE_RAKING, BLOCK_REDUCE_WARP_REDUCTIONS };
enum BlockScanAlgorithm { BLOCK_SCAN_RAKING, BLOCK_SCAN_RAKING_MEMOIZE, BLOCK_SCAN_WARP_SCANS };
enum BlockLoadAlgorithm { BLOCK_LOAD_DIRECT, BLOCK_LOAD_STRIPED, BLOCK_LOAD_VECTORIZE, BLOCK_LOAD_TRANSPOSE, BLOCK_LOAD_WARP_TRANSPOSE, BLOCK_LOAD_WARP_TRANSPOSE_TIMESLICED };
enum BlockStoreAlgorithm { BLOCK_STORE_DIRECT, BLOCK_STORE_STRIPED, BLOCK_STORE_VECTORIZE, BLOCK_STORE_TRANSPOSE, BLOCK_STORE_WARP_TRANSPOSE, BLOCK_STORE_WARP_TRANSPOSE_TIMESLICED };

namespace detail {
HARNESS_HERE void meet() { harness_cuda::barrier(harness_cuda::Barrier::plain, 0, __builtin_LINE()); }
HARNESS_HERE int rank() { return int(harness_cuda::linear_thread()); }
// Storage that holds a T without running its constructors.
template <class T, int Count>
struct Slots {
  alignas(T) unsigned char bytes[sizeof(T) * Count];
  T& operator[](int i) { return reinterpret_cast<T*>(bytes)[i]; }
};
struct Empty {};
// The storage that a collective uses if it is given none.
template <class Storage, class Collective>
HARNESS_HERE Storage& own_storage() { return harness_cuda::shared_variable<Storage, Collective>(); }
}  // namespace detail

template <class T, int X, BlockReduceAlgorithm Algorithm = BLOCK_REDUCE_WARP_REDUCTIONS, int Y = 1, int Z = 1, int Arch = 0>
class BlockReduce {
 public:
  using TempStorage = detail::Slots<T, X * Y * Z>;
  BlockReduce() : storage_(detail::own_storage<TempStorage, BlockReduce>()) {}
  explicit BlockReduce(TempStorage& storage) : storage_(storage) {}
  // The result is thread 0's; the others get their own value back.
  template <class Op> HARNESS_HERE T Reduce(T v, Op op, int valid = X * Y * Z) {
    storage_[detail::rank()] = v;
    detail::meet();
    if (detail::rank() != 0) return v;
    for (int i = 1; i < valid && i < X * Y * Z; ++i) v = op(v, storage_[i]);
    return v;
  }
  template <int N, class Op> HARNESS_HERE T Reduce(T (&items)[N], Op op) {
    T v = items[0];
    for (int i = 1; i < N; ++i) v = op(v, items[i]);
    return Reduce(v, op);
  }
  HARNESS_HERE T Sum(T v) { return Reduce(v, cub::Sum()); }
  HARNESS_HERE T Sum(T v, int valid) { return Reduce(v, cub::Sum(), valid); }
  template <int N> HARNESS_HERE T Sum(T (&items)[N]) { return Reduce(items, cub::Sum()); }

 private:
  TempStorage& storage_;
};

template <class T, int X, BlockScanAlgorithm Algorithm = BLOCK_SCAN_RAKING, int Y = 1, int Z = 1, int Arch = 0>
class BlockScan {
  static constexpr int kThreads = X * Y * Z;

 public:
  struct TempStorage {
    detail::Slots<T, kThreads> values;
    detail::Slots<T, 1> seed;
  };
  BlockScan() : storage_(detail::own_storage<TempStorage, BlockScan>()) {}
  explicit BlockScan(TempStorage& storage) : storage_(storage) {}

  template <class Op> HARNESS_HERE void InclusiveScan(T in, T& out, Op op) { T all; InclusiveScan(in, out, op, all); }
  template <class Op> HARNESS_HERE void InclusiveScan(T in, T& out, Op op, T& aggregate) {
    scan(in, op, aggregate);
    out = storage_.values[detail::rank()];
  }
  template <class Op> HARNESS_HERE void ExclusiveScan(T in, T& out, T initial, Op op) { T all; ExclusiveScan(in, out, initial, op, all); }
  template <class Op> HARNESS_HERE void ExclusiveScan(T in, T& out, T initial, Op op, T& aggregate) {
    scan(in, op, aggregate);
    out = detail::rank() == 0 ? initial : op(initial, storage_.values[detail::rank() - 1]);
  }
  template <class Op> HARNESS_HERE void ExclusiveScan(T in, T& out, Op op) {  // thread 0's result is undefined
    T aggregate;
    scan(in, op, aggregate);
    if (detail::rank()) out = storage_.values[detail::rank() - 1];
  }
  template <int N, class Op> HARNESS_HERE void InclusiveScan(T (&in)[N], T (&out)[N], Op op) { T all; InclusiveScan(in, out, op, all); }
  template <int N, class Op> HARNESS_HERE void InclusiveScan(T (&in)[N], T (&out)[N], Op op, T& aggregate) {
    scan(folded(in, op), op, aggregate);
    T running = in[0];
    if (detail::rank()) running = op(storage_.values[detail::rank() - 1], in[0]);
    for (int i = 0; i < N; ++i) {
      if (i) running = op(running, in[i]);
      out[i] = running;
    }
  }
  template <int N, class Op> HARNESS_HERE void ExclusiveScan(T (&in)[N], T (&out)[N], T initial, Op op) { T all; ExclusiveScan(in, out, initial, op, all); }
  template <int N, class Op> HARNESS_HERE void ExclusiveScan(T (&in)[N], T (&out)[N], T initial, Op op, T& aggregate) {
    scan(folded(in, op), op, aggregate);
    T running = detail::rank() ? op(initial, storage_.values[detail::rank() - 1]) : initial;
    for (int i = 0; i < N; ++i) {
      const T next = op(running, in[i]);
      out[i] = running;
      running = next;
    }
  }
  HARNESS_HERE void InclusiveSum(T in, T& out) { InclusiveScan(in, out, cub::Sum()); }
  HARNESS_HERE void InclusiveSum(T in, T& out, T& aggregate) { InclusiveScan(in, out, cub::Sum(), aggregate); }
  template <int N> HARNESS_HERE void InclusiveSum(T (&in)[N], T (&out)[N]) { InclusiveScan(in, out, cub::Sum()); }
  template <int N> HARNESS_HERE void InclusiveSum(T (&in)[N], T (&out)[N], T& aggregate) { InclusiveScan(in, out, cub::Sum(), aggregate); }
  HARNESS_HERE void ExclusiveSum(T in, T& out) { ExclusiveScan(in, out, T(0), cub::Sum()); }
  HARNESS_HERE void ExclusiveSum(T in, T& out, T& aggregate) { ExclusiveScan(in, out, T(0), cub::Sum(), aggregate); }
  template <int N> HARNESS_HERE void ExclusiveSum(T (&in)[N], T (&out)[N]) { ExclusiveScan(in, out, T(0), cub::Sum()); }
  template <int N> HARNESS_HERE void ExclusiveSum(T (&in)[N], T (&out)[N], T& aggregate) { ExclusiveScan(in, out, T(0), cub::Sum(), aggregate); }
  // With a callback of the first warp, which turns the block's aggregate into what stands before it.
  template <class Op, class Callback> requires std::is_invocable_r_v<T, Callback&, T>
  HARNESS_HERE void ExclusiveScan(T in, T& out, Op op, Callback& prefix) {
    before(in, op, prefix);
    out = detail::rank() ? T(op(storage_.seed[0], storage_.values[detail::rank() - 1])) : storage_.seed[0];
  }
  template <class Op, class Callback> requires std::is_invocable_r_v<T, Callback&, T>
  HARNESS_HERE void InclusiveScan(T in, T& out, Op op, Callback& prefix) {
    before(in, op, prefix);
    out = T(op(storage_.seed[0], storage_.values[detail::rank()]));
  }
  template <int N, class Op, class Callback> requires std::is_invocable_r_v<T, Callback&, T>
  HARNESS_HERE void ExclusiveScan(T (&in)[N], T (&out)[N], Op op, Callback& prefix) {
    before(folded(in, op), op, prefix);
    T running = detail::rank() ? T(op(storage_.seed[0], storage_.values[detail::rank() - 1])) : storage_.seed[0];
    for (int i = 0; i < N; ++i) {
      const T next = op(running, in[i]);
      out[i] = running;
      running = next;
    }
  }
  template <int N, class Op, class Callback> requires std::is_invocable_r_v<T, Callback&, T>
  HARNESS_HERE void InclusiveScan(T (&in)[N], T (&out)[N], Op op, Callback& prefix) {
    before(folded(in, op), op, prefix);
    T running = detail::rank() ? T(op(storage_.seed[0], storage_.values[detail::rank() - 1])) : storage_.seed[0];
    for (int i = 0; i < N; ++i) out[i] = running = op(running, in[i]);
  }
  template <class Callback> requires std::is_invocable_r_v<T, Callback&, T>
  HARNESS_HERE void ExclusiveSum(T in, T& out, Callback& prefix) { ExclusiveScan(in, out, cub::Sum(), prefix); }
  template <class Callback> requires std::is_invocable_r_v<T, Callback&, T>
  HARNESS_HERE void InclusiveSum(T in, T& out, Callback& prefix) { InclusiveScan(in, out, cub::Sum(), prefix); }
  template <int N, class Callback> requires std::is_invocable_r_v<T, Callback&, T>
  HARNESS_HERE void ExclusiveSum(T (&in)[N], T (&out)[N], Callback& prefix) { ExclusiveScan(in, out, cub::Sum(), prefix); }
  template <int N, class Callback> requires std::is_invocable_r_v<T, Callback&, T>
  HARNESS_HERE void InclusiveSum(T (&in)[N], T (&out)[N], Callback& prefix) { InclusiveScan(in, out, cub::Sum(), prefix); }

 private:
  template <class Op> HARNESS_HERE void scan(T in, Op op, T& aggregate) {
    storage_.values[detail::rank()] = in;
    detail::meet();
    if (detail::rank() == 0)
      for (int i = 1; i < kThreads; ++i) storage_.values[i] = op(storage_.values[i - 1], storage_.values[i]);
    detail::meet();
    aggregate = storage_.values[kThreads - 1];
  }
  template <class Op, class Callback> HARNESS_HERE void before(T in, Op op, Callback& prefix) {
    T aggregate;
    scan(in, op, aggregate);
    if (harness_cuda::warp_id() == 0) {
      const T earlier = prefix(aggregate);
      if (detail::rank() == 0) storage_.seed[0] = earlier;
    }
    detail::meet();
  }
  template <int N, class Op> static HARNESS_HERE T folded(T (&in)[N], Op op) {
    T v = in[0];
    for (int i = 1; i < N; ++i) v = op(v, in[i]);
    return v;
  }
  TempStorage& storage_;
};

template <class T, int X, int N, BlockLoadAlgorithm Algorithm = BLOCK_LOAD_DIRECT, int Y = 1, int Z = 1, int Arch = 0>
class BlockLoad {
  static constexpr int place(int i) { return Algorithm == BLOCK_LOAD_STRIPED ? i * X * Y * Z + detail::rank() : detail::rank() * N + i; }

 public:
  using TempStorage = detail::Empty;
  BlockLoad() {}
  explicit BlockLoad(TempStorage&) {}
  template <class It> HARNESS_HERE void Load(It from, T (&items)[N]) { for (int i = 0; i < N; ++i) items[i] = from[place(i)]; }
  template <class It> HARNESS_HERE void Load(It from, T (&items)[N], int valid) {
    for (int i = 0; i < N; ++i)
      if (place(i) < valid) items[i] = from[place(i)];
  }
  template <class It, class D> HARNESS_HERE void Load(It from, T (&items)[N], int valid, D fallback) {
    for (int i = 0; i < N; ++i) items[i] = place(i) < valid ? T(from[place(i)]) : T(fallback);
  }
};
template <class T, int X, int N, BlockStoreAlgorithm Algorithm = BLOCK_STORE_DIRECT, int Y = 1, int Z = 1, int Arch = 0>
class BlockStore {
  static constexpr int place(int i) { return Algorithm == BLOCK_STORE_STRIPED ? i * X * Y * Z + detail::rank() : detail::rank() * N + i; }

 public:
  using TempStorage = detail::Empty;
  BlockStore() {}
  explicit BlockStore(TempStorage&) {}
  template <class It> HARNESS_HERE void Store(It to, T (&items)[N], int valid = X * Y * Z * N) {
    for (int i = 0; i < N; ++i)
      if (place(i) < valid) to[place(i)] = items[i];
  }
};

template <class T, int X, int N, bool Sliced = false, int Y = 1, int Z = 1, int Arch = 0>
class BlockExchange {
  static constexpr int kThreads = X * Y * Z;
  static int striped(int i) { return i * kThreads + detail::rank(); }
  static int blocked(int i) { return detail::rank() * N + i; }

 public:
  using TempStorage = detail::Slots<T, kThreads * N>;
  BlockExchange() : storage_(detail::own_storage<TempStorage, BlockExchange>()) {}
  explicit BlockExchange(TempStorage& storage) : storage_(storage) {}
  template <class O> HARNESS_HERE void StripedToBlocked(const T (&in)[N], O (&out)[N]) { move(in, out, striped, blocked); }
  template <class O> HARNESS_HERE void BlockedToStriped(const T (&in)[N], O (&out)[N]) { move(in, out, blocked, striped); }
  HARNESS_HERE void StripedToBlocked(T (&items)[N]) { move(items, items, striped, blocked); }
  HARNESS_HERE void BlockedToStriped(T (&items)[N]) { move(items, items, blocked, striped); }
  template <class O, class I> HARNESS_HERE void ScatterToBlocked(const T (&in)[N], O (&out)[N], I (&ranks)[N]) { move(in, out, [&](int i) { return int(ranks[i]); }, blocked); }
  template <class O, class I> HARNESS_HERE void ScatterToStriped(const T (&in)[N], O (&out)[N], I (&ranks)[N]) { move(in, out, [&](int i) { return int(ranks[i]); }, striped); }

 private:
  template <class O, class From, class To> HARNESS_HERE void move(const T (&in)[N], O (&out)[N], From from, To to) {
    for (int i = 0; i < N; ++i) storage_[from(i)] = in[i];
    detail::meet();
    for (int i = 0; i < N; ++i) out[i] = storage_[to(i)];
  }
  TempStorage& storage_;
};

template <class Key, int X, int N, class Value = NullType, int Bits = 4, bool Memoize = true, BlockScanAlgorithm Scan = BLOCK_SCAN_WARP_SCANS,
          cudaSharedMemConfig Config = cudaSharedMemBankSizeFourByte, int Y = 1, int Z = 1, int Arch = 0>
class BlockRadixSort {
  static constexpr int kCount = X * Y * Z * N, kThreads = X * Y * Z, kBits = 8 * sizeof(Key);
  struct Item { Key key; [[no_unique_address]] Value value; };

 public:
  using TempStorage = detail::Slots<Item, kCount>;
  BlockRadixSort() : storage_(detail::own_storage<TempStorage, BlockRadixSort>()) {}
  explicit BlockRadixSort(TempStorage& storage) : storage_(storage) {}
  HARNESS_HERE void Sort(Key (&keys)[N], int begin = 0, int end = kBits) { Value none[N]; sort(keys, none, begin, end, false, false); }
  HARNESS_HERE void Sort(Key (&keys)[N], Value (&values)[N], int begin = 0, int end = kBits) { sort(keys, values, begin, end, false, false); }
  HARNESS_HERE void SortDescending(Key (&keys)[N], int begin = 0, int end = kBits) { Value none[N]; sort(keys, none, begin, end, true, false); }
  HARNESS_HERE void SortDescending(Key (&keys)[N], Value (&values)[N], int begin = 0, int end = kBits) { sort(keys, values, begin, end, true, false); }
  HARNESS_HERE void SortBlockedToStriped(Key (&keys)[N], int begin = 0, int end = kBits) { Value none[N]; sort(keys, none, begin, end, false, true); }
  HARNESS_HERE void SortBlockedToStriped(Key (&keys)[N], Value (&values)[N], int begin = 0, int end = kBits) { sort(keys, values, begin, end, false, true); }
  HARNESS_HERE void SortDescendingBlockedToStriped(Key (&keys)[N], int begin = 0, int end = kBits) { Value none[N]; sort(keys, none, begin, end, true, true); }
  HARNESS_HERE void SortDescendingBlockedToStriped(Key (&keys)[N], Value (&values)[N], int begin = 0, int end = kBits) { sort(keys, values, begin, end, true, true); }

 private:
  HARNESS_HERE void sort(Key (&keys)[N], Value (&values)[N], int begin, int end, bool descending, bool striped) {
    const int first = detail::rank() * N;
    for (int i = 0; i < N; ++i) storage_[first + i] = Item{keys[i], values[i]};
    detail::meet();
    if (detail::rank() == 0)
      std::stable_sort(&storage_[0], &storage_[0] + kCount, [=](const Item& a, const Item& b) {
        const uint64_t x = detail::radix(a.key, begin, end), y = detail::radix(b.key, begin, end);
        return descending ? y < x : x < y;
      });
    detail::meet();
    for (int i = 0; i < N; ++i) {
      const Item& item = storage_[striped ? i * kThreads + detail::rank() : first + i];
      keys[i] = item.key;
      values[i] = item.value;
    }
  }
  TempStorage& storage_;
};
}  // namespace cub
