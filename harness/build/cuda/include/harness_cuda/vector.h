// CUDA's vector types: layout, alignment and make_* functions. They have no arithmetic, as in CUDA.
// A vector may alias what it is loaded from: kernels read float arrays through float4 pointers, which nvcc allows.
#pragma once
#include <cstdint>
#include "index.h"

#define HARNESS_VECTOR_1(T, NAME, ALIGN1)                                          \
  struct __attribute__((may_alias, aligned(ALIGN1))) NAME##1 { T x; };\
  constexpr NAME##1 make_##NAME##1(T x) { return NAME##1{x}; }
#define HARNESS_VECTOR_2(T, NAME, ALIGN2)                                          \
  struct __attribute__((may_alias, aligned(ALIGN2))) NAME##2 { T x, y; };           \
  constexpr NAME##2 make_##NAME##2(T x, T y) { return NAME##2{x, y}; }
#define HARNESS_VECTOR_3(T, NAME)                                                  \
  struct __attribute__((may_alias)) NAME##3 { T x, y, z; };                        \
  constexpr NAME##3 make_##NAME##3(T x, T y, T z) { return NAME##3{x, y, z}; }
#define HARNESS_VECTOR_4(T, NAME, ALIGN4)                                          \
  struct __attribute__((may_alias, aligned(ALIGN4))) NAME##4 { T x, y, z, w; };     \
  constexpr NAME##4 make_##NAME##4(T x, T y, T z, T w) { return NAME##4{x, y, z, w}; }
#define HARNESS_VECTORS(T, NAME, ALIGN1, ALIGN2, ALIGN4) \
  HARNESS_VECTOR_1(T, NAME, ALIGN1) HARNESS_VECTOR_2(T, NAME, ALIGN2) HARNESS_VECTOR_3(T, NAME) HARNESS_VECTOR_4(T, NAME, ALIGN4)

HARNESS_VECTORS(signed char, char, 1, 2, 4)
HARNESS_VECTORS(unsigned char, uchar, 1, 2, 4)
HARNESS_VECTORS(short, short, 2, 4, 8)
HARNESS_VECTORS(unsigned short, ushort, 2, 4, 8)
HARNESS_VECTORS(int, int, 4, 8, 16)
HARNESS_VECTOR_1(unsigned int, uint, 4)
HARNESS_VECTOR_2(unsigned int, uint, 8)
HARNESS_VECTOR_4(unsigned int, uint, 16)
constexpr uint3 make_uint3(unsigned int x, unsigned int y, unsigned int z) { return uint3{x, y, z}; }
HARNESS_VECTORS(long, long, 8, 16, 16)
HARNESS_VECTORS(unsigned long, ulong, 8, 16, 16)
HARNESS_VECTORS(long long, longlong, 8, 16, 16)
HARNESS_VECTORS(unsigned long long, ulonglong, 8, 16, 16)
HARNESS_VECTORS(float, float, 4, 8, 16)
HARNESS_VECTORS(double, double, 8, 16, 16)

#undef HARNESS_VECTOR_1
#undef HARNESS_VECTOR_2
#undef HARNESS_VECTOR_3
#undef HARNESS_VECTOR_4
#undef HARNESS_VECTORS
