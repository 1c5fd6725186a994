"""Kernels of Triton candidates, captured and compiled for real chips in the sandbox, by the real compilers."""

from collections.abc import Iterator
from pathlib import Path

import pytest
import torch

from harness.build import BuildCache
from harness.build.nvcc import Workbench
from harness.build.triton_aot import CAPTURE_MODULE, _read_answers, static_facts
from harness.sandbox import ForkServer

KERNELS = Path(__file__).parent.parent / "worker" / "triton_kernels"
HEAD = "import torch\nimport torch.nn as nn\nimport triton\nimport triton.language as tl\n\n"


@pytest.fixture(scope="module")
def bench(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Workbench]:
    """A workbench with a cache of its own."""
    folder = tmp_path_factory.mktemp("triton")
    for parent in (folder, *folder.parents[:2]):
        parent.chmod(0o755)
    scratch = folder / "scratch"
    scratch.mkdir()
    server = ForkServer([CAPTURE_MODULE])
    yield Workbench(server, scratch, 120.0, BuildCache(folder / "cache"))
    server.close()
    assert list(scratch.iterdir()) == [], "a capture leaves nothing behind"


def candidate(kernel: str, call: str, body: str = "") -> str:
    model = "class ModelNew(nn.Module):\n    def forward(self, x):\n        y = torch.empty_like(x)\n"
    return f"{HEAD}{body}@triton.jit\n{kernel}\n\n{model}        {call}\n        return y\n"


SCALE = """def scale(x, y, n, BLOCK: tl.constexpr):
    i = tl.program_id(0) * BLOCK + tl.arange(0, BLOCK)
    tl.store(y + i, tl.load(x + i, mask=i < n) * 2, mask=i < n)
"""
X = [torch.ones(1000)]


def test_facts_name_kernel_chip_registers_and_constants(bench: Workbench) -> None:
    source = candidate(SCALE, "scale[(triton.cdiv(x.numel(), 256),)](x, y, x.numel(), BLOCK=256, num_warps=8)")
    facts, notes, errors = static_facts(bench, source, "ModelNew", [], X)
    assert (notes, errors) == ([], [])
    assert [fact.arch for fact in facts] == ["sm_80", "sm_90", "sm_100", "gfx942"]
    for fact in facts:
        assert fact.kernel == "scale"
        assert 0 < fact.registers < 64, "a kernel of one load and one store needs few"
        assert fact.constants["BLOCK"] == "256"
        assert fact.constants["num_warps"] == "8"
        assert fact.instructions["global_load"] > 0
        assert fact.threads_per_block == (512 if fact.arch == "gfx942" else 256), "8 waves of 64, or warps of 32"


def test_tensor_cores_and_shared_memory_are_seen(bench: Workbench) -> None:
    source = (KERNELS / "persistent_matmul.py").read_text()
    inputs = [torch.ones(70, 50, dtype=torch.float16), torch.ones(50, 90, dtype=torch.float16)]
    facts, notes, errors = static_facts(bench, source, "ModelNew", [], inputs, ["sm_90", "gfx942"])
    assert (notes, errors) == ([], [])
    assert all(fact.instructions["tensor"] > 0 and fact.shared_bytes > 0 for fact in facts)


def test_tuning_compiles_what_the_interpreter_would_run(bench: Workbench) -> None:
    source = (KERNELS / "split_k.py").read_text()
    facts, _, errors = static_facts(
        bench, source, "ModelNew", [], [torch.ones(30, 150), torch.ones(150, 25)], ["sm_90"]
    )
    assert errors == []
    assert [(f.constants["SPLIT_K"], f.constants["EVEN_K"], f.constants["num_warps"]) for f in facts] == [
        ("4", "False", "2")
    ]


def test_the_second_time_comes_from_the_cache(bench: Workbench) -> None:
    source = candidate(SCALE, "scale[(4,)](x, y, x.numel(), BLOCK=512)")
    first = static_facts(bench, source, "ModelNew", [], X, ["sm_90"])
    nobody = Workbench(None, bench.folder, 1.0, bench.cache)  # type: ignore[arg-type]  # would fail if it were asked
    same = Workbench(nobody.server, bench.folder, bench.timeout_s, bench.cache)
    assert static_facts(same, source, "ModelNew", [], X, ["sm_90"]) == first


def test_what_no_compiler_takes_is_an_error_at_its_line(bench: Workbench) -> None:
    """The interpreter runs it: the module's own global is no constant to the compiler."""
    body = "FACTOR = 3\n"
    source = candidate(SCALE.replace("* 2", "* FACTOR"), "scale[(4,)](x, y, x.numel(), BLOCK=256)", body)
    facts, _, errors = static_facts(bench, source, "ModelNew", [], X, ["sm_80", "sm_90"])
    assert facts == []
    assert len(errors) == 1
    assert errors[0].file == "candidate.py"
    assert errors[0].line == source[: source.index("* FACTOR")].count("\n") + 1
    assert "FACTOR" in errors[0].message
    assert "FACTOR" in errors[0].source_line


BIG = """def big(x, y, M: tl.constexpr, K: tl.constexpr):
    i, k = tl.arange(0, M), tl.arange(0, K)
    a = tl.load(x + i[:, None] * K + k[None, :])
    b = tl.load(x + k[:, None] * M + i[None, :])
    tl.store(y + i[:, None] * M + i[None, :], tl.dot(a, b).to(tl.float16))
"""


def test_too_much_shared_memory_for_every_chip_is_an_error(bench: Workbench) -> None:
    """Both operands, 128 x 512 halves, lie in shared memory: 262,144 bytes, where an H100's block may have 232,448."""
    source = candidate(BIG, "big[(1,)](x, y, M=128, K=512)")
    inputs = [torch.ones(128, 512, dtype=torch.float16)]
    facts, _, errors = static_facts(bench, source, "ModelNew", [], inputs, ["sm_90"])
    assert facts == []
    assert len(errors) == 1
    assert "needs 262144 bytes of shared memory, sm_90 has 232448" in errors[0].message
    assert errors[0].source_line.startswith("def big(")


def test_what_one_chip_refuses_is_a_note(bench: Workbench) -> None:
    source = candidate(
        SCALE.replace("* 2", "* 2.0").replace("tl.store(", "v = 1\n    tl.store("),
        "scale[(4,)](x, y, x.numel(), BLOCK=256)",
    )
    source = source.replace(
        "tl.load(x + i, mask=i < n) * 2.0",
        "tl.inline_asm_elementwise('mov.b32 $0, $1;', '=r,r', [tl.load(x + i, mask=i < n)], tl.float32, True, 1)",
    )
    facts, notes, errors = static_facts(bench, source, "ModelNew", [], X, ["sm_90", "gfx942"])
    assert errors == []
    assert [fact.arch for fact in facts] == ["sm_90"]
    assert len(notes) == 1
    assert "gfx942" in notes[0]


def test_a_candidate_that_fails_gives_a_note_and_what_it_launched_before(bench: Workbench) -> None:
    source = candidate(SCALE, "scale[(4,)](x, y, x.numel(), BLOCK=256)\n        raise ValueError('later')")
    facts, notes, errors = static_facts(bench, source, "ModelNew", [], X, ["sm_90"])
    assert len(facts) == 1
    assert errors == []
    assert len(notes) == 1
    assert "ValueError: later" in notes[0]


def test_a_candidate_that_ends_its_process_gives_a_note(bench: Workbench) -> None:
    source = "import os\nos._exit(3)\n"
    facts, notes, errors = static_facts(bench, source, "ModelNew", [], X, ["sm_90"])
    assert (facts, errors) == ([], [])
    assert any("exited with status 3" in note for note in notes)


@pytest.mark.slow
def test_a_candidate_that_never_ends_gives_a_note(bench: Workbench) -> None:
    impatient = Workbench(bench.server, bench.folder, 1.0, None)
    facts, notes, errors = static_facts(impatient, "while True:\n    pass\n", "ModelNew", [], X, ["sm_90"])
    assert (facts, errors) == ([], [])
    assert any("took longer than" in note for note in notes)


def test_a_forged_answer_is_no_fact(bench: Workbench) -> None:
    source = "import os\nopen('capture.json', 'w').write('{\"launches\": 7}')\nos._exit(0)\n"
    facts, notes, errors = static_facts(bench, source, "ModelNew", [], X, ["sm_90"])
    assert (facts, errors) == ([], [])
    assert notes == ["the kernels' ahead-of-time compilation left nothing that can be read"]


@pytest.mark.parametrize("fault", [True, False])
def test_a_fault_of_the_machine_accuses_nobody_and_is_not_kept(fault: bool) -> None:
    failed = {"launch": 0, "error": "OSError: No space left on device", "fault": fault, "line": 0}
    launch = {"kernel": "k", "constants": {}, "grids": [], "launches": 1, "tuned": False}
    answers = {
        "capture.json": {"launches": [launch], "notes": []},
        "sm_90.json": {"kernels": [failed], "at": 1, "complete": True},
    }
    facts, notes, errors, complete = _read_answers(answers, ["sm_90"], "")
    assert facts == []
    assert (len(notes), len(errors), complete) == ((1, 0, False) if fault else (0, 1, True))
