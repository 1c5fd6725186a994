"""The documents themselves: their length, that their code compiles, and that the errors that they state hold."""

import ast
import ctypes
import platform
import re
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from harness.search.knowledge import SUMMARY_CHARS, Document, KnowledgeBase
from harness.suite import content_root

KNOWLEDGE = KnowledgeBase.load(content_root() / "agents")
DOCUMENTS = list(KNOWLEDGE)
FENCES = {"cpp", "cuda", "python", "text", "toml"}
X86 = platform.machine() in {"x86_64", "AMD64"}


def fences(document: Document) -> Iterator[tuple[str, str]]:
    """Yield the language and the code of every fenced block."""
    yield from re.findall(r"^```(\w*)\n(.*?)^```$", document.text, re.DOTALL | re.MULTILINE)


def having(language: str) -> list[Document]:
    return [document for document in DOCUMENTS if language in dict(fences(document))]


def code(document: Document, language: str) -> list[str]:
    return [text for kind, text in fences(document) if kind == language]


def by_id(document: Document) -> str:
    return document.id


def run(*command: str) -> None:
    done = subprocess.run(command, capture_output=True, text=True, timeout=300, check=False)
    assert done.returncode == 0, done.stderr[-3000:]


def test_there_are_enough_and_of_every_kind():
    assert len(DOCUMENTS) >= 40
    folders = {document.folder for document in DOCUMENTS}
    assert folders == {"constraints", "guidance", "hardware", "languages", "cases"}
    assert {name for document in DOCUMENTS for name in document.languages} >= {"cpp", "cuda", "triton"}


@pytest.mark.parametrize("document", DOCUMENTS, ids=by_id)
def test_form(document: Document):
    lines = document.text.splitlines()
    assert 25 <= len(lines) <= 60
    assert len(document.summary) <= SUMMARY_CHARS
    assert not [line for line in lines if len(line) > 125 and not line.startswith("|")]
    assert document.text.count("```") % 2 == 0
    assert {kind for kind, _ in fences(document)} <= FENCES
    assert document.text.isascii(), "plain characters cost fewer tokens, and every terminal shows them"


@pytest.mark.parametrize("document", DOCUMENTS, ids=by_id)
def test_names_of_other_documents_exist(document: Document):
    """`see `x`` and (`x`) point to documents."""
    for name in re.findall(r"see `([a-z0-9-]+)`", document.text):
        assert KNOWLEDGE.get(name)


@pytest.mark.parametrize("document", DOCUMENTS, ids=by_id)
def test_nothing_tells_how_the_judge_looks(document: Document):
    """What is shown to a model names no unseen sizes, no kinds of probing inputs, no factor of the tolerance."""
    for secret in ("UNSEEN", "outlier", "heavy-tailed", "small integers must", "16 times what", "poison", "probe"):
        assert secret not in document.text


@pytest.mark.parametrize("document", having("cpp"), ids=by_id)
def test_cpp_compiles(document: Document, tmp_path: Path):
    """With -Wall, as C++20, each block by itself."""
    texts = code(document, "cpp")
    if not X86 and any("immintrin" in text for text in texts):
        pytest.skip("x86 intrinsics")
    machine = ["-mavx2", "-mfma", "-mavx512f", "-mavx512bw", "-mavx512vl"] if X86 else []
    sources = [tmp_path / f"{number}.cpp" for number in range(len(texts))]
    for path, text in zip(sources, texts, strict=True):
        path.write_text(text)
    compiler = shutil.which("g++") or "c++"
    flags = ["-fsyntax-only", "-std=c++20", "-fopenmp", "-Wall", "-Wextra", "-Werror", "-Wno-ignored-attributes"]
    run(compiler, *flags, *machine, *map(str, sources))


@pytest.mark.parametrize("document", having("python"), ids=by_id)
def test_python_parses(document: Document):
    for text in code(document, "python"):
        ast.parse(text)


@pytest.mark.slow
@pytest.mark.skipif(shutil.which("nvcc") is None, reason="there is no nvcc")
@pytest.mark.parametrize("document", having("cuda"), ids=by_id)
def test_cuda_compiles(document: Document, tmp_path: Path):
    for number, text in enumerate(code(document, "cuda")):
        source = tmp_path / f"{number}.cu"
        source.write_text(text)
        run("nvcc", "-std=c++17", "-arch=sm_80", "-cubin", "-o", str(source.with_suffix(".cubin")), str(source))


@pytest.fixture(scope="module")
def maths(tmp_path_factory: pytest.TempPathFactory) -> ctypes.CDLL:
    """Compile the approximations of three documents as they stand there, in loops that vectorise."""
    folder = tmp_path_factory.mktemp("maths")
    (exp,) = code(KNOWLEDGE.get("fast-exp"), "cpp")
    (tanh,) = code(KNOWLEDGE.get("fast-tanh-sigmoid"), "text")
    (gelu,) = code(KNOWLEDGE.get("erf-gelu"), "text")
    loops = "".join(
        f'extern "C" void all_{name}(const float* x, float* y, int64_t n) {{\n#pragma omp simd\n'
        f"    for (int64_t i = 0; i < n; ++i) y[i] = {name}(x[i]);\n}}\n"
        for name in ("fast_exp", "fast_tanh", "fast_sigmoid", "gelu")
    )
    (folder / "maths.cpp").write_text("\n".join([exp, tanh, gelu, loops]))
    built = folder / "maths.so"
    run(
        "g++",
        "-O3",
        "-march=native",
        "-fopenmp",
        "-std=c++20",
        "-shared",
        "-fPIC",
        "-o",
        str(built),
        str(folder / "maths.cpp"),
    )
    return ctypes.CDLL(str(built))


def evaluate(maths: ctypes.CDLL, name: str, x: np.ndarray) -> np.ndarray:
    y = np.empty_like(x)
    getattr(maths, f"all_{name}")(
        x.ctypes.data_as(ctypes.c_void_p), y.ctypes.data_as(ctypes.c_void_p), ctypes.c_int64(x.size)
    )
    return y.astype(np.float64)


def true_gelu(x: np.ndarray) -> np.ndarray:
    import torch

    wide = torch.from_numpy(x)
    return (0.5 * wide * torch.special.erfc(-wide / 2**0.5)).numpy()


@pytest.mark.parametrize(
    ("name", "truth", "low", "high", "relative", "absolute"),
    [  # bounds as the documents state them
        ("fast_exp", np.exp, -87.3, 88.7, 8.4e-8, np.inf),
        ("fast_tanh", np.tanh, -20.0, 20.0, 1.5e-7, 9e-8),
        ("fast_sigmoid", lambda x: 1 / (1 + np.exp(-x)), -80.0, 80.0, 1.5e-7, 9e-8),
        ("gelu", true_gelu, -5.0, 20.0, 1.9e-6, np.inf),
        ("gelu", true_gelu, -5.0, 5.0, 1.9e-6, 2.4e-7),
    ],
)
def test_stated_errors_hold(maths, name, truth, low, high, relative, absolute):
    """On a million values spread evenly and a million spread over the magnitudes."""
    generator = np.random.default_rng(0)
    even = generator.uniform(low, high, 1 << 20)
    spread = np.exp(generator.uniform(np.log(1e-30), np.log(min(-low, high)), 1 << 20)) * generator.choice(
        [-1, 1], 1 << 20
    )
    x = np.concatenate([even, spread]).astype(np.float32)
    expected = truth(x.astype(np.float64))
    error = np.abs(evaluate(maths, name, x) - expected)
    assert (error / np.abs(expected)).max() <= relative
    assert error.max() <= absolute


@pytest.mark.skipif(not X86 or shutil.which("g++") is None, reason="GCC on x86")
@pytest.mark.parametrize(
    "machine", [["-mavx2", "-mfma", "-fno-trapping-math"], ["-mavx512f", "-mavx512dq", "-mavx512vl"]]
)
def test_the_exponential_vectorises(machine: list[str], tmp_path: Path):
    """As `fast-exp` says, and under the flags that it says."""
    source = tmp_path / "exp.cpp"
    source.write_text(code(KNOWLEDGE.get("fast-exp"), "cpp")[0])
    flags = ["-O3", "-fopenmp", "-std=c++20", "-fopt-info-vec-optimized", "-c", "-o", str(tmp_path / "exp.o")]
    done = subprocess.run(
        ["g++", *machine, *flags, str(source)], capture_output=True, text=True, timeout=100, check=False
    )
    assert "loop vectorized" in done.stderr


def test_the_exponential_at_its_ends(maths: ctypes.CDLL):
    x = np.array([-np.inf, -1e9, -104, -100, 88.8, 1e9, np.inf, np.nan], np.float32)
    with np.errstate(over="ignore", under="ignore"):
        np.testing.assert_allclose(evaluate(maths, "fast_exp", x), np.exp(x).astype(np.float64), rtol=1e-6)


def test_stated_errors_of_sums_hold():
    """The figures of `summation` and `tolerance-from-float64`, for 2**20 uniform values."""
    x = np.random.default_rng(0).random(1 << 20, dtype=np.float32)
    truth = x.sum(dtype=np.float64)
    chain = np.cumsum(x, dtype=np.float32)[-1]
    lanes = np.cumsum(x.reshape(-1, 16), axis=0, dtype=np.float32)[-1].sum(dtype=np.float64)
    blocks = np.cumsum(x.reshape(-1, 256), axis=1, dtype=np.float32)[:, -1].sum(dtype=np.float64)
    errors = [abs(value - truth) / truth for value in (chain, lanes, blocks)]
    assert errors[0] == pytest.approx(9e-6, rel=0.5)
    assert errors[1] == pytest.approx(3e-7, rel=0.5)
    assert errors[2] < 2e-8
    assert "9e-6" in KNOWLEDGE.get("summation").text
    assert "9e-6" in KNOWLEDGE.get("tolerance-from-float64").text
