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
