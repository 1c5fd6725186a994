// Inline PTX. The translator turns
//     asm volatile("fma.rn.f32 %0, %1, %2, %3;" : "=f"(d) : "f"(a), "f"(b), "f"(c) : "memory");
// into
//     HARNESS_PTX("fma.rn.f32 %0, %1, %2, %3;", ::harness_cuda::ptx_out("=f", d), ::harness_cuda::ptx_in("f", a), ...);
// with ptx_out for "=...", ptx_inout for "+...", ptx_in for the rest; operands keep their order, clobbers are dropped, and
// neighbouring string literals may stay neighbours. The text is parsed once per place by runtime/ptx_parse.cpp; opcodes that
// it knows are listed in harness/build/cuda/ptx_opcodes.txt, so that others are refused by name before anything is compiled.
#pragma once
#include <cstdint>
#include <type_traits>
#include "core.h"

namespace harness_cuda {
struct PtxProgram;
// Parses a text; `constraints` holds one letter per operand. Ends the launch if an instruction is not known.
const PtxProgram* ptx_program(const char* text, const char* constraints, unsigned operands);
// Runs it on the operands' values, which are read and written in place.
void ptx_run(const PtxProgram* program, uint64_t* values);

template <class T>
HARNESS_HERE uint64_t ptx_bits(const T& v) {
  uint64_t bits = 0;
  if constexpr (std::is_integral_v<T> && std::is_signed_v<T>) bits = uint64_t(int64_t(v));
  else if constexpr (std::is_array_v<T>) bits = reinterpret_cast<uint64_t>(&v[0]);
  else {
    static_assert(sizeof(T) <= 8, "uses inline PTX with an operand of more than 8 bytes, which the emulation does not have");
    __builtin_memcpy(&bits, &v, sizeof v);
  }
  return bits;
}
// A value of the constraint's type: an "f" operand may be given as an int or double expression, and is converted.
HARNESS_HERE uint64_t ptx_converted(char letter, double v) {
  return letter == 'f' ? uint64_t(__builtin_bit_cast(uint32_t, float(v))) : __builtin_bit_cast(uint64_t, v);
}

struct PtxIn {
  char letter;
  uint64_t value;
  uint64_t read() const { return value; }
  void write(uint64_t) const {}
};
template <class T>
struct PtxOut {
  char letter;
  T* target;
  uint64_t read() const { return ptx_bits(*target); }
  void write(uint64_t v) const { __builtin_memcpy(target, &v, sizeof(T)); }
};
template <class T>
struct PtxOnlyOut : PtxOut<T> {
  uint64_t read() const { return 0; }  // the target may be uninitialised
};
template <class T>
HARNESS_HERE PtxIn ptx_in(const char* constraint, T v) {  // by value: a pointer that is __restrict__ binds to no const T&
  if constexpr (std::is_arithmetic_v<T>)
    if (*constraint == 'f' || *constraint == 'd') return {*constraint, ptx_converted(*constraint, double(v))};
  return {*constraint, ptx_bits(v)};
}
template <class T>
HARNESS_HERE PtxOnlyOut<T> ptx_out(const char* constraint, T& target) { return {{constraint[1], &target}}; }
template <class T>
HARNESS_HERE PtxOut<T> ptx_inout(const char* constraint, T& target) { return {constraint[1], &target}; }

template <class... Operand>
HARNESS_HERE const PtxProgram* ptx_parse(const char* text, const Operand&... operands) {
  const char letters[] = {operands.letter..., '\0'};
  return ptx_program(text, letters, sizeof...(Operand));
}
template <class... Operand>
HARNESS_HERE void ptx_apply(const PtxProgram* program, const Operand&... operands) {
  uint64_t values[sizeof...(Operand) + 1] = {operands.read()...};
  ptx_run(program, values);
  unsigned i = 0;
  (operands.write(values[i++]), ...);
}
// For one call site: the text is parsed at its first use.
template <class... Operand>
HARNESS_HERE void ptx_at(const PtxProgram*& site, const char* text, const Operand&... operands) {
  const PtxProgram* program = __atomic_load_n(&site, __ATOMIC_ACQUIRE);
  if (__builtin_expect(!program, 0)) __atomic_store_n(&site, program = ptx_parse(text, operands...), __ATOMIC_RELEASE);
  ptx_apply(program, operands...);
}
}  // namespace harness_cuda

#define HARNESS_PTX(TEXT, ...)                                                   \
  ({                                                                             \
    static const ::harness_cuda::PtxProgram* harness_site = nullptr;             \
    ::harness_cuda::ptx_at(harness_site, TEXT __VA_OPT__(, ) __VA_ARGS__);       \
  })
