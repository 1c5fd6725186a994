// PTX ldmatrix, stmatrix and mma.sync, with the fragment layouts that the PTX manual draws.
#include <cstring>

#include "harness_cuda/bfloat16.h"
#include "harness_cuda/memory.h"
#include "harness_cuda/warp.h"
#include "check.h"
#include "matrix.h"
#include "ptx.h"

namespace harness_cuda {
namespace {

// Eight rows of 16 bytes per 8x8 matrix; lane 8j + i holds the address of row i of matrix j. Lane l gets the 4 bytes of row l/4
// at place l%4; transposed, elements (2 (l%4), l/4) and (2 (l%4) + 1, l/4).
void ldmatrix(const PtxInstruction& i, uint64_t* r) {
  const unsigned lane = lane_id();
  const auto own = uint32_t(r[i.place[i.vector]] + uint64_t(i.offset[0]) + (i.offset_place[0] >= 0 ? r[i.offset_place[0]] : 0));
  if (lane < 8 * i.vector && own % 16) report(Kind::misaligned, "ldmatrix");
  const uint64_t* rows = exchange(~0u, own);
  for (unsigned j = 0; j < i.vector; ++j) {
    uint32_t v = 0;
    if (i.mode == 0) {
      const char* p = shared_pointer(rows[8 * j + lane / 4]) + 4 * (lane % 4);
      check_read(p, 4, ptx_place(r));
      std::memcpy(&v, p, 4);
    } else {
      for (unsigned e = 0; e < 2; ++e) {
        uint16_t half;
        const char* p = shared_pointer(rows[8 * j + 2 * (lane % 4) + e]) + 2 * (lane / 4);
        check_read(p, 2, ptx_place(r));
        std::memcpy(&half, p, 2);
        v |= uint32_t(half) << 16 * e;
      }
    }
    r[i.place[j]] = v;
  }
}
void stmatrix(const PtxInstruction& i, uint64_t* r) {
  const unsigned lane = lane_id();
  const auto own = uint32_t(r[i.place[0]] + uint64_t(i.offset[0]) + (i.offset_place[0] >= 0 ? r[i.offset_place[0]] : 0));
  const uint64_t* rows = exchange(~0u, own);
  for (unsigned j = 0; j < i.vector; ++j) {
    const auto v = uint32_t(r[i.place[1 + j]]);
    for (unsigned e = 0; e < 2; ++e) {
      const auto half = uint16_t(v >> 16 * e);
      char* p = i.mode == 0 ? shared_pointer(rows[8 * j + lane / 4]) + 4 * (lane % 4) + 2 * e
                            : shared_pointer(rows[8 * j + 2 * (lane % 4) + e]) + 2 * (lane / 4);
      check_write(p, 2, ptx_place(r));
      std::memcpy(p, &half, 2);
    }
  }
}

unsigned bits_of(PtxType type) { return type == PtxType::tf32 ? 32 : 8 * ptx_bytes(type); }

double element(PtxType type, uint64_t bits) {
  switch (type) {
    case PtxType::f16: return HalfFormat::widen(uint16_t(bits));
    case PtxType::bf16: return BFloat16Format::widen(uint16_t(bits));
    case PtxType::tf32: return bit_cast<float>(uint32_t(bits) & 0xffffe000);
    case PtxType::f64: return bit_cast<double>(bits);
    case PtxType::s8: return int8_t(bits);
    default: return uint8_t(bits);
  }
}

struct Call {  // what a lane brings to the meeting
  const PtxInstruction* instruction;
  uint64_t* r;
};
struct Shape {
  unsigned a, b, c, d;  // registers per lane
  unsigned per_register;
};
Shape shape_of(const PtxInstruction& i) {
  const unsigned width = bits_of(i.from), register_bits = i.from == PtxType::f64 ? 64 : 32;
  const auto accumulators = [&](PtxType t) { return i.m * i.n / 32 / (t == PtxType::f16 ? 2 : 1); };
  return {i.m * i.k / 32 * width / register_bits, i.k * i.n / 32 * width / register_bits, accumulators(i.matrix_c), accumulators(i.matrix_d),
          register_bits / width};
}

template <class T>
void product(const PtxInstruction& i, const Shape& s, const Call* const* calls) {
  T a[16 * 64], b[64 * 8], c[16 * 8], d[16 * 8];
  const unsigned e = s.per_register, width = bits_of(i.from);
  for (unsigned lane = 0; lane < 32; ++lane) {
    const uint16_t* place = calls[lane]->instruction->place;
    const uint64_t* r = calls[lane]->r;
    const unsigned g = lane / 4, t = lane % 4;
    for (unsigned n = 0; n < s.a; ++n) {
      const unsigned row = g + (i.m == 16 ? 8 * (n & 1) : 0), col = (i.m == 16 ? n >> 1 : n) * 4 * e + t * e;
      for (unsigned x = 0; x < e; ++x) a[row * i.k + col + x] = T(element(i.from, r[place[s.d + n]] >> width * x));
    }
    for (unsigned n = 0; n < s.b; ++n)
      for (unsigned x = 0; x < e; ++x) b[(n * 4 * e + t * e + x) * 8 + g] = T(element(i.from, r[place[s.d + s.a + n]] >> width * x));
    for (unsigned n = 0; n < i.m * i.n / 32; ++n) {
      const uint64_t* from = &r[place[s.d + s.a + s.b + (i.matrix_c == PtxType::f16 ? n / 2 : n)]];
      T v;
      if (i.matrix_c == PtxType::f16) v = T(HalfFormat::widen(uint16_t(*from >> 16 * (n & 1))));
      else std::memcpy(&v, from, sizeof v);
      c[(g + 8 * (n >> 1)) * 8 + 2 * t + (n & 1)] = v;
    }
  }
  if constexpr (std::is_same_v<T, float>) matrix_product(i.m, i.n, i.k, a, b, c, d);
  else if constexpr (std::is_same_v<T, double>) matrix_product_of<double, double>(i.m, i.n, i.k, a, b, c, d);
  else matrix_product_of<int32_t, uint32_t>(i.m, i.n, i.k, a, b, c, d);
  for (unsigned lane = 0; lane < 32; ++lane) {
    uint64_t* r = calls[lane]->r;
    const uint16_t* place = calls[lane]->instruction->place;
    const unsigned g = lane / 4, t = lane % 4;
    for (unsigned n = 0; n < i.m * i.n / 32; ++n) {
      const T v = d[(g + 8 * (n >> 1)) * 8 + 2 * t + (n & 1)];
      if (i.matrix_d != PtxType::f16) put<T>(r, place[n], v);
      else if (n & 1) r[place[n / 2]] |= uint64_t(HalfFormat::narrow(float(v))) << 16;
      else r[place[n / 2]] = HalfFormat::narrow(float(v));
    }
  }
}

Counter mma_counter(PtxType from) {
  switch (from) {
    case PtxType::f16: return k_tensor_fp16;
    case PtxType::bf16: return k_tensor_bf16;
    case PtxType::f64: return k_tensor_fp64;
    case PtxType::s8: case PtxType::u8: return k_tensor_int8;
    default: return k_tensor_tf32;
  }
}

// The lanes meet, one computes for all of them, and they meet again: nobody goes on before its result is there.
void mma(const PtxInstruction& i, uint64_t* r) {
  Call mine{&i, r};
  uint32_t arrived;
  const uint64_t* slots = exchange(~0u, reinterpret_cast<uint64_t>(&mine), &arrived);
  if (lane_id() == unsigned(__builtin_ctz(arrived))) {
    const Call* calls[32];
    for (unsigned lane = 0; lane < 32; ++lane) {
      if (!(arrived >> lane & 1)) absent_lane(~0u, lane);
      calls[lane] = reinterpret_cast<const Call*>(slots[arrived >> lane & 1 ? lane : unsigned(__builtin_ctz(arrived))]);
    }
    const Shape s = shape_of(i);
    count_product(*current, mma_counter(i.from), 2ull * i.m * i.n * i.k);
    if (i.matrix_d == PtxType::f64) product<double>(i, s, calls);
    else if (i.matrix_d == PtxType::s32) product<int32_t>(i, s, calls);
    else product<float>(i, s, calls);
  }
  warp_barrier(~0u);
}

// m16n8k16: digits between the letters.
bool read_shape(std::string_view text, PtxInstruction& i) {
  unsigned* target = nullptr;
  for (const char c : text) {
    if (c == 'm') target = &i.m;
    else if (c == 'n') target = &i.n;
    else if (c == 'k') target = &i.k;
    else if (c >= '0' && c <= '9' && target) *target = *target * 10 + unsigned(c - '0');
    else return false;
  }
  return true;
}

}  // namespace

// mma.sync.aligned.m16n8k16.row.col.f32.bf16.bf16.f32
bool decode_matrix(const PtxOpcode& opcode, PtxInstruction& i) {
  const std::string_view name = opcode.parts[0];
  if (name == "ldmatrix" || name == "stmatrix") {
    i.vector = opcode.has("x4") ? 4 : opcode.has("x2") ? 2 : 1;
    i.mode = opcode.has("trans");
    i.handler = name == "ldmatrix" ? ldmatrix : stmatrix;
    return opcode.has("m8n8") && i.type == PtxType::b16;
  }
  if (name != "mma" || opcode.at(1) != "sync" || opcode.parts.size() < 10 || !read_shape(opcode.at(3), i)) return false;
  const size_t n = opcode.parts.size();
  i.matrix_c = ptx_type(opcode.parts[n - 1]);
  i.from = ptx_type(opcode.parts[n - 3]);
  i.matrix_d = ptx_type(opcode.parts[n - 4]);
  i.handler = mma;
  if (opcode.at(4) != "row" || opcode.at(5) != "col" || opcode.has("satfinite") || ptx_type(opcode.parts[n - 2]) != i.from) return false;
  const bool float_result = (i.matrix_d == PtxType::f32 || i.matrix_d == PtxType::f16) && (i.matrix_c == PtxType::f32 || i.matrix_c == PtxType::f16);
  const bool m16n8 = i.m == 16 && i.n == 8;
  switch (i.from) {
    case PtxType::f16: return m16n8 && (i.k == 8 || i.k == 16) && float_result;
    case PtxType::bf16: return m16n8 && (i.k == 8 || i.k == 16) && i.matrix_d == PtxType::f32;
    case PtxType::tf32: return m16n8 && (i.k == 4 || i.k == 8) && i.matrix_d == PtxType::f32;
    case PtxType::s8: case PtxType::u8: return m16n8 && (i.k == 16 || i.k == 32) && i.matrix_d == PtxType::s32;
    case PtxType::f64: return i.m == 8 && i.n == 8 && i.k == 4;
    default: return false;
  }
}

}  // namespace harness_cuda
