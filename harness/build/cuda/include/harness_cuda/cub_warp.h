// CUB's warp-wide primitives, on the lanes of a logical warp. They need no storage.
#pragma once
#include "cub_operators.h"
#include "groups_collect.h"

namespace cub {
namespace detail {
template <int Width>
struct LogicalWarp {  // as groups_collect.h wants a group
  uint32_t mask;
  LogicalWarp() : mask((Width == 32 ? ~0u : (1u << (Width & 31)) - 1) << (harness_cuda::lane_id() / Width * Width)) {
    static_assert(Width >= 1 && Width <= 32, "a logical warp has 1 to 32 lanes");
  }
  uint32_t lanes() const { return mask; }
  static HARNESS_HERE unsigned rank() { return harness_cuda::lane_id() % Width; }
};
struct NoStorage {};
}  // namespace detail

template <class T, int Width = 32, int Arch = 0>
class WarpReduce {
 public:
  using TempStorage = detail::NoStorage;
  WarpReduce() {}
  explicit WarpReduce(TempStorage&) {}
  // The result is the first lane's; the others get their own value back.
  template <class Op> HARNESS_HERE T Reduce(T v, Op op, int valid = Width) {
    T values[32];
    const detail::LogicalWarp<Width> warp;
    const int count = int(cooperative_groups::details::gather(warp, v, values));
    if (warp.rank() != 0) return v;
    for (int i = 1; i < count && i < valid; ++i) v = op(v, values[i]);
    return v;
  }
  HARNESS_HERE T Sum(T v) { return Reduce(v, cub::Sum()); }
  HARNESS_HERE T Sum(T v, int valid) { return Reduce(v, cub::Sum(), valid); }
  HARNESS_HERE T Max(T v) { return Reduce(v, cub::Max()); }
  HARNESS_HERE T Min(T v) { return Reduce(v, cub::Min()); }
};

template <class T, int Width = 32, int Arch = 0>
class WarpScan {
 public:
  using TempStorage = detail::NoStorage;
  WarpScan() {}
  explicit WarpScan(TempStorage&) {}
  template <class Op> HARNESS_HERE void InclusiveScan(T in, T& out, Op op) { T all; InclusiveScan(in, out, op, all); }
  template <class Op> HARNESS_HERE void InclusiveScan(T in, T& out, Op op, T& aggregate) {
    T scanned[32];
    const unsigned count = scan(in, op, scanned);
    out = scanned[detail::LogicalWarp<Width>::rank()];
    aggregate = scanned[count - 1];
  }
  template <class Op> HARNESS_HERE void ExclusiveScan(T in, T& out, T initial, Op op) { T all; ExclusiveScan(in, out, initial, op, all); }
  template <class Op> HARNESS_HERE void ExclusiveScan(T in, T& out, T initial, Op op, T& aggregate) {
    T scanned[32];
    const unsigned count = scan(in, op, scanned), rank = detail::LogicalWarp<Width>::rank();
    out = rank ? op(initial, scanned[rank - 1]) : initial;
    aggregate = scanned[count - 1];
  }
  template <class Op> HARNESS_HERE void ExclusiveScan(T in, T& out, Op op) {  // the first lane's result is undefined
    T scanned[32];
    scan(in, op, scanned);
    if (const unsigned rank = detail::LogicalWarp<Width>::rank()) out = scanned[rank - 1];
  }
  template <class Op> HARNESS_HERE void Scan(T in, T& inclusive, T& exclusive, T initial, Op op) {
    T scanned[32];
    scan(in, op, scanned);
    const unsigned rank = detail::LogicalWarp<Width>::rank();
    inclusive = op(initial, scanned[rank]);
    exclusive = rank ? op(initial, scanned[rank - 1]) : initial;
  }
  HARNESS_HERE void InclusiveSum(T in, T& out) { InclusiveScan(in, out, cub::Sum()); }
  HARNESS_HERE void InclusiveSum(T in, T& out, T& aggregate) { InclusiveScan(in, out, cub::Sum(), aggregate); }
  HARNESS_HERE void ExclusiveSum(T in, T& out) { ExclusiveScan(in, out, T(0), cub::Sum()); }
  HARNESS_HERE void ExclusiveSum(T in, T& out, T& aggregate) { ExclusiveScan(in, out, T(0), cub::Sum(), aggregate); }
  HARNESS_HERE T Broadcast(T v, unsigned source) {
    T values[32];
    cooperative_groups::details::gather(detail::LogicalWarp<Width>(), v, values);
    return values[source];
  }

 private:
  template <class Op> static HARNESS_HERE unsigned scan(T in, Op op, T (&scanned)[32]) {
    const unsigned count = cooperative_groups::details::gather(detail::LogicalWarp<Width>(), in, scanned);
    for (unsigned i = 1; i < count; ++i) scanned[i] = op(scanned[i - 1], scanned[i]);
    return count;
  }
};
}  // namespace cub
