// cuRAND's device API. Philox is the generator of Salmon et al., "Parallel random numbers: as easy as 1, 2, 3" (2011), with
// cuRAND's use of its counter. The other generators draw from it too: their numbers are as good, and not cuRAND's own.
#pragma once
#include "math.h"
#include "vector.h"

struct curandStatePhilox4_32_10 {
  uint4 counter, output;
  uint2 key;
  unsigned used;
};
typedef curandStatePhilox4_32_10 curandStatePhilox4_32_10_t;
struct curandStateXORWOW : curandStatePhilox4_32_10 {};
struct curandStateMRG32k3a : curandStatePhilox4_32_10 {};
typedef curandStateXORWOW curandStateXORWOW_t;
typedef curandStateXORWOW curandState_t;
typedef curandStateXORWOW curandState;
typedef curandStateMRG32k3a curandStateMRG32k3a_t;

namespace harness_cuda {
inline uint4 philox(uint4 c, uint2 k) {
  for (int round = 0; round < 10; ++round) {
    const uint64_t a = uint64_t(0xD2511F53u) * c.x, b = uint64_t(0xCD9E8D57u) * c.z;
    c = uint4{unsigned(b >> 32) ^ c.y ^ k.x, unsigned(b), unsigned(a >> 32) ^ c.w ^ k.y, unsigned(a)};
    k.x += 0x9E3779B9u, k.y += 0xBB67AE85u;
  }
  return c;
}
inline void advance(curandStatePhilox4_32_10& s, unsigned long long n) {
  const uint64_t low = (uint64_t(s.counter.y) << 32 | s.counter.x) + n;
  if (low < n) {
    const uint64_t high = (uint64_t(s.counter.w) << 32 | s.counter.z) + 1;
    s.counter.z = unsigned(high), s.counter.w = unsigned(high >> 32);
  }
  s.counter.x = unsigned(low), s.counter.y = unsigned(low >> 32);
}
inline float uniform(unsigned v) { return v * 2.3283064e-10f + 1.1641532e-10f; }  // (0, 1]
inline float2 normal(unsigned a, unsigned b) {
  const float radius = ::sqrtf(-2.0f * ::logf(uniform(a))), angle = b * 1.46291807e-9f + 7.31459036e-10f;
  return float2{radius * ::sinf(angle), radius * ::cosf(angle)};
}
}  // namespace harness_cuda

inline void skipahead(unsigned long long n, curandStatePhilox4_32_10* s) {
  s->used += unsigned(n & 3);
  harness_cuda::advance(*s, n / 4 + s->used / 4);
  s->used &= 3;
  s->output = harness_cuda::philox(s->counter, s->key);
}
inline void curand_init(unsigned long long seed, unsigned long long subsequence, unsigned long long offset, curandStatePhilox4_32_10* s) {
  s->key = uint2{unsigned(seed), unsigned(seed >> 32)};
  s->counter = uint4{0, 0, unsigned(subsequence), unsigned(subsequence >> 32)};
  s->used = 0;
  skipahead(offset, s);
}
inline unsigned curand(curandStatePhilox4_32_10* s) {
  const unsigned words[] = {s->output.x, s->output.y, s->output.z, s->output.w};
  const unsigned v = words[s->used];
  skipahead(1, s);
  return v;
}
inline uint4 curand4(curandStatePhilox4_32_10* s) {
  const unsigned x = curand(s), y = curand(s), z = curand(s), w = curand(s);
  return uint4{x, y, z, w};
}
inline float curand_uniform(curandStatePhilox4_32_10* s) { return harness_cuda::uniform(curand(s)); }
inline double curand_uniform_double(curandStatePhilox4_32_10* s) {
  const uint64_t high = curand(s), low = curand(s);
  return double(high << 21 ^ low >> 11) * 1.1102230246251565e-16 + 5.551115123125783e-17;
}
inline float4 curand_uniform4(curandStatePhilox4_32_10* s) {
  const uint4 v = curand4(s);
  return float4{harness_cuda::uniform(v.x), harness_cuda::uniform(v.y), harness_cuda::uniform(v.z), harness_cuda::uniform(v.w)};
}
inline float2 curand_normal2(curandStatePhilox4_32_10* s) {
  const unsigned a = curand(s), b = curand(s);
  return harness_cuda::normal(a, b);
}
inline float curand_normal(curandStatePhilox4_32_10* s) { return curand_normal2(s).x; }
inline double curand_normal_double(curandStatePhilox4_32_10* s) { return curand_normal2(s).x; }
inline float4 curand_normal4(curandStatePhilox4_32_10* s) {
  const float2 a = curand_normal2(s), b = curand_normal2(s);
  return float4{a.x, a.y, b.x, b.y};
}
inline float curand_log_normal(curandStatePhilox4_32_10* s, float mean, float deviation) { return ::expf(mean + deviation * curand_normal(s)); }
