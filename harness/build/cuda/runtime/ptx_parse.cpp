// Reads the text of an asm statement. Whatever is not known ends the launch by name.
#include <cctype>
#include <cstdlib>
#include <cstring>
#include <map>

#include "ptx.h"

namespace harness_cuda {
namespace {

[[noreturn]] void refuse_ptx(std::string_view what) { refuse(("PTX instruction " + std::string(what)).c_str()); }

class Parser {
 public:
  Parser(std::string_view text, unsigned operands) : text_(text) {
    program_.operands = operands;
    places_ = operands;
  }

  PtxProgram parse() {
    for (skip(); at_ < text_.size(); skip()) statement();
    return std::move(program_);
  }

 private:
  std::string_view text_;
  size_t at_ = 0;
  PtxProgram program_;
  unsigned places_;
  std::map<std::string, unsigned, std::less<>> registers_, specials_;

  void skip() {
    while (at_ < text_.size()) {
      if (std::isspace(static_cast<unsigned char>(text_[at_]))) ++at_;
      else if (text_.compare(at_, 2, "//") == 0) at_ = std::min(text_.find('\n', at_), text_.size());
      else if (text_.compare(at_, 2, "/*") == 0) at_ = std::min(text_.find("*/", at_), text_.size() - 2) + 2;
      else break;
    }
  }
  char peek() {
    skip();
    return at_ < text_.size() ? text_[at_] : '\0';
  }
  bool take(char c) {
    if (peek() != c) return false;
    ++at_;
    return true;
  }
  void want(char c, std::string_view where) {
    if (!take(c)) throw Error("PTX cannot be read: `" + std::string(1, c) + "` is missing in " + std::string(where));
  }
  static bool in_word(char c) { return std::isalnum(static_cast<unsigned char>(c)) || c == '_' || c == '$'; }
  std::string_view word(bool dotted) {
    skip();
    const size_t begin = at_;
    while (at_ < text_.size() && (in_word(text_[at_]) || (dotted && (text_[at_] == '.' || text_.compare(at_, 2, "::") == 0)))) {
      at_ += text_[at_] == ':' ? 2 : 1;
    }
    return text_.substr(begin, at_ - begin);
  }

  unsigned place(uint64_t initial = 0) {
    if (places_ >= kPtxMostPlaces) refuse("an asm statement with so many registers");
    program_.constants.push_back(initial);
    return places_++;
  }

  void statement() {
    if (take('{') || take('}') || take(';')) return;
    if (peek() == '.') return declaration();
    PtxInstruction instruction;
    if (take('@')) {
      instruction.guard_negated = take('!');
      bool negated;
      instruction.guard = static_cast<int>(operand(PtxType::pred, negated));
    }
    const std::string_view name = word(true);
    if (name.empty()) throw Error("PTX cannot be read at `" + std::string(text_.substr(at_, 30)) + "`");
    if (name.find('.') == std::string_view::npos && take(':')) refuse_ptx("label (branches)");
    PtxOpcode opcode{name, {}};
    for (size_t begin = 0; begin <= name.size();) {
      const size_t end = std::min(name.find('.', begin), name.size());
      opcode.parts.push_back(name.substr(begin, end - begin));
      begin = end + 1;
    }
    if (!decode(opcode, instruction)) refuse_ptx(name);
    operands(instruction, name);
    program_.instructions.push_back(instruction);
  }

  // .reg .b32 a, b, c<4>;
  void declaration() {
    const std::string_view kind = word(true);
    if (kind.substr(0, 4) != ".reg") refuse_ptx(kind);
    word(true);  // its type
    do {
      take('%') && take('%');
      std::string name(word(false));
      if (take('<')) {
        const unsigned long count = std::strtoul(std::string(word(false)).c_str(), nullptr, 10);
        want('>', ".reg");
        for (unsigned long i = 0; i < count && i < kPtxMostPlaces; ++i) registers_[name + std::to_string(i)] = place();
      } else {
        registers_[name] = place();
      }
    } while (take(','));
    want(';', ".reg");
  }

  void operands(PtxInstruction& instruction, std::string_view name) {
    unsigned addresses = 0;
    while (!take(';')) {
      if (at_ >= text_.size()) break;  // the last semicolon may be left out
      if (take('[')) {
        add(instruction, name);
        if (addresses < 2) displacement(instruction, addresses++);
        want(']', name);
        group(instruction, 1);
      } else if (take('{')) {
        unsigned count = 0;
        do {
          add(instruction, name);
          ++count;
        } while (take(','));
        want('}', name);
        group(instruction, count);
      } else {
        add(instruction, name);
        group(instruction, 1);
      }
      if (!take(',') && !take('|') && peek() != ';' && at_ < text_.size()) {
        throw Error("PTX cannot be read: " + std::string(name) + " at `" + std::string(text_.substr(at_, 20)) + "`");
      }
    }
  }
  void group(PtxInstruction& instruction, unsigned count) {
    if (instruction.groups < 8) instruction.group[instruction.groups++] = static_cast<uint8_t>(count);
  }
  // [register + 16], or [register + %3] where operand 3 is a constant.
  void displacement(PtxInstruction& instruction, unsigned which) {
    if (peek() != '+' && peek() != '-') return;
    if (text_[at_] == '+' && text_.find_first_not_of(" \t", at_ + 1) != std::string_view::npos &&
        text_[text_.find_first_not_of(" \t", at_ + 1)] == '%') {
      take('+');
      bool negated;
      instruction.offset_place[which] = static_cast<int>(operand(PtxType::s64, negated));
    } else {
      instruction.offset[which] = static_cast<int64_t>(number(PtxType::s64));
    }
  }
  void add(PtxInstruction& instruction, std::string_view name) {
    if (instruction.count >= kPtxMostOperands) refuse_ptx(name);
    bool negated = false;
    const unsigned place = operand(instruction.type, negated);
    instruction.negated[instruction.count] = negated;
    instruction.place[instruction.count++] = static_cast<uint16_t>(place);
  }

  unsigned operand(PtxType type, bool& negated) {
    negated = take('!');
    const char c = peek();
    if (c == '%') {
      ++at_;
      if (at_ < text_.size() && std::isdigit(static_cast<unsigned char>(text_[at_]))) {
        const unsigned long index = std::strtoul(std::string(word(false)).c_str(), nullptr, 10);
        if (index >= program_.operands) throw Error("PTX names operand %" + std::to_string(index) + ", which is not given");
        return static_cast<unsigned>(index);
      }
      take('%');
      return named(word(true));
    }
    if (std::isdigit(static_cast<unsigned char>(c)) || c == '-' || c == '+') return place(number(type));
    return named(word(true));
  }
  unsigned named(std::string_view name) {
    if (name == "_") return place();
    // A register of the text may be followed by a component only if it is a special one: %tid.x.
    if (const auto found = registers_.find(name); found != registers_.end()) return found->second;
    const int number = special_register(name);
    if (number < 0) throw Error("PTX names register `" + std::string(name) + "`, which the emulation does not have");
    PtxInstruction read;
    read.handler = read_special;
    read.mode = static_cast<unsigned>(number);
    read.place[0] = static_cast<uint16_t>(place());
    program_.instructions.push_back(read);
    return read.place[0];
  }

  uint64_t number(PtxType type) {
    const bool minus = take('-');
    if (!minus) take('+');
    std::string digits(word(false));
    if (at_ < text_.size() && text_[at_] == '.') {  // a decimal point
      ++at_;
      digits += "." + std::string(word(false));
      const double v = std::strtod(digits.c_str(), nullptr);
      if (type == PtxType::f32) return __builtin_bit_cast(uint32_t, static_cast<float>(minus ? -v : v));
      return __builtin_bit_cast(uint64_t, minus ? -v : v);
    }
    if (digits.size() == 10 && digits[0] == '0' && (digits[1] == 'f' || digits[1] == 'F')) {
      const auto bits = static_cast<uint32_t>(std::strtoul(digits.c_str() + 2, nullptr, 16));
      return minus ? bits ^ 0x80000000u : bits;
    }
    if (digits.size() == 18 && digits[0] == '0' && (digits[1] == 'd' || digits[1] == 'D')) {
      const uint64_t bits = std::strtoull(digits.c_str() + 2, nullptr, 16);
      return minus ? bits ^ (uint64_t(1) << 63) : bits;
    }
    uint64_t value;
    if (digits.size() > 2 && digits[0] == '0' && (digits[1] == 'b' || digits[1] == 'B')) value = std::strtoull(digits.c_str() + 2, nullptr, 2);
    else value = std::strtoull(digits.c_str(), nullptr, 0);  // a trailing U is not read
    return minus ? 0 - value : value;
  }
};

}  // namespace

const PtxProgram* ptx_program(const char* text, const char*, unsigned operands) {
  return new PtxProgram(Parser(text, operands).parse());  // lives as long as the library, which is never unloaded
}

void ptx_run(const PtxProgram* program, uint64_t* values) {
  uint64_t r[kPtxMostPlaces + 2];
  r[kPtxMostPlaces + 1] = 0;
  r[kPtxMostPlaces] = reinterpret_cast<uint64_t>(__builtin_return_address(0));
  std::memcpy(r, values, program->operands * sizeof(uint64_t));
  std::memcpy(r + program->operands, program->constants.data(), program->constants.size() * sizeof(uint64_t));
  for (const PtxInstruction& instruction : program->instructions) {
    if (instruction.guard >= 0 && ((r[instruction.guard] & 1) != 0) == instruction.guard_negated) continue;
    instruction.handler(instruction, r);
  }
  std::memcpy(values, r, program->operands * sizeof(uint64_t));
}

bool decode(const PtxOpcode& opcode, PtxInstruction& instruction) {
  instruction.type = ptx_type(opcode.parts.back());
  instruction.ftz = opcode.has("ftz");
  instruction.sat = opcode.has("sat");
  instruction.relu = opcode.has("relu");
  instruction.propagate_nan = opcode.has("NaN");
  return decode_memory(opcode, instruction) || decode_warp(opcode, instruction) || decode_matrix(opcode, instruction) ||
         decode_convert(opcode, instruction) || decode_arithmetic(opcode, instruction);
}

PtxType ptx_type(std::string_view name) {
  static constexpr std::string_view names[] = {
      "none", "u8", "u16", "u32", "u64", "s8", "s16", "s32", "s64", "b8", "b16", "b32", "b64", "f16", "f16x2", "bf16", "bf16x2", "tf32", "f32",
      "f64", "e4m3", "e5m2", "pred"};
  for (unsigned i = 1; i < sizeof names / sizeof *names; ++i)
    if (names[i] == name) return static_cast<PtxType>(i);
  return PtxType::none;
}

unsigned ptx_bytes(PtxType type) {
  switch (type) {
    case PtxType::u8: case PtxType::s8: case PtxType::b8: case PtxType::e4m3: case PtxType::e5m2: case PtxType::pred: return 1;
    case PtxType::u16: case PtxType::s16: case PtxType::b16: case PtxType::f16: case PtxType::bf16: return 2;
    case PtxType::u64: case PtxType::s64: case PtxType::b64: case PtxType::f64: return 8;
    default: return 4;
  }
}

}  // namespace harness_cuda
