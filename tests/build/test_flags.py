"""Which flags reach the compiler: what people write for speed does, what runs programs or touches files does not."""

import re
import shutil
import subprocess

import pytest

from harness.build.flags import MAX_FLAGS, FlagRefused, compile_flags, link_flags
from harness.languages.compiler import find_compiler


@pytest.mark.parametrize(
    "flag",
    [
        *("-O", "-O1", "-O2", "-O3", "-Os", "-Og", "-Ofast", "-march=native", "-mtune=native", "-march=x86-64-v3"),
        *("-mavx2", "-mavx512f", "-mfma", "-mno-avx512f", "-msse4.2", "-mprefer-vector-width=512", "-mcpu=neoverse-v1"),
        *("-ffast-math", "-fno-math-errno", "-funroll-loops", "-fopenmp", "-fopenmp-simd", "-fno-exceptions", "-fPIC"),
        *("-ftree-vectorize", "-fvect-cost-model=unlimited", "-ffp-contract=fast", "-fno-trapping-math", "-flto=auto"),
        *("-fvisibility=hidden", "-ftemplate-depth=2000", "-fconstexpr-ops-limit=1000000000", "-fno-strict-aliasing"),
        *("-Wall", "-Wextra", "-Wno-unused-variable", "-Wno-error=format", "-Werror", "-w", "-pthread", "-pedantic"),
        *("-std=c++23", "-std=gnu++23", "-falign-loops=32", "-fno-semantic-interposition", "-fmax-errors=5"),
    ],
)
def test_what_makes_code_fast_is_allowed(flag: str) -> None:
    assert compile_flags([flag]) == ([flag], [])


@pytest.mark.parametrize(
    "flag",
    [
        # programs
        *("-wrapper", "-wrapper=sh,-c,id", "-fplugin=evil", "-fplugin-arg-x-y=z", "-fplugin", "-fpass-plugin=x"),
        *("-fmodule-mapper=program", "-fmodules-ts", "-fuse-ld=evil", "-fuse-ld=gold", "-fuse-linker-plugin"),
        *(
            "-B.",
            "-B/tmp",
            "--prefix=x",
            "-specs=x",
            "--specs=x",
            "-fload=x",
            "-mllvm",
            "-foffload=nvptx-none",
            "-Xclang",
        ),
        *("-foffload-options=x", "-T", "-Tx", "-Xlinker", "-Xassembler", "-Wa,--x", "-Wl,-rpath,/x", "-Wp,-MD,x"),
        # files that are read
        *("@file", "-I/etc", "-I", "-include", "-include/etc/passwd", "-imacros", "-imacros/etc/passwd", "-iquote/etc"),
        *("-isystem/etc", "-idirafter/etc", "-iprefix/", "-isysroot/", "--sysroot=/", "-nostdinc", "-x", "-xassembler"),
        *(
            "-fprofile-use=/etc/passwd",
            "-fprofile-use",
            "-fbranch-probabilities",
            "-fauto-profile=x",
            "-fmodule-file=x",
        ),
        *(
            "-fpre-include=/etc/passwd",
            "-fprebuilt-module-path=x",
            "-fsanitize-blacklist=/etc/passwd",
            "-fpch-preprocess",
        ),
        *("-march=@x", "-mfoo=/etc/passwd", "/etc/passwd", "-", "other.cpp", "-l:evil.a", "-L/tmp"),
        # files that are written
        *(
            "-o",
            "-oelsewhere",
            "-MD",
            "-MMD",
            "-MFx",
            "-save-temps",
            "-dumpdir",
            "-dD",
            "-fdump-tree-all",
            "-fdump-x=y",
        ),
        *("-fopt-info-all=out.txt", "-fopt-info", "-fsave-optimization-record", "-fcallgraph-info", "-fstack-usage"),
        *(
            "-ftest-coverage",
            "-fprofile-arcs",
            "-fprofile-dir=x",
            "-fproc-stat-report=x",
            "-ftime-trace=x",
            "-ftime-report",
        ),
        *("-fcrash-diagnostics-dir=x", "-aux-info", "-fdeps-file=x", "-gsplit-dwarf", "-freport-bug"),
        # another language, another output, no output
        *(
            "-E",
            "-S",
            "-c",
            "-fsyntax-only",
            "-fpreprocessed",
            "-fdirectives-only",
            "-static",
            "-r",
            "-v",
            "-###",
            "--help",
        ),
        *("-fdiagnostics-format=text", "-fdiagnostics-format=sarif-file", "-Xpreprocessor", "-print-file-name=libc.so"),
        *("-fsanitize=address", "-fself-test=x", "-fcompare-debug", "-time", "-pipe=", "-D", "-D1=2", "-U", "-DA\\"),
        *("-DA=1\r#define B", "-march=native\n-wrapper", "-Wall,x", "-O3;id", "-O$(id)", "-O4", "-W", "-f", "-m", "''"),
    ],
)
def test_what_runs_programs_or_touches_files_is_refused(flag: str) -> None:
    quoted = "'" + flag + "'" if flag != "''" else flag
    with pytest.raises(FlagRefused, match="not allowed"):
        compile_flags(["-O3", quoted])


def test_the_refusal_names_the_flag() -> None:
    with pytest.raises(FlagRefused, match=re.escape("compiler flag '-fplugin=evil.so' is not allowed")):
        compile_flags(["-fplugin=evil.so"])


def test_definitions_become_lines_behind_the_precompiled_header() -> None:
    flags, defines = compile_flags(["-DN=4", "-O2", "-DFAST", "-DEMPTY=", "-UNDEBUG"])
    assert flags == ["-O2"]
    assert defines == ["#define N 4", "#define FAST 1", "#define EMPTY ", "#undef NDEBUG"]


def test_a_quoted_definition_keeps_its_blanks() -> None:
    assert compile_flags(["'-DTEXT=\"x y\"'"]) == ([], ['#define TEXT "x y"'])


def test_several_flags_in_one_string_are_several_as_in_torch() -> None:
    assert compile_flags(["-O3 -ffast-math  -DN=2", " -mavx2\t", ""]) == (
        ["-O3", "-ffast-math", "-mavx2"],
        ["#define N 2"],
    )
    with pytest.raises(FlagRefused, match="-wrapper"):
        compile_flags(["-O3 -wrapper sh"])
    with pytest.raises(FlagRefused, match="cannot be read"):
        compile_flags(["-O3 'unfinished"])


@pytest.mark.parametrize(
    "flag", ["-g", "-g3", "-ggdb", "-ggdb3", "-std=c++11", "-std=c++14", "-std=gnu++17", "-std=c++20"]
)
def test_debug_information_and_older_standards_are_dropped(flag: str) -> None:
    assert compile_flags([flag]) == ([], [])


def test_a_command_line_has_an_end() -> None:
    assert len(compile_flags(["-O3"] * MAX_FLAGS)[0]) == MAX_FLAGS
    for read in (compile_flags, link_flags):
        with pytest.raises(FlagRefused, match="more than"):
            read(["-O3 " * (MAX_FLAGS + 1)])


@pytest.mark.parametrize("flag", ["-fopenmp", "-lgomp", "-lm", "-lpthread", "-lc10", "-ltorch_cpu", "-pthread", "-O3"])
def test_libraries_of_a_kernel_may_be_linked(flag: str) -> None:
    assert link_flags([flag]) == [flag]


@pytest.mark.parametrize(
    "flag",
    [
        *("-Wl,-rpath,/tmp", "-Wl,--dynamic-linker=/x", "-Wl,@file", "-Wl,-T,x", "-L/tmp", "-l:libevil.a", "-lcuda"),
        *("-fuse-ld=gold", "-B/tmp", "@file", "libevil.a", "/etc/passwd", "-static", "-T", "-lcrypt", "-plugin", "-o"),
        *("-Wl,-O1,-plugin,x", "-lm,x", "-flto"),
    ],
)
def test_other_link_flags_are_refused(flag: str) -> None:
    with pytest.raises(FlagRefused, match="linker flag"):
        link_flags([flag])


def test_stripping_is_dropped() -> None:
    assert link_flags(["-s", " -lm "]) == ["-lm"]


@pytest.mark.skipif(shutil.which("g++") is None, reason="GCC's own list of options is what is asked")
def test_no_option_of_this_compiler_that_takes_a_file_slips_through() -> None:
    """GCC says itself which options take a file, a folder, a command or free text: none may be allowed with a value."""
    if "g++" not in find_compiler():
        pytest.skip("the compiler is not GCC")
    text = ""
    for kind in ("common", "c++", "optimizers", "warnings", "target"):
        text += subprocess.run(["g++", f"--help={kind}"], capture_output=True, text=True, check=True).stdout
    takes = set(
        re.findall(
            r"^\s+(-[A-Za-z][\w+-]*=)(?:<?(?:file|path|dir|command|name|string|map|old|new|lib)\S*)", text, re.M | re.I
        )
    )
    assert len(takes) > 10, "the list was not understood"
    let_through = []
    for option in sorted(takes):
        for value in ("evil", "evil.so", "/etc/passwd"):
            try:
                compile_flags([option + value])
            except FlagRefused:
                continue
            let_through.append(option + value)
    assert let_through == []


def test_a_vendors_library_is_refused_by_name() -> None:
    with pytest.raises(FlagRefused, match="uses cublas, which the emulation does not have"):
        link_flags(["-lcublas"])
