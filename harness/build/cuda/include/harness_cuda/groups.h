// Cooperative groups: thread blocks, tiles, coalesced groups and the grid. Reductions and scans are in groups_collect.h.
#pragma once
#include "warp.h"

namespace cooperative_groups {
namespace details {
// Lanes of one warp, named by a mask; a thread's rank is its place among them.
class LaneGroup {
 public:
  explicit LaneGroup(uint32_t mask) : mask_(mask) {}
  uint32_t lanes() const { return mask_; }
  unsigned thread_rank() const { return unsigned(__builtin_popcount(mask_ & ((1u << harness_cuda::lane_id()) - 1))); }
  unsigned num_threads() const { return unsigned(__builtin_popcount(mask_)); }
  unsigned size() const { return num_threads(); }
  HARNESS_HERE void sync() const { harness_cuda::warp_barrier(mask_); }
  unsigned lane_of(unsigned rank) const { return __fns(mask_, 0, int(rank) + 1); }

  HARNESS_HERE int any(int predicate) const { return __any_sync(mask_, predicate); }
  HARNESS_HERE int all(int predicate) const { return __all_sync(mask_, predicate); }
  HARNESS_HERE unsigned ballot(int predicate) const { return packed(__ballot_sync(mask_, predicate)); }
  template <class T> HARNESS_HERE unsigned match_any(T v) const { return packed(__match_any_sync(mask_, v)); }
  template <class T> HARNESS_HERE unsigned match_all(T v, int& predicate) const { return packed(__match_all_sync(mask_, v, &predicate)); }

 protected:
  // Any trivially copyable value of up to 32 bytes, in pieces of 8.
  template <class T>
  HARNESS_HERE T from_lane(const T& v, unsigned lane, bool inside) const {
    static_assert(std::is_trivially_copyable_v<T> && sizeof(T) <= 32, "a group's shuffle takes at most 32 trivially copyable bytes");
    T result;
    for (size_t at = 0; at < sizeof(T); at += 8) {
      const size_t bytes = sizeof(T) - at < 8 ? sizeof(T) - at : 8;
      uint64_t piece = 0;
      __builtin_memcpy(&piece, reinterpret_cast<const char*>(&v) + at, bytes);
      piece = harness_cuda::shuffle(mask_, piece, lane & 31, inside);
      __builtin_memcpy(reinterpret_cast<char*>(&result) + at, &piece, bytes);
    }
    return result;
  }
  // Bits of lanes become bits of ranks.
  unsigned packed(unsigned lanes) const {
    unsigned result = 0, rank = 0;
    for (unsigned rest = mask_; rest; rest &= rest - 1, ++rank) result |= (lanes >> __builtin_ctz(rest) & 1) << rank;
    return result;
  }
  uint32_t mask_;
};
}  // namespace details

class thread_block {
 public:
  using arrival_token = int;
  static HARNESS_HERE void sync(int line = __builtin_LINE()) { harness_cuda::barrier(harness_cuda::Barrier::plain, 0, line); }
  static unsigned thread_rank() { return harness_cuda::linear_thread(); }
  static unsigned num_threads() { return harness_cuda::block_threads(); }
  static unsigned size() { return num_threads(); }
  static dim3 group_index() { return blockIdx; }
  static dim3 thread_index() { return threadIdx; }
  static dim3 group_dim() { return blockDim; }
  static dim3 dim_threads() { return blockDim; }
  // Waiting is where the threads meet; a token has nothing to tell.
  static arrival_token barrier_arrive() { return 0; }
  static HARNESS_HERE void barrier_wait(arrival_token, int line = __builtin_LINE()) { sync(line); }
};
HARNESS_HERE thread_block this_thread_block() { return thread_block(); }

class grid_group {
 public:
  static bool is_valid() { return true; }
  static HARNESS_HERE void sync(int line = __builtin_LINE()) { harness_cuda::grid_barrier(line); }
  static unsigned long long block_rank() {
    return blockIdx.x + static_cast<unsigned long long>(gridDim.x) * (blockIdx.y + static_cast<unsigned long long>(gridDim.y) * blockIdx.z);
  }
  static unsigned long long num_blocks() { return static_cast<unsigned long long>(gridDim.x) * gridDim.y * gridDim.z; }
  static unsigned long long thread_rank() { return block_rank() * harness_cuda::block_threads() + harness_cuda::linear_thread(); }
  static unsigned long long num_threads() { return num_blocks() * harness_cuda::block_threads(); }
  static unsigned long long size() { return num_threads(); }
  static dim3 group_dim() { return gridDim; }
  static dim3 dim_blocks() { return gridDim; }
  static dim3 block_index() { return blockIdx; }
  static dim3 thread_index() { return threadIdx; }
  static int barrier_arrive() { return 0; }
  static HARNESS_HERE void barrier_wait(int, int line = __builtin_LINE()) { sync(line); }
};
HARNESS_HERE grid_group this_grid() { return grid_group(); }

class coalesced_group : public details::LaneGroup {
 public:
  coalesced_group() : LaneGroup(1u << harness_cuda::lane_id()) {}
  explicit coalesced_group(uint32_t mask, unsigned index = 0, unsigned count = 1) : LaneGroup(mask), index_(index), count_(count) {}
  unsigned meta_group_rank() const { return index_; }
  unsigned meta_group_size() const { return count_; }
  template <class T> HARNESS_HERE T shfl(const T& v, unsigned rank) const { return from_lane(v, lane_of(rank % size()), true); }
  template <class T> HARNESS_HERE T shfl_up(const T& v, unsigned delta) const {
    const unsigned rank = thread_rank();
    return from_lane(v, lane_of(delta <= rank ? rank - delta : rank), true);
  }
  template <class T> HARNESS_HERE T shfl_down(const T& v, unsigned delta) const {
    const unsigned rank = thread_rank();
    return from_lane(v, lane_of(rank + delta < size() ? rank + delta : rank), true);
  }

 private:
  unsigned index_ = 0, count_ = 1;
};
HARNESS_HERE coalesced_group coalesced_threads(int line = __builtin_LINE()) { return coalesced_group(harness_cuda::active_mask(line)); }

template <unsigned Size, class Parent = void>
class thread_block_tile : public details::LaneGroup {
  static_assert(Size && (Size & (Size - 1)) == 0, "a tile's size is a power of two");
  static_assert(Size <= 32, "uses tiles of more than 32 threads, which the emulation does not have");

 public:
  thread_block_tile(unsigned index, unsigned count)
      : LaneGroup((Size == 32 ? ~0u : (1u << (Size & 31)) - 1) << (harness_cuda::lane_id() & ~(Size - 1))), index_(index), count_(count) {}
  template <class Other>
  thread_block_tile(const thread_block_tile<Size, Other>& other) : thread_block_tile(other.meta_group_rank(), other.meta_group_size()) {}
  unsigned thread_rank() const { return harness_cuda::lane_id() & (Size - 1); }
  static constexpr unsigned num_threads() { return Size; }
  static constexpr unsigned size() { return Size; }
  unsigned meta_group_rank() const { return index_; }
  unsigned meta_group_size() const { return count_; }
  template <class T> HARNESS_HERE T shfl(const T& v, int rank) const { return from_lane(v, base() | (unsigned(rank) & (Size - 1)), true); }
  template <class T> HARNESS_HERE T shfl_up(const T& v, unsigned delta) const { return from_lane(v, harness_cuda::lane_id() - delta, delta <= thread_rank()); }
  template <class T> HARNESS_HERE T shfl_down(const T& v, unsigned delta) const { return from_lane(v, harness_cuda::lane_id() + delta, delta < Size - thread_rank()); }
  template <class T> HARNESS_HERE T shfl_xor(const T& v, unsigned lane_mask) const {
    const unsigned source = harness_cuda::lane_id() ^ lane_mask;
    return from_lane(v, source, source < base() + Size);
  }

 private:
  unsigned base() const { return harness_cuda::lane_id() & ~(Size - 1); }
  unsigned index_, count_;
};

// A group whose kind is known at run time only.
class thread_group {
 public:
  thread_group(const thread_block&) : whole_(true), mask_(0) {}
  thread_group(const details::LaneGroup& group) : whole_(false), mask_(group.lanes()) {}
  HARNESS_HERE void sync(int line = __builtin_LINE()) const { whole_ ? thread_block::sync(line) : harness_cuda::warp_barrier(mask_); }
  unsigned thread_rank() const { return whole_ ? thread_block::thread_rank() : details::LaneGroup(mask_).thread_rank(); }
  unsigned num_threads() const { return whole_ ? thread_block::num_threads() : details::LaneGroup(mask_).num_threads(); }
  unsigned size() const { return num_threads(); }
  bool is_block() const { return whole_; }
  uint32_t lanes() const { return mask_; }

 private:
  bool whole_;
  uint32_t mask_;
};

template <unsigned Size>
HARNESS_HERE thread_block_tile<Size, thread_block> tiled_partition(const thread_block&) {
  return {harness_cuda::linear_thread() / Size, (harness_cuda::block_threads() + Size - 1) / Size};
}
template <unsigned Size, unsigned Outer, class Parent>
HARNESS_HERE thread_block_tile<Size, thread_block_tile<Outer, Parent>> tiled_partition(const thread_block_tile<Outer, Parent>& tile) {
  static_assert(Size <= Outer, "a tile's parts are not larger than it");
  return {tile.thread_rank() / Size, Outer / Size};
}
HARNESS_HERE coalesced_group tiled_partition(const coalesced_group& group, unsigned size) {
  const unsigned part = group.thread_rank() / size;
  uint32_t mask = 0;
  for (unsigned rank = part * size; rank < (part + 1) * size && rank < group.size(); ++rank) mask |= 1u << group.lane_of(rank);
  return coalesced_group(mask, part, (group.size() + size - 1) / size);
}
template <unsigned Size>
HARNESS_HERE coalesced_group tiled_partition(const coalesced_group& group) { return tiled_partition(group, Size); }
HARNESS_HERE thread_group tiled_partition(const thread_group& group, unsigned size) {
  if (group.is_block()) {
    if (size > 32) harness_cuda::refuse("tiles of more than 32 threads");
    return details::LaneGroup((size == 32 ? ~0u : (1u << size) - 1) << (harness_cuda::lane_id() & ~(size - 1)));
  }
  return tiled_partition(coalesced_group(group.lanes()), size);
}
template <class Group, class Label>
HARNESS_HERE coalesced_group labeled_partition(const Group& group, Label label) {
  const uint32_t mask = __match_any_sync(group.lanes(), label);
  // Parts are numbered by their first lane.
  const uint32_t leaders = __ballot_sync(group.lanes(), harness_cuda::lane_id() == unsigned(__builtin_ctz(mask)));
  return coalesced_group(mask, unsigned(__builtin_popcount(leaders & ((1u << __builtin_ctz(mask)) - 1))), unsigned(__builtin_popcount(leaders)));
}
template <class Group>
HARNESS_HERE coalesced_group binary_partition(const Group& group, bool predicate) {
  const uint32_t yes = __ballot_sync(group.lanes(), predicate), no = group.lanes() & ~yes;
  return coalesced_group(predicate ? yes : no, predicate ? 0 : 1, 2);
}

template <class Group> HARNESS_HERE void sync(const Group& group, int line = __builtin_LINE()) {
  if constexpr (requires { group.sync(line); }) group.sync(line);
  else group.sync();
}
template <class Group> HARNESS_HERE auto thread_rank(const Group& group) { return group.thread_rank(); }
template <class Group> HARNESS_HERE auto group_size(const Group& group) { return group.size(); }

template <class Group, class F, class... Argument>
HARNESS_HERE void invoke_one(const Group& group, F&& f, Argument&&... arguments) {
  if (group.thread_rank() == 0) f(static_cast<Argument&&>(arguments)...);
}
template <class Group, class F, class... Argument>
HARNESS_HERE auto invoke_one_broadcast(const Group& group, F&& f, Argument&&... arguments) {
  decltype(f(static_cast<Argument&&>(arguments)...)) result{};
  if (group.thread_rank() == 0) result = f(static_cast<Argument&&>(arguments)...);
  return group.shfl(result, 0);
}
}  // namespace cooperative_groups
