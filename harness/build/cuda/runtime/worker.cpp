// An OS thread's share of a launch: it runs blocks one after another. A block that only polls, or waits for the whole grid,
// is set aside, and others run beside it.
#include <pthread.h>

#include <string>

#include "check.h"
#include "grid.h"

namespace harness_cuda {
namespace {

void finish(Block& b) {
  check_block_ends(b);
  if (!canary_is_alive(b)) {
    Finding finding = finding_here(b, Kind::out_of_bounds, 0, "wrote past the end of the dynamic shared memory");
    finding.write = 1;
    add_finding(finding);
    throw Error(std::string(b.grid->kernel) + " wrote past the end of its dynamic shared memory");
  }
}

pthread_key_t key;
__thread Worker* own_worker __attribute__((tls_model("initial-exec")));

void end_worker(void* worker) { delete static_cast<Worker*>(worker); }

}  // namespace

Worker& this_worker() {
  if (!own_worker) {
    static const bool made = pthread_key_create(&key, end_worker) == 0;
    own_worker = new Worker;
    if (made) pthread_setspecific(key, own_worker);
  }
  return *own_worker;
}

Block& Worker::block(size_t index, Grid& grid) {
  while (blocks.size() <= index) blocks.push_back(std::make_unique<Block>());
  blocks[index]->bind(grid, *this);
  return *blocks[index];
}

void Worker::run(Grid& grid) {
  if (!checks_are_built_in()) timer.arm();
  blockDim = grid.configuration.block;
  gridDim = grid.configuration.grid;
  try {
    Block* first = nullptr;
    if (grid.configuration.cooperative) run_resident(grid);
    uint64_t number;
    while (!grid.failed && grid.take(number)) {
      Block& only = first ? *first : *(first = &block(0, grid));
      only.begin(number);
      while (only.run() == Stop::polling && only.poll_rounds < kPatientRounds && !grid.failed) {
      }
      if (only.stop == Stop::finished) {
        finish(only);
      } else if (only.stop == Stop::polling) {
        run_resident(grid);  // takes over this block
      } else if (only.stop == Stop::blocked) {
        deadlock(grid, {&only});
      }
    }
  } catch (...) {
    grid.fail(std::current_exception());
  }
  if (!checks_are_built_in()) timer.disarm();
  for (auto& b : blocks) {
    if (b->grid == &grid && b->alive) b->abandon();
  }
}

// Runs several blocks in turns. All blocks of a cooperative launch are begun; else another one whenever all begun ones poll.
void Worker::run_resident(Grid& grid) {
  const bool cooperative = grid.configuration.cooperative;
  const size_t threads = static_cast<size_t>(grid.configuration.block.x) * grid.configuration.block.y * grid.configuration.block.z;
  const size_t most = kMostResidentThreads / threads;
  std::vector<Block*> resident;
  if (!cooperative) resident.push_back(blocks[0].get());
  auto begin_another = [&] {
    uint64_t number;
    size_t slot = 0;
    while (slot < resident.size() && resident[slot]->alive) ++slot;
    if (slot >= most || !grid.take_lowest(number)) return false;
    if (slot == resident.size()) resident.push_back(&block(slot, grid));
    resident[slot]->begin(number);
    return true;
  };
  if (cooperative) {
    while (begin_another()) {
    }
  }
  for (;;) {
    size_t alive = 0, at_grid = 0;
    bool polling = false;
    for (size_t i = 0; i < resident.size(); ++i) {
      Block& b = *resident[i];
      if (grid.failed) return;
      if (!b.alive) continue;
      ++alive;
      if (b.at_grid == b.alive) {
        ++at_grid;
        continue;
      }
      const Stop stop = b.run();
      if (stop == Stop::finished) finish(b);
      if (stop == Stop::blocked && b.at_grid != b.alive) deadlock(grid, resident);
      polling |= stop == Stop::polling;
    }
    if (!alive && (cooperative || !begin_another())) return;
    if (alive && at_grid == alive) pass_grid_barrier(resident);
    if (polling && !cooperative) begin_another();
  }
}

void Worker::pass_grid_barrier(const std::vector<Block*>& resident) {
  check_grid_passes();
  for (Block* b : resident) {
    for (unsigned t = 0; b->alive && t < b->front.threads; ++t) {
      if (b->state[t] == kAtGrid) b->state[t] = kReady;
    }
    b->at_grid = 0;
  }
}

}  // namespace harness_cuda
