"""The tokeniser on text that is hard to cut: literals, continuations, comments, preprocessor lines, and nonsense."""

import contextlib
import random
import time
from pathlib import Path

import pytest

from harness.build.cuda.tokens import MAX_CHARACTERS, Kind, TranslationError, tokenise
from harness.build.cuda.translate import Translator

SOURCES = [path.read_text() for path in sorted((Path(__file__).parent / "sources").glob("*.cu"))]


def texts(source: str) -> list[str]:
    return [token.text for token in tokenise(source).tokens]


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("a/* <<< */b // >>> \\\n still a comment\nc", ["a", "b", "c"]),
        (r'"a\"<<<" "\\" u8"x" L"y"', [r'"a\"<<<"', r'"\\"', 'u8"x"', 'L"y"']),
        ('R"(a " )x" ) " )" b', ['R"(a " )x" ) " )"', "b"]),
        ('R"--(one )" two)--" u8R"(")"', ['R"--(one )" two)--"', 'u8R"(")"']),
        ("'\\'' '\"' u'x' L'<'", ["'\\''", "'\"'", "u'x'", "L'<'"]),
        (
            "1'000'000 0x1.8p+3 1e-5f .5 1.f 0b101u 3ull",
            ["1'000'000", "0x1.8p+3", "1e-5f", ".5", "1.f", "0b101u", "3ull"],
        ),
        ("k<<<g,b>>>(x)", ["k", "<<<", "g", ",", "b", ">", ">", ">", "(", "x", ")"]),
        (
            "A<B<C<int>>> x >>= y->z ... ::w",
            [*"A<B<C<", "int", ">", ">", ">", "x", ">", ">=", "y", "->", "z", "...", "::", "w"],
        ),
        ("a \\\n b \\\r\n c", ["a", "b", "c"]),
        ("größe $x _1", ["größe", "$x", "_1"]),
        ("R x uR u8 LR", ["R", "x", "uR", "u8", "LR"]),
        ('"not closed\nx', ['"not closed', "x"]),
        ("'t is\nx", ["'t is", "x"]),
        ("\\ @ ` \0", ["\\", "@", "`", "\0"]),
        ("", []),
    ],
)
def test_text_is_cut_into_tokens(source: str, expected: list[str]) -> None:
    source_tokens = tokenise(source).tokens
    assert [token.text for token in source_tokens] == expected
    assert all(source[token.start : token.end] == token.text for token in source_tokens)


def test_kinds() -> None:
    kinds = [token.kind for token in tokenise('a 1 "s" \'c\' + R"(r)"').tokens]
    assert kinds == [Kind.WORD, Kind.NUMBER, Kind.STRING, Kind.CHARACTER, Kind.PUNCTUATION, Kind.STRING]


def test_preprocessor_lines_are_apart() -> None:
    source = tokenise(
        "#include <a'b> // c\n  # /* x */ pragma unroll 4\nint x; #not one\n"
        "/* \n */ #if A && \\\n B /* note */\n#\n#error don't\ny"
    )
    assert [(d.name, d.rest) for d in source.directives] == [
        ("include", "<a'b> // c"),
        ("pragma", "unroll 4"),
        ("if", "A && B"),
        ("", ""),
        ("error", "don't"),
    ]
    assert [token.text for token in source.tokens] == ["int", "x", ";", "#", "not", "one", "y"]


@pytest.mark.parametrize(
    ("define", "name", "parameters", "body"),
    [
        ("#define N 16", "N", set(), ["16"]),
        (
            "#define F(a, b) a<<<b, \\\n 1>>>(2)",
            "F",
            {"a", "b"},
            ["a", "<<<", "b", ",", "1", ">", ">", ">", "(", "2", ")"],
        ),
        ("#define V(a, ...) a(__VA_ARGS__)", "V", {"a", "__VA_ARGS__"}, ["a", "(", "__VA_ARGS__", ")"]),
        ("#define P (x)", "P", set(), ["(", "x", ")"]),
        ("#define S(x) #x ## y", "S", {"x"}, ["#", "x", "##", "y"]),
        ("#define BROKEN(a", "BROKEN", {"a"}, []),
        ("#define EMPTY", "EMPTY", set(), []),
    ],
)
def test_macros(define: str, name: str, parameters: set[str], body: list[str]) -> None:
    (macro,) = tokenise(f"{define}\nint x;").macros
    assert (macro.name, macro.parameters, [token.text for token in macro.body]) == (name, parameters, body)


@pytest.mark.parametrize(
    ("source", "message", "line"),
    [
        ("a\nb /* c\n", "a comment is not closed", 2),
        ('a\n\nR"x( )" )y"', "a raw string is not closed", 3),
        ("#define A /* x\ny", "a comment is not closed", 1),
        ("x" * (MAX_CHARACTERS + 1), "longer than", 1),
    ],
)
def test_what_cannot_be_cut_is_told_with_its_line(source: str, message: str, line: int) -> None:
    with pytest.raises(TranslationError, match=message) as caught:
        tokenise(source)
    assert caught.value.line == line


def test_lines() -> None:
    source = tokenise("a\nb\n\n  c")
    assert [source.line(token.start) for token in source.tokens] == [1, 2, 4]


PIECES = [
    *("<<<", ">>>", "(", ")", "{", "}", "[", "]", "<", ">", ",", ";", ":", "::", "...", "=", "&", ".", "->", "##", "%"),
    *('"', "'", 'R"x(', "/*", "*/", "//", "\\\n", "\n", "\r", "\0", "é", "\u2028", "\ud800", "0", "08", "1e+", '"=r"'),
    *("#define", "#if", "#elif", "#endif", "defined", "__VA_ARGS__", "template", "typename", "struct", "operator"),
    *(
        "__shared__",
        "extern",
        "static",
        "alignas",
        "asm",
        'asm("',
        "volatile",
        "__global__",
        "k",
        "is_cuda",
        "kCPU",
        "[=]",
    ),
]


def _nonsense(rng: random.Random) -> str:
    """A text that nobody writes: pieces in any order, a source that breaks off or lost parts, or any characters."""
    kind = rng.randrange(4)
    if kind == 0:
        return "".join(rng.choice(PIECES) + rng.choice(["", " "]) for _ in range(rng.randrange(150)))
    source = rng.choice(SOURCES)
    if kind == 1:
        return source[: rng.randrange(len(source))]
    if kind == 2:
        return "".join(chr(rng.randrange(256)) for _ in range(rng.randrange(300)))
    characters = list(source[:4000])
    for _ in range(rng.randrange(1, 12)):
        place = rng.randrange(len(characters))
        characters[place : place + rng.randrange(5)] = list(rng.choice(PIECES))
    return "".join(characters)


@pytest.mark.parametrize("seed", range(8))
def test_nonsense_ends_in_a_translation_or_in_one_error(seed: int) -> None:
    rng = random.Random(seed)
    lines = {"translated": 0, "refused": 0}
    for _ in range(40):
        text = _nonsense(rng)
        for translate in (Translator().device, Translator().host):
            try:
                kept, line = translate(text).count("\n") == text.count("\n"), 1
                lines["translated"] += 1
            except TranslationError as error:
                kept, line = True, error.line
                lines["refused"] += 1
            assert kept, "lines stay where they were"
            assert 1 <= line <= text.count("\n") + 1
    assert all(lines.values()), "both happen"


REPEATED = [
    *PIECES,
    *(
        "k<",
        "k<<<1,2>>>(",
        "k<<<1>>>(a);",
        "k<<<1,2>>>(a,b<c,",
        ">k<<<",
        "a<b,",
        "x(*",
        "/*/",
        "a::",
        "kCPU::",
        "a.b->",
        '\\"',
    ),
    *(
        "__shared__ int a;",
        "__shared__ float s[",
        "__shared__ a<",
        "extern __shared__ int a[];",
        "[=](){}",
        "namespace a{",
    ),
    *("__device__ ", "__global__ void k(){", 'asm("mov;":"=r"(x));', "#if 1\n", "#if (\n", "#define A\n"),
    *("#define A k<<<1,2>>>(x)\n",),
]


@pytest.mark.parametrize("piece", REPEATED)
def test_time_grows_with_the_text_and_not_with_its_square(piece: str) -> None:
    """Eight times the text takes about eight times as long; with a quadratic step it would be 64."""

    def processor_s(text: str) -> float:
        least = float("inf")
        for _ in range(2):
            started = time.process_time()
            for translate in (Translator().device, Translator().host):
                with contextlib.suppress(TranslationError):
                    translate(text)
            least = min(least, time.process_time() - started)
        return least

    short = piece * (2000 // len(piece) + 1)
    base = max(processor_s(short), 0.002)  # below that the clock says nothing
    assert processor_s(short * 8) < 30 * base
