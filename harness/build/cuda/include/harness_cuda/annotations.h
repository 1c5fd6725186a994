// CUDA's annotations of functions and variables. Host and device are one here, so most mean nothing.
//
// `__shared__` is none of them: the translator replaces it, and what it overlooked is better a compiler error than a plain
// variable.
#pragma once

#define __global__
#define __device__
#define __host__
#define __managed__
#define __constant__
#define __grid_constant__
#define __launch_bounds__(...)
#define __maxnreg__(...)
#define __cluster_dims__(...)
#define __forceinline__ inline __attribute__((always_inline))
#define __align__(n) __attribute__((aligned(n)))
#define __builtin_align__(n) __attribute__((aligned(n)))
#define __inline_hint__
#define __nv_pure__ __attribute__((pure))

// A function of these headers that touches memory or meets other threads for the kernel. In the checked build it is part of its
// caller, so that a finding names the candidate's line and not ours.
#if defined(__SANITIZE_THREAD__)
#define HARNESS_HERE inline __attribute__((always_inline))
#else
#define HARNESS_HERE inline
#endif
