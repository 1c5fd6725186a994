// A launch from the host: limits, order of the blocks, errors.
#include "grid.h"

#include <cstdio>
#include <numeric>
#include <string>

#include "check.h"

namespace harness_cuda {
namespace {

size_t dynamic_limit = 0;  // raised by cudaFuncSetAttribute; 0: as the chip gives without asking
std::mutex one_launch;     // launches of several host threads run one after another

// Why a GPU would refuse this configuration; empty if it would not. Limits: CUDA C++ Programming Guide, "Compute
// Capabilities".
std::string refusal(const Configuration& c, const Options& o) {
  const uint64_t threads = static_cast<uint64_t>(c.block.x) * c.block.y * c.block.z;
  auto shape = [](const dim3& d) {
    return "(" + std::to_string(d.x) + ", " + std::to_string(d.y) + ", " + std::to_string(d.z) + ")";
  };
  if (threads == 0) return "the block " + shape(c.block) + " is empty";
  if (!c.grid.x || !c.grid.y || !c.grid.z) return "the grid " + shape(c.grid) + " is empty";
  if (threads > o.max_threads_per_block || c.block.x > 1024 || c.block.y > 1024) {
    return "the block " + shape(c.block) + " has " + std::to_string(threads) + " threads, and a block has at most " +
           std::to_string(o.max_threads_per_block);
  }
  if (c.block.z > 64) return "the block " + shape(c.block) + " is deeper than 64";
  if (c.grid.x > 0x7FFFFFFFu || c.grid.y > 65535 || c.grid.z > 65535) {
    return "the grid " + shape(c.grid) + " is larger than (2147483647, 65535, 65535)";
  }
  return "";
}

[[noreturn]] void too_many(const char* kernel, uint64_t threads, uint64_t most) {
  throw Error(std::string(kernel) + " launches " + std::to_string(threads) + " threads, more than the " +
              std::to_string(most) + " that are emulated here");
}

bool accepted(const char* kernel, const Configuration& c, const Options& o) {
  std::string why = refusal(c, o);
  int error = kInvalidConfiguration;
  const size_t shared_limit = dynamic_limit ? dynamic_limit : o.shared_bytes;
  if (why.empty() && c.shared > shared_limit) {
    why = std::to_string(c.shared) + " bytes of dynamic shared memory, and " + std::to_string(shared_limit) +
          " are allowed";
    error = kInvalidValue;
  }
  if (why.empty()) return true;
  last_error() = error;
  Finding finding{};
  finding.kind = static_cast<uint32_t>(Kind::invalid_launch);
  describe(finding, kernel, why.c_str());
  add_finding(finding);
  return false;
}

}  // namespace

Grid::Grid(const char* kernel_, const Configuration& c, Body body_, void* argument_)
    : kernel(kernel_), configuration(c), options(harness_cuda::options()), body(body_), argument(argument_) {
  blocks = static_cast<uint64_t>(c.grid.x) * c.grid.y * c.grid.z;
  constexpr uint64_t kMostOrdered = 4 << 20;  // blocks of a larger grid run forward: there are memory and time for no more
  if (options.order != Order::forward && blocks <= kMostOrdered) begun_already.reset(new std::atomic<bool>[blocks]());
  if (options.order == Order::random && blocks > 1) {
    stride = options.seed * 0x9E3779B97F4A7C15ull % blocks | 1;
    while (std::gcd(stride, blocks) != 1) ++stride;
    shift = (options.seed * 0xD1B54A32D192ED03ull >> 7) % blocks;
  }
}

bool Grid::take(uint64_t& number) {
  for (;;) {
    const uint64_t at = next.fetch_add(1, std::memory_order_relaxed);
    if (at >= blocks) return false;
    number = at;
    if (!begun_already) return true;
    if (options.order == Order::reverse) number = blocks - 1 - at;
    if (options.order == Order::random) number = static_cast<uint64_t>((static_cast<unsigned __int128>(at) * stride + shift) % blocks);
    if (!begun_already[number].exchange(true)) return true;
  }
}

bool Grid::take_lowest(uint64_t& number) {
  if (!begun_already) return take(number);
  for (;;) {
    number = lowest.fetch_add(1, std::memory_order_relaxed);
    if (number >= blocks) return false;
    if (!begun_already[number].exchange(true)) return true;
  }
}

void Grid::fail(std::exception_ptr what) {
  std::lock_guard<std::mutex> guard(mutex);
  if (!failure) failure = what;
  failed = true;
}

void run_grid(const char* kernel, const Configuration& configuration, Body body, void* argument) {
  if (current) refuse("dynamic parallelism");
  const Options& o = options();
  if (!accepted(kernel, configuration, o)) return;
  std::lock_guard<std::mutex> guard(one_launch);
  Grid grid(kernel, configuration, body, argument);
  const uint64_t block_threads =
      static_cast<uint64_t>(configuration.block.x) * configuration.block.y * configuration.block.z;
  const uint64_t threads = grid.blocks * block_threads;
  if (grid.options.max_threads_per_launch && threads > grid.options.max_threads_per_launch) {
    too_many(kernel, threads, grid.options.max_threads_per_launch);
  }
  if (configuration.cooperative && threads > kMostResidentThreads) {
    last_error() = kCooperativeTooLarge;
    too_many(kernel, threads, kMostResidentThreads);
  }
  grid.record = record_launch(grid);
  check_launch_begins(grid);
  constexpr uint64_t kWorthAThread = 1024;  // CUDA threads; fewer are done before another OS thread has woken
  uint64_t workers = checking() || configuration.cooperative ? 1 : grid.options.threads;
  if (workers > grid.blocks) workers = grid.blocks;
  if (threads < kWorthAThread) workers = 1;
  grid.workers = static_cast<unsigned>(workers);
  on_workers(grid.workers, [](void* g) { this_worker().run(*static_cast<Grid*>(g)); }, &grid);
  check_launch_ends(grid);
  if (grid.record) grid.record->static_shared = grid.static_shared;
  if (grid.failure) std::rethrow_exception(grid.failure);
}

int& last_error() { return this_worker().error; }

bool allow_dynamic_shared(size_t bytes) {
  if (bytes > options().shared_optin_bytes) return false;
  if (bytes > options().shared_bytes && bytes > dynamic_limit) dynamic_limit = bytes;
  return true;
}

namespace {

const char* what_it_waits_for(State state) {
  switch (state) {
    case kAtBarrier: return "at __syncthreads()";
    case kInWarp: return "in a warp operation";
    case kConverging: return "in __activemask()";
    case kAtGroup: return "at a named barrier";
    case kAtGrid: return "at the grid barrier";
    case kReady: case kPolling: return "polling memory that nobody changes";
    default: return nullptr;
  }
}

}  // namespace

// Says who waits where in the first block that cannot go on.
void deadlock(Grid& grid, const std::vector<Block*>& blocks) {
  const Block* stuck = nullptr;
  for (const Block* b : blocks) {
    if (b->alive && !stuck) stuck = b;
  }
  std::string who;
  unsigned first = 0;
  for (State kind : {kAtBarrier, kInWarp, kConverging, kAtGroup, kAtGrid, kReady}) {
    unsigned waiting = 0, example = 0;
    for (unsigned t = stuck->front.threads; t-- > 0;) {
      if (stuck->state[t] == kind || (kind == kReady && stuck->state[t] == kPolling)) {
        ++waiting;
        example = t;
      }
    }
    if (!waiting) continue;
    if (who.empty()) first = example;
    who += (who.empty() ? "" : ", ") + std::to_string(waiting) + " " + what_it_waits_for(kind) + " (thread " +
           std::to_string(example) + (waiting > 1 ? " the first" : "") +
           (kind == kAtBarrier ? ", line " + std::to_string(stuck->barrier_line) : "") + ")";
  }
  const unsigned exited = stuck->front.threads - stuck->alive;
  if (exited) who += ", " + std::to_string(exited) + " have exited";
  Finding finding{};
  finding.kind = static_cast<uint32_t>(Kind::deadlock);
  describe(finding, grid.kernel, ("threads wait for ever: " + who).c_str());
  place(finding.block, stuck->index);
  place(finding.thread, stuck->thread_index[first]);
  finding.line = static_cast<uint32_t>(stuck->waiting ? stuck->barrier_line : 0);
  add_finding(finding);
  throw Error("deadlock in " + std::string(grid.kernel) + ", block " + std::to_string(stuck->number) + ": " + who);
}

}  // namespace harness_cuda
