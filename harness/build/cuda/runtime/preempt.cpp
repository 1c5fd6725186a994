// A loop such as `while (*(volatile int*)flag == 0);` calls nothing, so only a signal can interrupt it. It is delivered by a
// timer of the OS thread's own CPU time, so that it costs nothing where launches are short and nothing between launches.
//
// The plain build only: the checked one sees every access, and polls there let others run.
#include "preempt.h"

#include <link.h>
#include <signal.h>
#include <sys/syscall.h>
#include <time.h>
#include <ucontext.h>
#include <unistd.h>

#include "block.h"
#include "grid.h"

namespace harness_cuda {
namespace {

constexpr long kFirstNs = 20'000'000, kNextNs = 5'000'000;

struct Code {
  uintptr_t begin = 0;
  size_t bytes = 0;
};

// Where this library's instructions lie. Elsewhere (in malloc, say) a thread may hold a lock and is left alone.
Code own_code() {
  Code found;
  dl_iterate_phdr(
      [](dl_phdr_info* info, size_t, void* argument) {
        for (int i = 0; i < info->dlpi_phnum; ++i) {
          const auto& segment = info->dlpi_phdr[i];
          const uintptr_t begin = info->dlpi_addr + segment.p_vaddr;
          if (segment.p_type != PT_LOAD || reinterpret_cast<uintptr_t>(&own_code) - begin >= segment.p_memsz) continue;
          *static_cast<Code*>(argument) = {begin, segment.p_memsz};
          return 1;
        }
        return 0;
      },
      &found);
  return found;
}
Code code;

void interrupt(int, siginfo_t*, void* context) {
  Block* b = current;
  if (!b || !b->running) return;
#if defined(__x86_64__)
  const auto pc = static_cast<uintptr_t>(static_cast<ucontext_t*>(context)->uc_mcontext.gregs[REG_RIP]);
#else
  const auto pc = static_cast<uintptr_t>(static_cast<ucontext_t*>(context)->uc_mcontext.pc);
#endif
  if (pc - code.begin < code.bytes) b->preempt();
}

}  // namespace

Timer::~Timer() {
  if (works_) timer_delete(id_);
}

void Timer::set(long first_ns, long next_ns) {
  const itimerspec when{{0, next_ns}, {0, first_ns}};
  if (works_) timer_settime(id_, 0, &when, nullptr);
}

void Timer::arm() {
  if (!code.bytes) code = own_code();
  struct sigaction action{};  // set at each launch: another library of this process has a handler of its own
  action.sa_sigaction = interrupt;
  action.sa_flags = SA_SIGINFO | SA_NODEFER | SA_RESTART;
  sigaction(SIGRTMIN + 5, &action, nullptr);
  if (!made_) {
    made_ = true;
    sigevent event{};
    event.sigev_notify = SIGEV_THREAD_ID;
    event.sigev_signo = SIGRTMIN + 5;
#ifdef sigev_notify_thread_id
    event.sigev_notify_thread_id = static_cast<pid_t>(syscall(SYS_gettid));
#else
    event._sigev_un._tid = static_cast<pid_t>(syscall(SYS_gettid));
#endif
    works_ = timer_create(CLOCK_THREAD_CPUTIME_ID, &event, &id_) == 0;
  }
  set(kFirstNs, kNextNs);
}

void Timer::disarm() { set(0, 0); }

}  // namespace harness_cuda
