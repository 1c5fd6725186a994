// Binds C++ functions to Python without Python.h and without pybind11.
//
// Both cost more compile time than most kernels: with this header and a precompiled torch/types.h, a load_inline source
// builds in about 3 s instead of 33 s. Only functions of CPython's stable ABI are used, so no Python headers are needed.
// PYBIND11_MODULE, m.def and py::arg are spelled as in pybind11; a source that needs more of it is built with the real one.
#pragma once

#include <torch/types.h>

#include <array>
#include <cstdint>
#include <exception>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <stdexcept>
#include <string>
#include <tuple>
#include <type_traits>
#include <utility>
#include <vector>

typedef struct _object PyObject;

extern "C" {
void Py_IncRef(PyObject*);
void Py_DecRef(PyObject*);
PyObject* PyErr_Occurred(void);
void PyErr_SetString(PyObject*, const char*);
void PyErr_Clear(void);
intptr_t PyTuple_Size(PyObject*);
PyObject* PyTuple_GetItem(PyObject*, intptr_t);
PyObject* PyTuple_New(intptr_t);
int PyTuple_SetItem(PyObject*, intptr_t, PyObject*);
intptr_t PySequence_Size(PyObject*);
PyObject* PySequence_GetItem(PyObject*, intptr_t);
int PySequence_Check(PyObject*);
PyObject* PyList_New(intptr_t);
int PyList_SetItem(PyObject*, intptr_t, PyObject*);
PyObject* PyDict_New(void);
PyObject* PyDict_GetItemString(PyObject*, const char*);
int PyDict_SetItemString(PyObject*, const char*, PyObject*);
intptr_t PyDict_Size(PyObject*);
long long PyLong_AsLongLong(PyObject*);
void* PyLong_AsVoidPtr(PyObject*);
PyObject* PyLong_FromLongLong(long long);
double PyFloat_AsDouble(PyObject*);
PyObject* PyFloat_FromDouble(double);
PyObject* PyBool_FromLong(long);
int PyObject_IsTrue(PyObject*);
int PyObject_IsInstance(PyObject*, PyObject*);
PyObject* PyObject_GetAttrString(PyObject*, const char*);
const char* PyUnicode_AsUTF8AndSize(PyObject*, intptr_t*);
PyObject* PyUnicode_FromStringAndSize(const char*, intptr_t);
PyObject* PyCapsule_New(void*, const char*, void (*)(PyObject*));
void* PyCapsule_GetPointer(PyObject*, const char*);
extern PyObject* PyExc_TypeError;
extern PyObject* PyExc_ValueError;
extern PyObject* PyExc_IndexError;
extern PyObject* PyExc_RuntimeError;
extern PyObject* PyExc_MemoryError;
extern PyObject* PyExc_NotImplementedError;
extern PyObject _Py_NoneStruct;

struct HarnessMethod {  // PyMethodDef, whose layout is part of the stable ABI
  const char* name;
  PyObject* (*call)(PyObject*, PyObject*, PyObject*);
  int flags;
  const char* doc;
};
PyObject* PyCFunction_NewEx(HarnessMethod*, PyObject*, PyObject*);
}

extern PyObject* THPVariableClass;
PyObject* THPVariable_Wrap(const at::TensorBase&);

namespace harness {

// A Python exception is already set; carries control back to the boundary.
struct PythonError {};

struct TypeMismatch : std::runtime_error {
  using std::runtime_error::runtime_error;
};

inline PyObject* none() {
  Py_IncRef(&_Py_NoneStruct);
  return &_Py_NoneStruct;
}

inline bool is_none(PyObject* object) { return object == &_Py_NoneStruct; }

// A reference that is given back when it goes out of scope.
struct Owned {
  PyObject* object;
  explicit Owned(PyObject* o) : object(o) {
    if (!o) throw PythonError();
  }
  Owned(const Owned&) = delete;
  ~Owned() { Py_DecRef(object); }
};

template <class T, class = void>
struct Cast {
  static_assert(sizeof(T) == 0, "this argument or return type needs pybind11");
};

template <>
struct Cast<at::Tensor> {
  static at::Tensor from(PyObject* object) {
    if (PyObject_IsInstance(object, THPVariableClass) != 1) throw TypeMismatch("expected a Tensor");
    Owned address(PyObject_GetAttrString(object, "_cdata"));
    auto* impl = static_cast<c10::TensorImpl*>(PyLong_AsVoidPtr(address.object));
    if (!impl) throw PythonError();
    return at::Tensor(c10::intrusive_ptr<c10::TensorImpl, c10::UndefinedTensorImpl>::reclaim_copy(impl));
  }
  static PyObject* to(const at::Tensor& tensor) { return tensor.defined() ? THPVariable_Wrap(tensor) : none(); }
};

template <>
struct Cast<bool> {
  static bool from(PyObject* object) {
    int truth = PyObject_IsTrue(object);
    if (truth < 0) throw PythonError();
    return truth != 0;
  }
  static PyObject* to(bool value) { return PyBool_FromLong(value); }
};

template <class T>
struct Cast<T, std::enable_if_t<std::is_integral_v<T> && !std::is_same_v<T, bool>>> {
  static T from(PyObject* object) {
    long long value = PyLong_AsLongLong(object);
    if (value == -1 && PyErr_Occurred()) throw PythonError();
    return static_cast<T>(value);
  }
  static PyObject* to(T value) { return PyLong_FromLongLong(static_cast<long long>(value)); }
};

template <class T>
struct Cast<T, std::enable_if_t<std::is_floating_point_v<T>>> {
  static T from(PyObject* object) {
    double value = PyFloat_AsDouble(object);
    if (value == -1.0 && PyErr_Occurred()) throw PythonError();
    return static_cast<T>(value);
  }
  static PyObject* to(T value) { return PyFloat_FromDouble(static_cast<double>(value)); }
};

template <>
struct Cast<std::string> {
  static std::string from(PyObject* object) {
    intptr_t size = 0;
    const char* text = PyUnicode_AsUTF8AndSize(object, &size);
    if (!text) throw PythonError();
    return std::string(text, static_cast<size_t>(size));
  }
  static PyObject* to(const std::string& value) {
    return PyUnicode_FromStringAndSize(value.data(), static_cast<intptr_t>(value.size()));
  }
};

template <class T>
struct Cast<std::optional<T>> {
  static std::optional<T> from(PyObject* object) {
    if (is_none(object)) return std::nullopt;
    return Cast<T>::from(object);
  }
  static PyObject* to(const std::optional<T>& value) { return value ? Cast<T>::to(*value) : none(); }
};

template <class T>
struct Cast<std::vector<T>> {
  static std::vector<T> from(PyObject* object) {
    if (!PySequence_Check(object)) throw TypeMismatch("expected a list or tuple");
    intptr_t size = PySequence_Size(object);
    if (size < 0) throw PythonError();
    std::vector<T> values;
    values.reserve(static_cast<size_t>(size));
    for (intptr_t i = 0; i < size; ++i) values.push_back(Cast<T>::from(Owned(PySequence_GetItem(object, i)).object));
    return values;
  }
  static PyObject* to(const std::vector<T>& values) {
    PyObject* list = PyList_New(static_cast<intptr_t>(values.size()));
    for (size_t i = 0; i < values.size(); ++i) PyList_SetItem(list, static_cast<intptr_t>(i), Cast<T>::to(values[i]));
    return list;
  }
};

template <class... T>
struct Cast<std::tuple<T...>> {
  static PyObject* to(const std::tuple<T...>& values) { return fill(values, std::index_sequence_for<T...>()); }

 private:
  template <size_t... I>
  static PyObject* fill(const std::tuple<T...>& values, std::index_sequence<I...>) {
    PyObject* tuple = PyTuple_New(sizeof...(T));
    (PyTuple_SetItem(tuple, I, Cast<std::decay_t<T>>::to(std::get<I>(values))), ...);
    return tuple;
  }
};

template <class A, class B>
struct Cast<std::pair<A, B>> {
  static PyObject* to(const std::pair<A, B>& value) {
    return Cast<std::tuple<A, B>>::to(std::tuple<A, B>(value.first, value.second));
  }
};

template <class T, size_t N>
struct Cast<std::array<T, N>> {
  static std::array<T, N> from(PyObject* object) {
    auto values = Cast<std::vector<T>>::from(object);
    if (values.size() != N) throw TypeMismatch("expected " + std::to_string(N) + " values");
    std::array<T, N> out;
    std::copy(values.begin(), values.end(), out.begin());
    return out;
  }
};

// What a function takes by view is held by value while it runs.
template <class T>
struct Held {
  using type = std::decay_t<T>;
};
template <class T>
struct Held<c10::ArrayRef<T>> {
  using type = std::vector<T>;
};
template <class T>
struct Held<const c10::ArrayRef<T>&> : Held<c10::ArrayRef<T>> {};
template <>
struct Held<std::string_view> {
  using type = std::string;
};
template <>
struct Held<const char*> {
  using type = std::string;
};

template <class To, class From>
decltype(auto) pass(From& value) {
  if constexpr (std::is_same_v<std::decay_t<To>, const char*>) {
    return value.c_str();
  } else if constexpr (std::is_rvalue_reference_v<To>) {
    return std::move(value);
  } else {
    return (value);
  }
}

struct Argument {
  std::string name;
  std::shared_ptr<PyObject> fallback;
};

struct Function {
  std::string name;
  std::string doc;
  std::vector<Argument> arguments;
  size_t arity = 0;
  std::function<PyObject*(const std::vector<PyObject*>&)> call;
  HarnessMethod method{};
};

// Positional, keyword and default arguments in the order of the C++ parameters. The references are borrowed.
inline std::vector<PyObject*> arrange(const Function& f, PyObject* args, PyObject* kwargs) {
  size_t given = static_cast<size_t>(PyTuple_Size(args));
  if (given > f.arity) {
    throw TypeMismatch("takes " + std::to_string(f.arity) + " arguments, " + std::to_string(given) + " given");
  }
  std::vector<PyObject*> ordered(f.arity, nullptr);
  for (size_t i = 0; i < given; ++i) ordered[i] = PyTuple_GetItem(args, static_cast<intptr_t>(i));
  size_t used = 0;
  for (size_t i = given; i < f.arity; ++i) {
    if (i < f.arguments.size()) {
      if (kwargs) ordered[i] = PyDict_GetItemString(kwargs, f.arguments[i].name.c_str());
      used += ordered[i] != nullptr;
      if (!ordered[i]) ordered[i] = f.arguments[i].fallback.get();
    }
    if (!ordered[i]) {
      throw TypeMismatch("takes " + std::to_string(f.arity) + " arguments, number " + std::to_string(i + 1) + " is missing");
    }
  }
  if (kwargs && static_cast<size_t>(PyDict_Size(kwargs)) != used) throw TypeMismatch("got an unexpected keyword");
  return ordered;
}

inline PyObject* invoke(PyObject* self, PyObject* args, PyObject* kwargs) {
  auto* f = static_cast<Function*>(PyCapsule_GetPointer(self, "harness.function"));
  if (!f) return nullptr;
  try {
    return f->call(arrange(*f, args, kwargs));
  } catch (const PythonError&) {
  } catch (const TypeMismatch& e) {
    PyErr_SetString(PyExc_TypeError, (f->name + "(): " + e.what()).c_str());
  } catch (const std::bad_alloc&) {
    PyErr_SetString(PyExc_MemoryError, "std::bad_alloc");
  } catch (const c10::IndexError& e) {
    PyErr_SetString(PyExc_IndexError, e.what_without_backtrace());
  } catch (const c10::ValueError& e) {
    PyErr_SetString(PyExc_ValueError, e.what_without_backtrace());
  } catch (const c10::NotImplementedError& e) {
    PyErr_SetString(PyExc_NotImplementedError, e.what_without_backtrace());
  } catch (const c10::OutOfMemoryError& e) {
    PyErr_SetString(PyExc_MemoryError, e.what_without_backtrace());
  } catch (const c10::Error& e) {
    PyErr_SetString(PyExc_RuntimeError, e.what_without_backtrace());
  } catch (const std::exception& e) {
    PyErr_SetString(PyExc_RuntimeError, e.what());
  } catch (...) {
    PyErr_SetString(PyExc_RuntimeError, "unknown C++ exception");
  }
  return nullptr;
}

// Keyword name of a parameter; `py::arg("eps") = 1e-5` gives it a default.
struct Arg {
  Argument argument;
  explicit Arg(const char* name) : argument{name, nullptr} {}
  template <class T>
  Arg operator=(T&& value) && {
    argument.fallback = std::shared_ptr<PyObject>(convert(std::forward<T>(value)), [](PyObject*) {});
    return std::move(*this);
  }
  Arg& noconvert(bool = true) { return *this; }

 private:
  template <class T>
  static PyObject* convert(T&& value) {
    if constexpr (std::is_convertible_v<T, const char*>) {
      return Cast<std::string>::to(value);
    } else if constexpr (std::is_same_v<std::decay_t<T>, std::nullopt_t>) {
      return none();
    } else {
      return Cast<std::decay_t<T>>::to(value);
    }
  }
};

class Module {
 public:
  template <class R, class... A, class... Extra>
  Module& def(const char* name, R (*f)(A...), Extra&&... extra) {
    return add<R, A...>(name, f, std::forward<Extra>(extra)...);
  }
  template <class F, class... Extra>
  Module& def(const char* name, F f, Extra&&... extra) {
    return deduce(name, std::function(std::move(f)), std::forward<Extra>(extra)...);
  }
  Module& doc() { return *this; }
  template <class T>
  Module& operator=(T&&) { return *this; }

  // A new dict of the functions; they live as long as the library, which is never unloaded.
  PyObject* functions() {
    PyObject* dict = PyDict_New();
    for (auto& entry : table_) {
      Function* f = entry.release();
      f->method = {f->name.c_str(), invoke, 0x0001 | 0x0002, f->doc.c_str()};  // METH_VARARGS | METH_KEYWORDS
      Owned self(PyCapsule_New(f, "harness.function", nullptr));
      Owned function(PyCFunction_NewEx(&f->method, self.object, nullptr));
      PyDict_SetItemString(dict, f->name.c_str(), function.object);
    }
    return dict;
  }

 private:
  template <class R, class... A, class... Extra>
  Module& deduce(const char* name, std::function<R(A...)> f, Extra&&... extra) {
    return add<R, A...>(name, std::move(f), std::forward<Extra>(extra)...);
  }

  template <class R, class... A, class F, class... Extra>
  Module& add(const char* name, F f, Extra&&... extra) {
    auto entry = std::make_unique<Function>();
    entry->name = name;
    entry->arity = sizeof...(A);
    (note(*entry, std::forward<Extra>(extra)), ...);
    entry->call = [f](const std::vector<PyObject*>& args) { return apply<R, A...>(f, args, std::index_sequence_for<A...>()); };
    table_.push_back(std::move(entry));
    return *this;
  }

  template <class R, class... A, class F, size_t... I>
  static PyObject* apply(const F& f, const std::vector<PyObject*>& args, std::index_sequence<I...>) {
    std::tuple<typename Held<A>::type...> held{Cast<typename Held<A>::type>::from(args[I])...};
    if constexpr (std::is_void_v<R>) {
      f(pass<A>(std::get<I>(held))...);
      return none();
    } else {
      return Cast<std::decay_t<R>>::to(f(pass<A>(std::get<I>(held))...));
    }
  }

  template <class T>
  static void note(Function& f, T&& extra) {
    if constexpr (std::is_convertible_v<T, const char*>) {
      f.doc = extra;
    } else if constexpr (std::is_same_v<std::decay_t<T>, Arg>) {
      f.arguments.push_back(extra.argument);
    }
  }

  std::vector<std::unique_ptr<Function>> table_;
};

}  // namespace harness

namespace pybind11 {
using arg = ::harness::Arg;
using module = ::harness::Module;
using module_ = ::harness::Module;
namespace literals {
inline ::harness::Arg operator""_a(const char* name, size_t) { return ::harness::Arg(name); }
}  // namespace literals
struct gil_scoped_release {
  gil_scoped_release() {}
  ~gil_scoped_release() {}
};
template <class... T>
struct call_guard {};
}  // namespace pybind11
namespace py = pybind11;

#define PYBIND11_MODULE(name, m, ...)                      \
  static void harness_define(::harness::Module& m);        \
  extern "C" __attribute__((visibility("default"))) PyObject* harness_functions() { \
    ::harness::Module module;                              \
    harness_define(module);                                \
    return module.functions();                             \
  }                                                        \
  static void harness_define(::harness::Module& m)
