"""What the translator writes, rule by rule; that it computes the same is shown by test_emulated_build."""

import re

import pytest

from harness.build.cuda import TranslationError, Translator
from harness.build.cuda.translate import only_declares


def translated(text: str) -> str:
    return Translator().device(text)


def launch(name: str, configuration: str, function: str) -> str:
    return f"::harness_cuda::launch({name}, ::harness_cuda::Configuration({configuration}), {function})"


def templated(kernel: str, *arguments: str) -> str:
    named = ", ".join(f"::harness_cuda::argument_name<{argument}>()" for argument in arguments)
    return f'::harness_cuda::kernel_name("{kernel}", {named}).c_str()'


def captured(kernel: str, *arguments: str) -> str:
    given = "".join(f", harness_argument_{n} = ({argument})" for n, argument in enumerate(arguments))
    names = ", ".join(f"harness_argument_{n}" for n in range(len(arguments)))
    return f"[&{given}] {{ {kernel}({names}); }}"


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("k<<<1, 2>>>();", launch('"k"', "1, 2", captured("k")) + ";"),
        ("if (a) k<<<g, b>>>(x);", "if (a) " + launch('"k"', "g, b", captured("k", "x")) + ";"),
        ("else k<<<g,b,0,s>>>(x);", "else " + launch('"k"', "g,b,0,s", captured("k", "x")) + ";"),
        ("return n::k<<<g, b>>>(x);", "return " + launch('"n::k"', "g, b", captured("n::k", "x")) + ";"),
        ("(c) ::k<<<g, b>>>(x);", "(c) " + launch('"k"', "g, b", captured("::k", "x")) + ";"),
        (
            "k<T, (3 > 2), A<B>><<<dim3(n >> 3), f<a, b>(1)>>>(x);",
            launch(
                templated("k", "T", "(3 > 2)", "A<B>"), "dim3(n >> 3), f<a, b>(1)", captured("k<T, (3 > 2), A<B>>", "x")
            )
            + ";",
        ),
        ("(k<T>)<<<g, b>>>(x);", launch(templated("k", "T"), "g, b", captured("(k<T>)", "x")) + ";"),
        ("(*p)<<<g, b>>>(x);", launch('"p"', "g, b", captured("(*p)", "x")) + ";"),
        ("t[i]<<<g, b>>>(x);", launch('"t[i]"', "g, b", captured("t[i]", "x")) + ";"),
        ("o.p->q<<<g, b>>>(x);", launch('"o.p->q"', "g, b", captured("o.p->q", "x")) + ";"),
        ("A<T>::k<<<g, b>>>(x);", launch('"A<T>::k"', "g, b", captured("A<T>::k", "x")) + ";"),
        (
            "a.template k<T><<<g, b>>>(x);",
            launch(templated("a.template k", "T"), "g, b", captured("a.template k<T>", "x")) + ";",
        ),
        ("f(g<<<1, 2>>>(x), y);", "f(" + launch('"g"', "1, 2", captured("g", "x")) + ", y);"),
        ("k<<<1, 2>>>(f<a, b>(c), d < e, h[i, j], {1, 2});", None),
        ("operator<<<int>(a, b); x << y; A<B<C<int>>> z;", "operator<<<int>(a, b); x << y; A<B<C<int>>> z;"),
        ('"k<<<1, 2>>>(x)"; // k<<<1, 2>>>(x)', '"k<<<1, 2>>>(x)"; // k<<<1, 2>>>(x)'),
    ],
)
def test_a_launch_becomes_a_call(source: str, expected: str | None) -> None:
    if expected is not None:
        assert translated(source) == expected


def test_arguments_are_split_at_commas_of_the_call_alone() -> None:
    text = translated("k<<<1, 2>>>(f<a, b>(c), d < e, g[i, j], (h, i));")
    assert "harness_argument_0 = (f<a, b>(c))" in text
    assert "harness_argument_1 = ( d < e)" in text
    assert "harness_argument_2 = ( g[i, j])" in text
    assert "k(harness_argument_0, harness_argument_1, harness_argument_2, harness_argument_3)" in text


def test_literals_stay_where_they_can_be_pointers() -> None:
    text = translated("k<<<1, 2>>>(NULL, x, 0, {1, 2}, nullptr);")
    assert "k(NULL, harness_argument_1, 0, {1, 2}, nullptr)" in text
    assert text.count("harness_argument_1 = (") == 1


def test_packs_and_macros_pass_as_many_arguments_as_they_stand_for() -> None:
    assert "...harness_argument_1 = ( rest)] { k(harness_argument_0, harness_argument_1...); }" in translated(
        "k<<<1, 2>>>(x, rest...);"
    )
    text = translated("#define L(K, ...) K<<<1, 2>>>(__VA_ARGS__)\n#define C(k, a) k<<<1, 2>>> a\n")
    assert "launch(#K, " in text
    assert "::std::make_tuple (__VA_ARGS__)" in text
    assert "::std::make_tuple  a]" in text or "::std::make_tuple a]" in text


@pytest.mark.parametrize("end", ["\n", " \\\n"])
def test_each_line_stays_where_it_is(end: str) -> None:
    """In a macro, where each line but the last ends in a backslash, and outside of one."""
    lines = [
        "#define L(x)" if end != "\n" else "first",
        "k<a,",
        "b><<<",
        "grid,",
        "block>>>(",
        "one,",
        "NULL,",
        "two /* , */ + 2);",
    ]
    text = translated(end.join(lines) + "\nlast\n").split("\n")
    assert len(text) == len(lines) + 2
    for number, word in ((3, "grid"), (4, "block"), (5, "one"), (7, "two"), (8, "last")):
        assert re.search(rf"\b{word}\b", text[number]), "it stands where it stood"
    if end != "\n":
        assert all(line.endswith("\\") for line in text[: len(lines) - 1])


@pytest.mark.parametrize(
    ("source", "message"),
    [
        ("\nk<<<1, 2>>>(a, , b);", "an argument of k<<<...>>> is missing"),
        ("\nk<<<1, 2>>>(a", "the arguments of k<<<...>>> are not closed"),
        ("\nk<<<1, 2;", "a launch <<< has no >>>"),
        ("\nk<<<>>>(x);", "a launch <<<>>> without grid and block"),
        ("\n= <<<1, 2>>>(x);", "no kernel's name stands before <<<"),
        ("\n__shared__ float a[2]", "a __shared__ declaration has no ;"),
        ("\n__shared__ [2];", "a __shared__ declaration without a name"),
        ("\nvoid f() { __shared__ int a = 1; }", "the __shared__ variable a has an initialiser"),
        ("\nvoid f() { __shared__ S a{1}; }", "the __shared__ variable a has an initialiser"),
        ('\nasm("mov.u32 %0, 1;" : "=r"(x)', "an asm statement is not closed"),
        ('\nasm("mov.u32 %[d], 1;" : [d] "=r"(x));', "names an operand of inline PTX"),
        ('\nasm("mov.u32 %0, 1;" : "=r" x);', "an operand of inline PTX cannot be read"),
        ("\nasm();", "inline PTX without a text"),
    ],
)
def test_what_is_not_cuda_is_told_with_its_line(source: str, message: str) -> None:
    with pytest.raises(TranslationError, match=re.escape(message)) as caught:
        translated(source)
    assert caught.value.line == 2


def test_shared_variables_become_references() -> None:
    text = translated("void f() { __shared__ float a[N][M + 1], *b; }")
    assert text.startswith(
        "void f() { typedef float harness_shared_1_a[N][M + 1], *harness_shared_2_b; struct harness_tag_1; "
    )
    assert "harness_shared_1_a& a = ::harness_cuda::shared_variable<harness_shared_1_a, harness_tag_1>();" in text
    assert "harness_shared_2_b& b = ::harness_cuda::shared_variable<harness_shared_2_b, harness_tag_2>();" in text


@pytest.mark.parametrize(
    ("declaration", "typedef", "name"),
    [
        ("static __shared__ T x[4];", "typedef T harness_shared_1_x[4];", "x"),
        ("float __shared__ x[4];", "float typedef harness_shared_1_x[4];", "x"),
        ("volatile __shared__ int x;", "volatile typedef int harness_shared_1_x;", "x"),
        (
            "__shared__ typename cub::BlockReduce<float, 256>::TempStorage x;",
            "typedef typename cub::BlockReduce<float, 256>::TempStorage harness_shared_1_x;",
            "x",
        ),
        ("__shared__ struct { int a, b; } x;", "typedef struct { int a, b; } harness_shared_1_x;", "x"),
        (
            "__shared__ union U { int a; float b; } x[2];",
            "typedef union U { int a; float b; } harness_shared_1_x[2];",
            "x",
        ),
        ("__shared__ float (*x)[4];", "typedef float (*harness_shared_1_x)[4];", "x"),
        ("__shared__ std::pair<A, B<C>> x;", "typedef std::pair<A, B<C>> harness_shared_1_x;", "x"),
        (
            "__shared__ unsigned long long x[a < b ? a : b];",
            "typedef unsigned long long harness_shared_1_x[a < b ? a : b];",
            "x",
        ),
    ],
)
def test_a_declaration_becomes_a_type(declaration: str, typedef: str, name: str) -> None:
    text = re.sub(r"\s+", " ", translated("void f() { " + declaration + " }"))
    assert f"void f() {{ {typedef} struct harness_tag_1; " in text
    assert f"harness_shared_1_{name}& {name} = " in text


def test_dynamic_shared_memory_is_an_array_of_unknown_size() -> None:
    text = re.sub(r"\s+", " ", translated("void f() { extern __shared__ __align__(16) unsigned char s[]; }"))
    assert "typedef unsigned char harness_shared_1_s[]; harness_shared_1_s& s = " in text
    assert "*(harness_shared_1_s*)::harness_cuda::dynamic_shared<unsigned char>();" in text


def test_alignment_is_kept() -> None:
    text = translated("void f() { __shared__ alignas(16) float a[4]; __shared__ __align__(8) char b; }")
    assert "shared_variable<::harness_cuda::Aligned<harness_shared_1_a, (16)>, harness_tag_1>().value" in text
    assert "Aligned<harness_shared_2_b, (8)>" in text


def test_a_shared_variable_outside_of_functions_is_put_where_it_is_used() -> None:
    text = translated(
        "extern __shared__ float s[];\nvoid f() { s[0] = o.s + p->s; }\nvoid g() { __shared__ int s; s = 1; }\n"
    )
    assert "(*(harness_shared_1_s*)::harness_cuda::dynamic_shared<unsigned char>())[0] = o.s + p->s;" in text
    assert "(); s = 1; }" in text, "a local one hides it"


def test_lambdas_capture_shared_variables_by_reference() -> None:
    text = translated(
        "void f() { __shared__ int s[2]; [=](int i) { return s[i]; }; []{ s[0]; }; [&] { s[0]; }; [x] { return x; }; a[i]; }"
    )
    assert "[=, &s](int i)" in text
    assert "[&s]{ s[0]; }" in text
    assert "[&] { s[0]; }" in text
    assert "[x] { return x; }" in text


def test_inline_ptx_becomes_a_call() -> None:
    source = 'asm volatile("fma.rn.f32 %0, %1, %2, %3;" : "=f"(d), "+r"(n::e) : "f"(a), "l"(f(b, c)) : "memory");'
    assert translated(source) == (
        'HARNESS_PTX("fma.rn.f32 %0, %1, %2, %3;" ,  ::harness_cuda::ptx_out("=f", (d)), '
        '::harness_cuda::ptx_inout("+r", (n::e)) ,  '
        '::harness_cuda::ptx_in("f", (a)), ::harness_cuda::ptx_in("l", (f(b, c))) );'
    )


@pytest.mark.parametrize(
    ("source", "operands"),
    [
        ('asm("bar.sync 0;");', 0),
        ('__asm__ __volatile__("bar.sync 0;" ::: "memory");', 0),
        ('asm("st.global.f32 [%0], %1;" :: "l"(p), "f"(x));', 2),
        ('asm volatile("mov.u32 %0, 1;" : "=r"(x) : );', 1),
        ('asm volatile("mov.u32 " "%0, %1;\\n" : "=r"(x) : "n"(4) : );', 2),
        ('asm(R"(\n{ .reg .pred p; @p bar.sync 0; })");', 0),
    ],
)
def test_forms_of_inline_ptx(source: str, operands: int) -> None:
    text = translated(source)
    assert text.startswith("HARNESS_PTX(")
    assert text.count("::harness_cuda::ptx_") == operands
    assert "memory" not in text
    assert re.search(r":\s*:|:\s*\)", text.replace("::harness_cuda::", "")) is None, "no colon is left"


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("x.is_cuda() && y->is_cuda() && is_cuda(z)", "x.is_cpu() && y->is_cpu() && is_cuda(z)"),
        (
            "x.device().is_cuda(); x.type().is_cuda(); x.is_cpu();",
            "x.device().is_cpu(); x.device().is_cpu(); x.is_cuda();",
        ),
        ("d == torch::kCUDA || d != at::kCPU || kCPU == d", "d == torch::kCPU || d != at::kCUDA || kCUDA == d"),
        (
            "x.to(torch::kCPU); x.to(torch::kCUDA); x.cuda(); at::cuda::f();",
            "x.to(torch::kCPU); x.to(torch::kCPU); x.cpu(); at::cuda::f();",
        ),
        ("c10::DeviceType::CUDA, Backend::CUDA, other::CUDA", "c10::DeviceType::CPU, Backend::CPU, other::CUDA"),
        ('Device("cuda"); d("cuda:1"); s("cuda is"); ', 'Device("cpu"); d("cpu"); s("cuda is"); '),
        ("TORCH_LIBRARY_IMPL(lib, CUDA, m)", "TORCH_LIBRARY_IMPL(lib, CPU, m)"),
        ("__noinline__ int f(); int g() __attribute__((__noinline__));", None),
        ("#define CHECK(x) TORCH_CHECK(x.is_cuda())\n", "#define CHECK(x) TORCH_CHECK(x.is_cpu())\n"),
    ],
)
def test_questions_about_devices_hold_for_cpu_tensors(source: str, expected: str | None) -> None:
    wanted = expected or "__attribute__((noinline)) int f(); int g() __attribute__((__noinline__));"
    assert translated(source) == wanted
    assert Translator().host(source) == wanted


def test_other_text_is_left_alone() -> None:
    source = (
        "#include <x.h>\n#pragma unroll\n__global__ void __launch_bounds__(N, 2) k(int *p) { p[0] <<= 1; } /* é */\n"
    )
    assert translated(source) == source


@pytest.mark.parametrize(
    ("source", "only"),
    [
        ("torch::Tensor f(torch::Tensor x, std::vector<int64_t> y);", True),
        ("#include <torch/extension.h>\n#pragma once\nvoid f(); // { = }", True),
        ("", True),
        ("void f(int x = 3);", False),
        ("void f() {}", False),
        ("#define X 1\nvoid f();", False),
        ("PYBIND11_MODULE(x, m) { m.def(f); }", False),
    ],
)
def test_declarations_are_told_from_definitions(source: str, only: bool) -> None:
    assert only_declares(source) is only
