// What translated code names beside CUDA's own: kernels as they were launched (`softmax_kernel<float, 256>`), aligned
// shared variables.
#pragma once

#include <cstddef>
#include <initializer_list>
#include <string>
#include <string_view>

namespace harness_cuda {

// What stands in the brackets that g++ adds to the name of a template function: "[with T = float]".
inline std::string bracketed(std::string_view pretty) {
  size_t begin = pretty.find(" = ", pretty.rfind("[with")) + 3;
  size_t end = pretty.find("; std::string", begin);  // g++ explains the return type behind the argument
  if (end == std::string_view::npos) end = pretty.rfind(']');
  return std::string(pretty.substr(begin, end - begin));
}
template <class T>
std::string argument_name() {
  return bracketed(__PRETTY_FUNCTION__);
}
template <auto V>
std::string argument_name() {
  return bracketed(__PRETTY_FUNCTION__);
}
template <template <class...> class T>
std::string argument_name() {
  return bracketed(__PRETTY_FUNCTION__);
}

// `__shared__ alignas(16) T name;`
template <class T, size_t Alignment>
struct Aligned {
  alignas(Alignment > alignof(T) ? Alignment : alignof(T)) T value;
};

template <class... Arguments>
std::string kernel_name(std::string_view kernel, const Arguments&... arguments) {
  std::string name(kernel);
  const char* separator = "<";
  ((name += separator, name += arguments, separator = ", "), ...);
  return name + ">";
}

}  // namespace harness_cuda
