// Bindings to Python: parsed, never made.
#pragma once

namespace pybind11 {
struct object {
  object();
  template <class T> object(const T&);
  template <class T> T cast() const;
  template <class... A> object operator()(A&&...) const;
  template <class K> object operator[](const K&) const;
  object attr(const char*) const;
  bool is_none() const;
};
using handle = object;
struct str : object { using object::object; };
struct dict : object { using object::object; };
struct list : object { using object::object; template <class T> void append(const T&); };
struct tuple : object { using object::object; };
struct none : object {};
struct arg {
  arg(const char*);
  template <class T> arg operator=(const T&) const;
  arg& noconvert(bool = true);
  arg& none(bool = true);
};
struct doc { doc(const char*); };
struct gil_scoped_release { gil_scoped_release(); ~gil_scoped_release(); };
struct gil_scoped_acquire { gil_scoped_acquire(); ~gil_scoped_acquire(); };
template <class... A> struct call_guard {};
template <class... A> struct init_t {};
template <class... A> init_t<A...> init();
struct kw_only {};
struct module_ : object {
  template <class F, class... A> module_& def(const char*, F&&, A&&...);
  module_ def_submodule(const char*, const char* = nullptr);
  object doc();
};
using module = module_;
template <class T, class... B> struct class_ {
  template <class... A> class_(const object&, const char*, A&&...);
  template <class... A> class_& def(A&&...);
  template <class... A> class_& def_readwrite(A&&...);
  template <class... A> class_& def_readonly(A&&...);
};
template <class... A> void print(A&&...);
namespace literals {
arg operator""_a(const char*, size_t);
}
}  // namespace pybind11
namespace py = pybind11;

namespace torch {
struct Library {
  template <class... A> Library& def(A&&...);
  template <class... A> Library& impl(A&&...);
};
}  // namespace torch

#ifndef TORCH_EXTENSION_NAME
#define TORCH_EXTENSION_NAME extension
#endif
#define HARNESS_STUB_JOIN_(a, b) a##b
#define HARNESS_STUB_JOIN(a, b) HARNESS_STUB_JOIN_(a, b)
#define PYBIND11_MODULE(name, variable, ...) inline void HARNESS_STUB_JOIN(harness_stub_module_, name)(::pybind11::module_ & variable)
#define TORCH_LIBRARY(name, m) inline void harness_stub_library_##name(::torch::Library& m)
#define TORCH_LIBRARY_FRAGMENT(name, m) inline void HARNESS_STUB_JOIN(harness_stub_fragment_##name, __COUNTER__)(::torch::Library & m)
#define TORCH_LIBRARY_IMPL(name, key, m) inline void harness_stub_library_##name##_##key(::torch::Library& m)
#define TORCH_FN(f) f
#define REGISTER_EXTENSION(name)
