// Stacks, and the switch from one to another.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

namespace harness_cuda {

// Saves the callee-saved registers on this stack and its pointer in `*save`, then goes on where `to` was saved.
extern "C" __attribute__((visibility("hidden"))) void harness_cuda_switch(void** save, void* to);

constexpr size_t kStackBytes = 128 << 10;  // the local memory of one CUDA thread, at most
constexpr size_t kGuardBytes = 4 << 10;    // an overflow is a segmentation fault, not a neighbour's corruption

// Stacks of one OS thread, kept from launch to launch. They are mapped by the slab: one mapping, guard pages in between.
class Stacks {
 public:
  Stacks() = default;
  Stacks(const Stacks&) = delete;
  Stacks& operator=(const Stacks&) = delete;
  ~Stacks();
  char* take();                                      // lowest usable byte of a stack
  void give_back(char* stack) { free_.push_back(stack); }
  bool holds(const void* address) const;             // in any stack of this thread

 private:
  struct Slab {
    char* base;
    size_t bytes;
  };
  void map_slab();
  std::vector<Slab> slabs_;
  std::vector<char*> free_;
};

// A saved context at the top of `stack` that begins in `entry`.
void* prepare(char* stack, void (*entry)());

}  // namespace harness_cuda
