/* The doorbell between judge and worker, and the judge's clock.
 *
 * Both sides map one shared page block. The judge thaws the worker, rings, and waits; the worker wakes, computes, writes a
 * fixed-size answer and rings back. The window between is the time. Everything the worker writes here is the candidate's
 * word: the judge copies it once and believes none of it without looking at the frozen worker's memory.
 */
#define _GNU_SOURCE
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/futex.h>
#include <poll.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <time.h>
#include <unistd.h>

#define MAX_TENSORS 32
#define MAX_DIMS 12
#define TEXT_BYTES 16384
#define SAMPLES 32
#define SAMPLE_BYTES 4

struct tensor {
  uint64_t address;
  int32_t dtype;
  int32_t dims;
  int64_t sizes[MAX_DIMS];
  int64_t strides[MAX_DIMS];
};

struct page {
  _Atomic uint32_t go;   /* written by the judge */
  _Atomic uint32_t done; /* written by the worker */
  uint32_t slot;
  uint32_t inputs;
  uint64_t offsets[MAX_TENSORS];
  /* the answer */
  uint32_t status;
  uint32_t structure;
  uint32_t outputs;
  uint32_t text_bytes;
  int64_t worker_ns;
  struct tensor out[MAX_TENSORS];
  char text[TEXT_BYTES];
};

struct ring_result {
  int64_t elapsed_ns; /* thaw and ring to answer seen */
  int64_t freeze_ns;  /* answer seen to all threads stopped */
  int64_t cpu_ns;     /* worker's CPU time from frozen to frozen; only then is the kernel's figure exact */
  int32_t outcome;    /* 0 answered, 1 timeout, 2 the process ended */
  int32_t frozen;
  /* bytes of the outputs at the moment of the answer, at places that only the judge knows */
  int32_t samples;
  uint32_t sample_output[SAMPLES];
  uint64_t sample_offset[SAMPLES];
  unsigned char sample[SAMPLES][SAMPLE_BYTES];
};

size_t page_bytes(void) { return sizeof(struct page); }

static int64_t now_ns(clockid_t clock) {
  struct timespec t;
  if (clock_gettime(clock, &t)) return 0;
  return t.tv_sec * 1000000000LL + t.tv_nsec;
}

static int futex_wait(_Atomic uint32_t *word, uint32_t seen, int64_t timeout_ns) {
  struct timespec t = {timeout_ns / 1000000000LL, timeout_ns % 1000000000LL};
  return (int)syscall(SYS_futex, word, FUTEX_WAIT, seen, timeout_ns < 0 ? NULL : &t, NULL, 0);
}

static void futex_wake(_Atomic uint32_t *word) { syscall(SYS_futex, word, FUTEX_WAKE, 1, NULL, NULL, 0); }

/* ---- the worker's side ---- */

static int64_t entered_ns;

/* Waits for the next ring and returns its number; `last` is the number of the ring before. */
uint32_t await_ring(struct page *p, uint32_t last) {
  uint32_t number;
  while ((number = atomic_load(&p->go)) == last) futex_wait(&p->go, last, -1);
  entered_ns = now_ns(CLOCK_MONOTONIC);
  return number;
}

void answer(struct page *p, uint32_t number) {
  p->worker_ns = now_ns(CLOCK_MONOTONIC) - entered_ns;
  atomic_store(&p->done, number);
  futex_wake(&p->done);
}

/* ---- the judge's side ---- */

static int process_ended(int status_fd) {
  struct pollfd f = {status_fd, POLLIN, 0};
  return poll(&f, 1, 0) > 0;
}

/* Whether every thread of `pid` is stopped. 1 yes, 0 not yet, -1 the process is gone. */
static int all_stopped(pid_t pid) {
  char path[64], stat[512];
  snprintf(path, sizeof path, "/proc/%d/task", pid);
  DIR *tasks = opendir(path);
  if (!tasks) return -1;
  int stopped = 1, seen = 0;
  for (struct dirent *e; stopped && (e = readdir(tasks));) {
    if (e->d_name[0] == '.') continue;
    char file[352];
    snprintf(file, sizeof file, "/proc/%d/task/%s/stat", pid, e->d_name);
    int fd = open(file, O_RDONLY | O_CLOEXEC);
    if (fd < 0) continue;
    ssize_t n = read(fd, stat, sizeof stat - 1);
    close(fd);
    if (n <= 0) continue;
    stat[n] = 0;
    char *state = strrchr(stat, ')');
    if (!state) continue;
    seen = 1;
    char c = state[2];
    if (c == 'Z' || c == 'X') continue;
    if (c != 'T' && c != 't') stopped = 0;
  }
  closedir(tasks);
  return seen ? stopped : -1;
}

/* Stops all threads of `pid` and returns once they are. */
int freeze(pid_t pid) {
  if (kill(pid, SIGSTOP)) return -1;
  int64_t deadline = now_ns(CLOCK_MONOTONIC) + 5000000000LL;
  int state;
  while ((state = all_stopped(pid)) == 0) {
    if (now_ns(CLOCK_MONOTONIC) > deadline) return -1;
    struct timespec pause = {0, 20000};
    nanosleep(&pause, NULL);
  }
  return state == 1 ? 0 : -1;
}

int thaw(pid_t pid) { return kill(pid, SIGCONT); }

/* CPU time of all threads of `pid`, in ns. Linux encodes a process clock as the complement of its pid. */
int64_t process_cpu_ns(pid_t pid) { return now_ns((clockid_t)((~(uint32_t)pid << 3) | 2)); }

static uint64_t mix(uint64_t *state) { /* splitmix64 */
  uint64_t z = (*state += 0x9e3779b97f4a7c15ULL);
  z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9ULL;
  z = (z ^ (z >> 27)) * 0x94d049bb133111ebULL;
  return z ^ (z >> 31);
}

/* Looks at the outputs while the worker may still run: what differs once it is frozen was not ready when it answered. */
static void look(const struct page *p, pid_t pid, const int32_t *item_bytes, uint64_t seed, struct ring_result *r) {
  struct iovec local[SAMPLES], remote[SAMPLES];
  uint32_t outputs = *(const volatile uint32_t *)&p->outputs; /* read once: the worker may be changing it */
  if (outputs > MAX_TENSORS) outputs = 0;
  int n = 0;
  for (int i = 0; i < SAMPLES && outputs; ++i) {
    uint32_t which = (uint32_t)(mix(&seed) % outputs);
    struct tensor copy, *t = &copy;
    memcpy(t, &p->out[which], sizeof *t);
    __asm__ volatile("" : : "r"(t) : "memory"); /* what is checked below is what is used */
    if (t->dtype < 0 || t->dtype > 11 || t->dims < 0 || t->dims > MAX_DIMS) continue;
    int64_t span = 1;
    for (int d = 0; d < t->dims; ++d) {
      if (t->sizes[d] < 1 || t->strides[d] < 0 || t->sizes[d] > (1LL << 40) || t->strides[d] > (1LL << 40)) span = 0;
      if (span) span += (t->sizes[d] - 1) * t->strides[d];
    }
    uint64_t bytes = (uint64_t)span * (uint64_t)item_bytes[t->dtype];
    if (span <= 0 || bytes < SAMPLE_BYTES) continue;
    uint64_t offset = mix(&seed) % (bytes - SAMPLE_BYTES + 1);
    r->sample_output[n] = which;
    r->sample_offset[n] = offset;
    local[n] = (struct iovec){r->sample[n], SAMPLE_BYTES};
    remote[n] = (struct iovec){(void *)(uintptr_t)(t->address + offset), SAMPLE_BYTES};
    ++n;
  }
  ssize_t got = n ? process_vm_readv(pid, local, (unsigned long)n, remote, (unsigned long)n, 0) : 0;
  r->samples = got < 0 ? 0 : (int32_t)(got / SAMPLE_BYTES);
}

/* Opens the window: the worker is frozen and its next inputs are written; thaw it, ring, wait, freeze it.
 * `extra_ns` is added to the time-out and may grow meanwhile, while somebody compiles for this call. */
void ring(struct page *p, pid_t pid, int status_fd, int64_t timeout_ns, _Atomic int64_t *extra_ns, int64_t spin_ns,
          const int32_t *item_bytes, uint64_t seed, struct ring_result *r) {
  memset(r, 0, sizeof *r);
  uint32_t number = atomic_load(&p->go) + 1;
  int64_t cpu_before = process_cpu_ns(pid);
  int64_t opened = now_ns(CLOCK_MONOTONIC);
  kill(pid, SIGCONT);
  atomic_store(&p->go, number);
  futex_wake(&p->go);
  int64_t at = opened;
  for (;;) {
    uint32_t done = atomic_load(&p->done);
    at = now_ns(CLOCK_MONOTONIC);
    if (done == number) break;
    if (at - opened > timeout_ns + atomic_load(extra_ns)) {
      r->outcome = 1;
      break;
    }
    if (at - opened < spin_ns) continue;
    futex_wait(&p->done, done, 20000000);
    if (atomic_load(&p->done) != number && process_ended(status_fd)) {
      r->outcome = 2;
      at = now_ns(CLOCK_MONOTONIC);
      break;
    }
  }
  r->elapsed_ns = at - opened;
  if (r->outcome == 0 && atomic_load(&p->done) == number && p->status == 0) look(p, pid, item_bytes, seed, r);
  if (r->outcome != 2) {
    r->frozen = freeze(pid) == 0;
    r->freeze_ns = now_ns(CLOCK_MONOTONIC) - at;
    r->cpu_ns = process_cpu_ns(pid) - cpu_before;
    if (!r->frozen && r->outcome == 0 && process_ended(status_fd)) r->outcome = 2;
  }
}

/* Copies `bytes` of the frozen worker's memory; returns how many were there, or -errno. */
int64_t read_memory(pid_t pid, uint64_t address, void *target, uint64_t bytes) {
  uint64_t copied = 0;
  while (copied < bytes) {
    struct iovec local = {(char *)target + copied, bytes - copied};
    struct iovec remote = {(void *)(uintptr_t)(address + copied), bytes - copied};
    ssize_t n = process_vm_readv(pid, &local, 1, &remote, 1, 0);
    if (n < 0) return copied ? (int64_t)copied : -errno;
    if (n == 0) break;
    copied += (uint64_t)n;
  }
  return (int64_t)copied;
}

/* Whether `bytes` of the frozen worker's memory still equal `seen`. */
int same_memory(pid_t pid, uint64_t address, const void *seen, uint64_t bytes) {
  static _Thread_local char chunk[1 << 18];
  for (uint64_t at = 0; at < bytes; at += sizeof chunk) {
    uint64_t n = bytes - at < sizeof chunk ? bytes - at : sizeof chunk;
    if (read_memory(pid, address + at, chunk, n) != (int64_t)n || memcmp(chunk, (const char *)seen + at, n)) return 0;
  }
  return 1;
}

/* Writes over `bytes` of memory, line by line, so that nothing older stays in the last-level cache. */
void sweep(char *buffer, uint64_t bytes) {
  for (uint64_t i = 0; i < bytes; i += 64) ((volatile char *)buffer)[i]++;
}

/* Reads `bytes` repeatedly and returns the best bandwidth in bytes per second. */
double read_bandwidth(const char *buffer, uint64_t bytes, int repeats) {
  double best = 0;
  for (int k = 0; k < repeats; ++k) {
    int64_t from = now_ns(CLOCK_MONOTONIC);
    uint64_t s0 = 0, s1 = 0, s2 = 0, s3 = 0, s4 = 0, s5 = 0, s6 = 0, s7 = 0;
    const uint64_t *w = (const uint64_t *)buffer;
    for (uint64_t i = 0; i + 8 <= bytes / 8; i += 8) {
      s0 += w[i], s1 += w[i + 1], s2 += w[i + 2], s3 += w[i + 3];
      s4 += w[i + 4], s5 += w[i + 5], s6 += w[i + 6], s7 += w[i + 7];
    }
    volatile uint64_t sink = s0 + s1 + s2 + s3 + s4 + s5 + s6 + s7;
    (void)sink;
    int64_t took = now_ns(CLOCK_MONOTONIC) - from;
    if (took > 0 && (double)bytes / (double)took > best) best = (double)bytes / (double)took;
  }
  return best * 1e9;
}
