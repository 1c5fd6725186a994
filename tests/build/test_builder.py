"""Real builds in the sandbox: cached, mapped to the candidate's lines, bounded, and blind to the host's files."""

import os
import threading
from collections.abc import Callable
from pathlib import Path

import pytest

from harness.build import Builder, BuildRequest, BuildResult
from tests.sandbox.support import all_end

Build = Callable[..., BuildResult]

TWICE = """
#include <torch/extension.h>
torch::Tensor twice(torch::Tensor x) { return x + x; }
"""
BOMBS = {
    "a loop at compile time": """
constexpr long spin() { long n = 0; for (long i = 0; i < 4000000000; ++i) n += i % 7; return n; }
constexpr long result = spin();
""",
    "a tree of templates": """
template <int N, int M> struct Slow {
  static constexpr long value = Slow<N - 1, 2 * M>::value + Slow<N - 1, 2 * M + 1>::value;
};
template <int M> struct Slow<0, M> { static constexpr long value = M; };
constexpr long result = Slow<24, 0>::value;
""",
}
BOMB_FLAGS = ("-ftemplate-depth=900000", "-fconstexpr-loop-limit=2147483647", "-fconstexpr-ops-limit=100000000000")


def test_a_source_becomes_a_library_once(build: Build) -> None:
    first = build(TWICE, ("twice",))
    assert (first.failure, first.cached, first.light) == ("", False, True), first.diagnostics
    assert first.library is not None
    assert Path(first.library).read_bytes()[:4] == b"\x7fELF"
    assert first.elapsed_ns > 100_000_000, "no compiler is that fast"
    again = build(TWICE, ("twice",))
    assert (again.library, again.cached, again.elapsed_ns) == (first.library, True, 0)


def test_an_error_is_kept_and_another_source_has_another_key(build: Build) -> None:
    broken, other = build("#error one\n"), build("#error two\n")
    assert (broken.failure, other.failure) == ("error", "error")
    assert broken.key != other.key
    assert broken.library is None
    assert broken.first_error is not None
    assert broken.first_error.message == "#error one"
    again = build("#error one\n")
    assert again.cached
    assert again.diagnostics == broken.diagnostics


def test_messages_name_the_candidates_lines(build: Build) -> None:
    source = (
        "#include <torch/extension.h>\n"
        "#include <memory>\n"
        "#include <vector>\n"
        "torch::Tensor f(torch::Tensor x) {\n"
        "  int forgotten;\n"
        "  std::vector<std::unique_ptr<int>> a, b;\n"
        "  a = b;\n"
        "  return y;\n"
        "}\n"
    )
    candidate = f'import torch\nsource = """{source}"""\n'
    result = build(source, ("f",), candidate, cflags=("-Wall",))
    assert result.failure == "error"
    errors = [d for d in result.diagnostics if "error" in d.kind]
    named = next(d for d in errors if "not declared in this scope" in d.message)
    assert (named.file, named.line, named.source_line) == ("candidate.py", 9, "  return y;")
    within = next(d for d in errors if "unique_ptr" in d.message)
    # GCC's JSON has no instantiation contexts: an error within a header keeps the header's line, shortened to its name.
    assert within.line > 0
    assert within.file.startswith("c++/")
    warning = next(d for d in result.diagnostics if d.kind == "warning")
    assert "forgotten" in warning.message
    assert warning.line == 6
    assert result.diagnostics.index(named) < result.diagnostics.index(warning)
    assert len(result.log) <= 4000


def test_a_missing_symbol_is_told_by_the_linkers_words(build: Build) -> None:
    """Extensions may have undefined symbols until they are loaded; one that is hidden must be there at once."""
    result = build(
        'extern __attribute__((visibility("hidden"))) int missing_piece();\nint f() { return missing_piece(); }\n'
    )
    assert result.failure == "error"
    assert result.first_error is not None
    assert "missing_piece" in result.first_error.message


@pytest.mark.parametrize(
    "path", ["/etc/shadow", "/etc/passwd", str(Path(__file__).parents[2] / "pyproject.toml"), "/proc/1/environ"]
)
def test_no_file_of_the_host_can_be_included(build: Build, path: str) -> None:
    result = build(f'#include "{path}"\n')
    assert result.failure == "error"
    assert result.first_error is not None
    assert "No such file" in result.first_error.message or "ermission denied" in result.first_error.message


@pytest.mark.parametrize("path", ["/etc/shadow", "/proc/1/environ"])
def test_no_file_of_the_host_can_be_taken_in_by_the_assembler(build: Build, path: str) -> None:
    result = build(f'__asm__(".incbin \\"{path}\\"");\n')
    assert result.failure == "error"
    assert result.first_error is not None
    assert "incbin" in result.first_error.message or "not found" in result.first_error.message
    assert "root:" not in result.log


def test_the_keys_of_the_parent_are_not_in_the_compilers_environment(
    build: Build, monkeypatch: pytest.MonkeyPatch
) -> None:
    """`.incbin "/proc/self/environ"` would carry them into the library."""
    monkeypatch.setenv("OPENAI_API_KEY", "sk-not-a-key-77aa")
    result = build('__asm__(".section .rodata\\n.incbin \\"/proc/self/environ\\"\\n.text");\nint f() { return 1; }\n')
    if result.library:
        assert b"sk-not-a-key-77aa" not in Path(result.library).read_bytes()
    else:
        assert result.failure == "error"


def test_an_assembler_that_prints_forged_messages_is_only_believed_as_text(build: Build) -> None:
    """Stops: a `.print` of JSON with a line number that is none, which would end the judge."""
    forged = r"[{\\\"kind\\\": \\\"error\\\", \\\"locations\\\": [{\\\"caret\\\": {\\\"line\\\": \\\"x\\\"}}]}]"
    result = build(f'__asm__(".print \\"{forged}\\"");\nint f() {{ return 1; }}\n')
    assert result.failure == ""
    assert result.library is not None


@pytest.mark.parametrize("flag", ["-wrapper", "-fplugin=evil.so", "-fmodule-mapper=evil", "@file", "-I/etc"])
def test_a_refused_flag_is_an_outcome(build: Build, flag: str) -> None:
    result = build(TWICE, ("twice",), cflags=(flag,))
    assert (result.failure, result.library) == ("refused", None)
    assert result.first_error is not None
    assert flag in result.first_error.message


def compilers(folder: Path) -> list[int]:
    """Return the compilers that work beneath a folder; it stands on their command line."""
    found = []
    for entry in os.listdir("/proc"):
        try:
            line = Path(f"/proc/{entry}/cmdline").read_bytes()
        except OSError:
            continue
        if entry.isdigit() and b"cc1plus" in line and str(folder).encode() in line:
            found.append(int(entry))
    return found


@pytest.mark.parametrize("bomb", BOMBS.values(), ids=BOMBS)
def test_a_compile_bomb_ends_at_the_time_limit_and_leaves_no_compiler(
    bomb: str, make_builder: Callable[[float], Builder], scratch: Path
) -> None:
    results: list[BuildResult] = []
    builder = make_builder(1.5)
    request = BuildRequest("bomb", (bomb,), (), BOMB_FLAGS)
    thread = threading.Thread(target=lambda: results.append(builder.build(request, bomb)))
    thread.start()
    pids: list[int] = []
    while thread.is_alive() and not pids:
        pids = compilers(scratch)
    assert pids, "the compiler never ran"
    watched = [os.pidfd_open(pid) for pid in pids]
    thread.join()
    assert all_end(watched)
    assert compilers(scratch) == []
    assert results[0].failure == "timeout"
    assert results[0].first_error is not None
    assert results[0].first_error.message == "compilation took longer than 1.5 s"
    assert builder._cache.get(results[0].key) is None, "it depends on the machine's load"


def test_a_memory_bomb_is_told_apart(build: Build) -> None:
    result = build(
        "struct X { char text[1 << 30]; };\nconstexpr X x[64] = {};\nint f() { return x[63].text[5]; }\nauto* p = x;\n"
    )
    assert result.failure in {"memory", "error"}
    assert result.library is None


@pytest.mark.slow
def test_what_only_pybind_has_gets_torchs_own_headers(build: Build) -> None:
    """Takes some 35 s: it is the price that the light header saves everybody else."""
    source = """
#include <torch/extension.h>
py::dict sizes(torch::Tensor x) {
  py::dict found;
  for (int64_t d = 0; d < x.dim(); ++d) found[py::int_(d)] = x.size(d);
  return found;
}
"""
    result = build(source, ("sizes",), name="full_headers")
    assert (result.failure, result.light) == ("", False), result.diagnostics
    assert result.library is not None
    assert b"PyInit_full_headers" in Path(result.library).read_bytes()
