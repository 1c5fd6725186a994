// An OS thread's share of a launch: it runs blocks one after another. A block that only polls, or waits for the whole grid,
// is set aside, and others run beside it.
#include <string>

#include "check.h"
#include "grid.h"

namespace harness_cuda {
namespace {

// Rounds in which a block only polls before another block is started beside it.
constexpr unsigned kPatientRounds = 8;

void finish(Block& b) {
  if (!canary_is_alive(b)) {
    report(Kind::out_of_bounds, "wrote past the end of the dynamic shared memory");
    throw Error(std::string(b.grid->kernel) + " wrote past the end of its dynamic shared memory");
  }
}

}  // namespace

Block& Worker::block(size_t index, Grid& grid) {
  while (blocks.size() <= index) blocks.push_back(std::make_unique<Block>());
  blocks[index]->bind(grid, *this);
  return *blocks[index];
}

void Worker::run(Grid& grid) {
  blockDim = grid.configuration.block;
  gridDim = grid.configuration.grid;
  std::vector<Block*> resident;
  try {
    if (grid.configuration.cooperative) {
      run_resident(grid);
      return;
    }
    Block& only = block(0, grid);
    uint64_t number;
    while (!grid.failed && grid.take(number)) {
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
    if (resident.size() >= most || !grid.take(number)) return false;
    size_t slot = resident.size();
    for (size_t i = 0; i < slot; ++i) {
      if (resident[i]->alive == 0) slot = i;
    }
    Block* fresh = blocks.size() > slot && slot < resident.size() ? resident[slot] : &block(slot, grid);
    if (slot == resident.size()) resident.push_back(fresh);
    fresh->begin(number);
    return true;
  };
  if (cooperative) {
    while (begin_another()) {
    }
  }
  for (unsigned idle = 0;;) {
    size_t alive = 0, blocked = 0;
    bool moved = false;
    for (Block* b : resident) {
      if (grid.failed) return;
      if (b->alive == 0) continue;
      ++alive;
      if (b->at_grid && b->at_grid == b->alive) {
        ++blocked;
        continue;
      }
      const unsigned before = b->alive;
      const unsigned rounds = b->poll_rounds;
      const Stop stop = b->run();
      if (stop == Stop::finished) {
        finish(*b);
        moved = true;
      } else if (stop == Stop::blocked) {
        if (b->at_grid == 0 || b->at_grid < b->alive) deadlock(grid, resident);
        moved = true;
      }
      moved |= b->alive != before || b->poll_rounds < rounds;
    }
    if (!alive) return;
    if (blocked == alive) {
      check_grid_passes();
      for (Block* b : resident) {
        for (unsigned t = 0; b->alive && t < b->front.threads; ++t) {
          if (b->state[t] == kAtGrid) b->state[t] = kReady;
        }
        b->at_grid = 0;
      }
      moved = true;
    }
    idle = moved ? 0 : idle + 1;
    if (!moved && !cooperative) begin_another();
  }
}

}  // namespace harness_cuda
