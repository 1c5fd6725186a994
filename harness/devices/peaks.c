/* What this CPU reaches at best: bytes moved by pinned threads, and fused multiply-adds kept in registers.

   Compiled for the instruction set that the machine has (`peaks.compiler_arguments`). Every function runs `threads` threads,
   one on each of `cores`, lets them start together, and returns the rate from the first start to the last end. */

#define _GNU_SOURCE
#include <pthread.h>
#include <sched.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <time.h>
#if defined(__x86_64__)
#include <immintrin.h>
#endif

#if defined(__AVX512F__)
#define WIDTH 64
#define CHAINS 24 /* of 32 registers; ports times latency asks for 8 to 10 */
#define STREAM(to, value) _mm512_stream_si512((__m512i *)(to), (__m512i)(value))
#elif defined(__AVX__)
#define WIDTH 32
#define CHAINS 12 /* of 16 registers */
#define STREAM(to, value) _mm256_stream_si256((__m256i *)(to), (__m256i)(value))
#elif defined(__x86_64__)
#define WIDTH 16
#define CHAINS 12
#define STREAM(to, value) _mm_stream_si128((__m128i *)(to), (__m128i)(value))
#else
#define WIDTH 16
#define CHAINS 24
#define STREAM(to, value) (*(to) = (value))
#endif

#if defined(__AVX512F__)
#define REGISTER "v"
#elif defined(__x86_64__)
#define REGISTER "x"
#else
#define REGISTER "w"
#endif

typedef float Floats __attribute__((vector_size(WIDTH), aligned(WIDTH), may_alias));
typedef double Doubles __attribute__((vector_size(WIDTH)));
typedef int64_t Words __attribute__((vector_size(WIDTH), aligned(WIDTH), may_alias));

enum { READ, WRITE, COPY, TRIAD, FLOAT32, FLOAT64, BFLOAT16, FLOAT16 };

struct Task {
  int what, streaming, core;
  char *a, *b, *c;
  uint64_t bytes; /* of each array, this thread's part */
  int64_t passes;
  double done; /* FLOP */
  int64_t from, to;
  pthread_barrier_t *together;
};

static int64_t now_ns(void) {
  struct timespec t;
  clock_gettime(CLOCK_MONOTONIC, &t);
  return t.tv_sec * 1000000000LL + t.tv_nsec;
}

static void read_all(const Words *a, uint64_t count) {
  Words sum[8] = {};
  for (uint64_t i = 0; i + 8 <= count; i += 8)
#pragma GCC unroll 8
    for (int k = 0; k < 8; ++k) sum[k] ^= a[i + k];
  for (int k = 1; k < 8; ++k) sum[0] ^= sum[k];
  __asm__ volatile("" : : REGISTER (sum[0]));
}

static void write_all(Words *a, uint64_t count, int streaming) {
  const Words value = (Words){} + 0x0123456789abcdef;
  if (streaming)
    for (uint64_t i = 0; i < count; ++i) STREAM(a + i, value);
  else
    for (uint64_t i = 0; i < count; ++i) a[i] = value;
}

static void copy_all(Words *a, const Words *b, uint64_t count, int streaming) {
  if (streaming)
    for (uint64_t i = 0; i < count; ++i) STREAM(a + i, b[i]);
  else
    for (uint64_t i = 0; i < count; ++i) a[i] = b[i];
}

static void triad_all(Floats *a, const Floats *b, const Floats *c, uint64_t count, int streaming) {
  if (streaming)
    for (uint64_t i = 0; i < count; ++i) STREAM(a + i, b[i] + 3.0f * c[i]);
  else
    for (uint64_t i = 0; i < count; ++i) a[i] = b[i] + 3.0f * c[i];
}

/* Chains of x = x * 0.5 + 0.5 go to 1: no overflow, no subnormal number, and nothing that a compiler may leave out. */
#define MULTIPLY_ADDS(NAME, VECTOR, NUMBER)                                            \
  static double NAME(int64_t passes) {                                                 \
    VECTOR chain[CHAINS], half = {};                                                   \
    half += (NUMBER)0.5;                                                               \
    __asm__ volatile("" : "+" REGISTER(half));                                                 \
    for (int k = 0; k < CHAINS; ++k) chain[k] = half + (NUMBER)k;                      \
    for (int64_t i = 0; i < passes; ++i)                                               \
      _Pragma("GCC unroll 32") for (int k = 0; k < CHAINS; ++k)                        \
        chain[k] = chain[k] * half + half;                                             \
    for (int k = 1; k < CHAINS; ++k) chain[0] += chain[k];                             \
    __asm__ volatile("" : : REGISTER (chain[0]));                                      \
    return 2.0 * CHAINS * (sizeof(VECTOR) / sizeof(NUMBER)) * (double)passes;          \
  }
MULTIPLY_ADDS(float32_adds, Floats, float)
MULTIPLY_ADDS(float64_adds, Doubles, double)
#if defined(__AVX512FP16__)
typedef _Float16 Halves __attribute__((vector_size(WIDTH)));
MULTIPLY_ADDS(float16_adds, Halves, _Float16)
#else
static double float16_adds(int64_t passes) { return 0 * passes; }
#endif

#if defined(__AVX512BF16__)
/* Two products and two sums for each of 16 places. */
static double bfloat16_adds(int64_t passes) {
  __m512 chain[CHAINS];
  __m512bh value = _mm512_cvtne2ps_pbh(_mm512_set1_ps(0.0f), _mm512_set1_ps(0.5f));
  for (int k = 0; k < CHAINS; ++k) chain[k] = _mm512_set1_ps((float)k);
  for (int64_t i = 0; i < passes; ++i)
#pragma GCC unroll 32
    for (int k = 0; k < CHAINS; ++k) chain[k] = _mm512_dpbf16_ps(chain[k], value, value);
  for (int k = 1; k < CHAINS; ++k) chain[0] += chain[k];
  __asm__ volatile("" : : REGISTER (chain[0]));
  return 64.0 * CHAINS * (double)passes;
}
#else
static double bfloat16_adds(int64_t passes) { return 0 * passes; }
#endif

static void *work(void *argument) {
  struct Task *task = argument;
  cpu_set_t own;
  CPU_ZERO(&own);
  CPU_SET(task->core, &own);
  sched_setaffinity(0, sizeof own, &own);
  const uint64_t count = task->bytes / WIDTH;
  pthread_barrier_wait(task->together);
  task->from = now_ns();
  if (task->what >= FLOAT32) {
    double (*const adds[])(int64_t) = {float32_adds, float64_adds, bfloat16_adds, float16_adds};
    task->done = adds[task->what - FLOAT32](task->passes);
  } else {
    for (int64_t i = 0; i < task->passes; ++i) {
      if (task->what == READ) read_all((const Words *)task->a, count);
      if (task->what == WRITE) write_all((Words *)task->a, count, task->streaming);
      if (task->what == COPY) copy_all((Words *)task->a, (const Words *)task->b, count, task->streaming);
      if (task->what == TRIAD)
        triad_all((Floats *)task->a, (const Floats *)task->b, (const Floats *)task->c, count, task->streaming);
      __asm__ volatile("" : : : "memory");
    }
#if defined(__x86_64__)
    _mm_sfence();
#endif
    task->done = (double)(count * WIDTH) * (double)task->passes * (task->what <= WRITE ? 1 : task->what == COPY ? 2 : 3);
  }
  task->to = now_ns();
  return NULL;
}

/* Return three arrays of `bytes` each, one after the other; null without memory. They are to be written before they are read:
   pages that nobody wrote to are all the same one, and lie in the cache. */
char *arrays(uint64_t bytes) {
  char *found = mmap(NULL, 3 * bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  if (found == MAP_FAILED) return NULL;
  madvise(found, 3 * bytes, MADV_HUGEPAGE);
  return found;
}

void give_back(char *found, uint64_t bytes) { munmap(found, 3 * bytes); }

/* Return bytes or FLOP per second of `threads` threads, each on its own part of `bytes` bytes of the arrays, which begin at
   `memory` and lie `apart`; 0 where the machine has no such instruction. */
double rate(int what, int streaming, char *memory, uint64_t apart, uint64_t bytes, int64_t passes, int threads,
            const int32_t *cores) {
  struct Task *tasks = calloc((size_t)threads, sizeof *tasks);
  pthread_t *runners = calloc((size_t)threads, sizeof *runners);
  pthread_barrier_t together;
  if (!tasks || !runners || pthread_barrier_init(&together, NULL, (unsigned)threads)) abort();
  const uint64_t part = bytes / (uint64_t)threads / 4096 * 4096;
  for (int i = 0; i < threads; ++i) {
    char *from = memory + part * (uint64_t)i;
    tasks[i] = (struct Task){what, streaming, cores[i], from, from + apart, from + 2 * apart, part, passes,
                             0, 0, 0, &together};
    if (pthread_create(&runners[i], NULL, work, &tasks[i])) abort();
  }
  double done = 0;
  int64_t from = INT64_MAX, to = 0;
  for (int i = 0; i < threads; ++i) {
    pthread_join(runners[i], NULL);
    done += tasks[i].done;
    if (tasks[i].from < from) from = tasks[i].from;
    if (tasks[i].to > to) to = tasks[i].to;
  }
  pthread_barrier_destroy(&together);
  free(tasks);
  free(runners);
  return to > from ? done / (double)(to - from) * 1e9 : 0;
}
