"""The knowledge base: what a tree has to look like, what a query finds, and what is held back while a task is evaluated."""

from pathlib import Path

import pytest

from harness.errors import AgentError
from harness.search.bm25 import Bm25, words
from harness.search.knowledge import SUMMARY_CHARS, TEXT_CHARS, KnowledgeBase
from harness.suite import content_root, problem_ids

AGENTS = content_root() / "agents"
DIGEST = "0123456789abcdef" * 4


@pytest.fixture(scope="module")
def knowledge() -> KnowledgeBase:
    return KnowledgeBase.load(AGENTS)


def entry(name: str = "tiles", title: str = "Tiles", extra: str = "") -> str:
    return f'[[document]]\nid = "{name}"\ntitle = "{title}"\nsummary = "On tiles."\ntags = ["tile"]\n{extra}\n'


def write(root: Path, index: str, folder: str = "guidance", **texts: str) -> Path:
    """Write one folder of a knowledge base; return the `agents` folder."""
    place = root / "knowledge" / folder
    place.mkdir(parents=True, exist_ok=True)
    (place / "index.toml").write_text(f'about = "A folder."\n{index}')
    for name, text in texts.items():
        (place / f"{name}.md").write_text(text)
    return root


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("softmax row overflow", "online-softmax"),
        ("bank conflict transpose", "shared-memory-banks"),
        ("layer norm variance cancellation", "normalisation-statistics"),
        ("last tile wrong, remainder", "debug-mismatch"),
        ("cumsum loses precision", "prefix-sums"),
        ("argmax ties int64", "argmax-ties"),
        ("undefined symbol on load", "compiler-errors"),
        ("H100 shared memory per block", "nvidia-h100"),
        ("gelu erf approximation", "erf-gelu"),
        ("threads contend for a cache line", "false-sharing"),
        ("depthwise convolution 3x3", "convolution-depthwise"),
        ("max pooling ceil_mode padding", "pooling"),
        ("hinge or triplet loss to a scalar", "scalar-losses"),
        ("FMA latency, accumulators", "register-blocking"),
        ("matmul tile sizes", "tiling-matmul"),
        ("long K, few output tiles", "split-k"),
        ("prefetch a gathered embedding row", "software-prefetch"),
        ("non-contiguous input strides", "memory-and-layout"),
        ("NaN propagation of max", "special-values"),
        ("flash attention, causal mask", "attention-tiling"),
        ("register spills and occupancy", "occupancy"),
        ("kernel launch overhead, tiny tensors", "small-problems"),
    ],
)
def test_a_query_finds_its_document_first(knowledge: KnowledgeBase, query: str, expected: str):
    assert knowledge.search(query, 1)[0].id == expected


def test_search_keeps_to_the_language_and_the_device(knowledge: KnowledgeBase):
    asked = "shared memory bank conflicts, registers, warps and cache lines"
    for device, family in (("cpu", "cuda"), ("cuda", "cpu")):
        language = "cpp" if device == "cpu" else "cuda"
        found = knowledge.search(asked, 100, language, device=device)
        assert found
        for document in found:
            assert not document.languages or language in document.languages
            assert not document.devices or any(own.split("/")[0] == device for own in document.devices)
        assert [hit for hit in knowledge.search(asked, 100) if {own.split("/")[0] for own in hit.devices} == {family}]


def test_a_member_of_a_family_finds_the_familys_documents_but_not_its_siblings(knowledge: KnowledgeBase):
    names = {
        hit.id for hit in knowledge.search("compute capability: shared memory per SM, peak", 100, device="cuda/sm_90")
    }
    assert {"nvidia-h100", "occupancy"} <= names
    assert not names & {"nvidia-a100", "nvidia-b200", "nvidia-l40s", "amd-mi300x", "x86-avx2"}


def test_search_excludes_and_limits(knowledge: KnowledgeBase):
    asked = "softmax row overflow"
    best = knowledge.search(asked, 3)
    assert len(best) == 3
    assert knowledge.search(asked, 2, exclude=[best[0].id]) == best[1:]
    assert knowledge.search(asked, 0) == []
    assert knowledge.search("", 5) == knowledge.search("zzzyx", 5) == []


def test_equal_scores_go_by_name():
    ranking = Bm25({name: [(1, "tile the loop")] for name in ("b", "c", "a")})
    assert [name for name, _ in ranking.rank("tiles")] == ["a", "b", "c"]


def test_a_rare_word_outweighs_a_common_one_and_more_of_it_counts():
    ranking = Bm25({"a": [(1, "tile swizzle")], "b": [(1, "tile tile")], "c": [(1, "tile loop")]})
    assert next(iter(ranking.rank("tile swizzle")))[0] == "a"
    assert next(iter(ranking.rank("tile")))[0] == "b"


def test_a_long_text_is_held_against_it():
    ranking = Bm25({"long": [(1, "swizzle " + "filler " * 50)], "short": [(1, "swizzle and more")]})
    assert [name for name, _ in ranking.rank("swizzle")] == ["short", "long"]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("tile tiles tiled tiling", ["til"] * 4),
        ("vectorise vectorization Vectorised", ["vectoris"] * 3),
        ("reduce reduction", ["reduc"] * 2),
        ("the split-K of it", ["split", "k", "splitk"]),
        ("sm_90 float4", ["sm", "90", "sm90", "float4"]),
    ],
)
def test_words(text: str, expected: list[str]):
    assert words(text) == expected


def test_the_index_names_every_document_and_is_always_the_same(knowledge: KnowledgeBase):
    text = knowledge.index()
    assert text == KnowledgeBase.load(AGENTS).index()
    lines = text.splitlines()
    for document in knowledge:
        assert f"* {document.id}: {document.title} - {document.summary}" in lines
    assert len([line for line in lines if line.startswith("* ")]) == len(knowledge)
    assert len(text) < 4 * 3_000  # about 3,000 tokens, to be paid with every prompt that holds it


def test_the_index_can_be_narrowed(knowledge: KnowledgeBase):
    text = knowledge.index("cpp", "cpu")
    assert "* fast-exp:" in text
    assert "* determinism:" in text
    for other in ("nvidia-h100", "triton-idioms", "warp-shuffles", "shared-memory-banks"):
        assert f"* {other}:" not in text


def test_get(knowledge: KnowledgeBase):
    assert knowledge.get("online-softmax").text.startswith("# Online softmax\n")
    with pytest.raises(
        AgentError, match="no document 'onlin-softmax' in the knowledge base - did you mean 'online-softmax'"
    ):
        knowledge.get("onlin-softmax")


def test_what_was_learnt_from_a_task_is_held_back_while_it_is_evaluated(tmp_path: Path):
    index = (
        entry("from-task", "From a task", 'derived_from = ["level1/23"]')
        + entry("from-reference", "From a reference", f'reference_sha256 = ["{DIGEST}"]')
        + entry("general", "General")
    )
    texts = {"from-task": "# From a task\n", "from-reference": "# From a reference\n", "general": "# General\n"}
    whole = KnowledgeBase.load(write(tmp_path, index, **texts))
    assert {hit.id for hit in whole.search("tile", 9)} == set(texts)

    evaluated = whole.for_task("level1/23", [DIGEST])
    assert [hit.id for hit in evaluated.search("tile", 9)] == ["general"]
    assert evaluated.index().count("* ") == 1
    with pytest.raises(AgentError, match="no document 'from-task'"):
        evaluated.get("from-task")

    assert {each.id for each in whole.for_task("level1/23")} == {"from-reference", "general"}
    assert {each.id for each in whole.for_task("level1/24", [DIGEST])} == {"from-task", "general"}
    assert {each.id for each in whole.for_task("level1/2", [DIGEST[::-1]])} == set(texts)
    assert whole.for_task("level1/23", [DIGEST], warm_start=True) is whole


def test_cases_are_held_back_from_the_tasks_they_report_on(knowledge: KnowledgeBase):
    cases = [document for document in knowledge if document.folder == "cases"]
    assert cases
    for case in cases:
        assert case.derived_from, f"{case.id} reports on a task and has to name it"
        for task in case.derived_from:
            assert task in problem_ids()
            assert case.id in {each.id for each in knowledge}
            assert case.id not in {each.id for each in knowledge.for_task(task)}


def test_the_digest_covers_texts_and_indexes(tmp_path: Path):
    digests = {
        KnowledgeBase.load(write(tmp_path / str(number), index, tiles=text)).digest
        for number, (index, text) in enumerate(
            [
                (entry(), "# Tiles\n"),
                (entry(), "# Tiles\nmore\n"),
                (entry(extra='languages = ["cpp"]'), "# Tiles\n"),
            ]
        )
    }
    assert len(digests) == 3
    assert KnowledgeBase.load(tmp_path / "0").digest in digests


@pytest.mark.parametrize(
    ("index", "texts", "message"),
    [
        (entry(), {}, r"index.toml: document 1 \('tiles'\): there is no tiles.md beside it"),
        (entry(), {"tile": "# Tiles\n"}, "there is no tiles.md beside it - did you mean 'tile'"),
        (
            entry(),
            {"tiles": "# Tiles\n", "more": "# M\n"},
            r"more.md: not listed; add a \[\[document\]\] with id 'more' to",
        ),
        (entry() + entry(), {"tiles": "# Tiles\n"}, "id 'tiles' is also in"),
        (entry(extra='langauges = ["cpp"]'), {}, "'tiles'.*unknown key 'langauges' - did you mean 'languages'"),
        (entry(extra='languages = ["cup"]'), {}, "unknown language 'cup' - did you mean 'cpp'"),
        (entry(extra='devices = ["cdua/sm_90"]'), {}, "unknown device 'cdua/sm_90' - did you mean 'cuda'"),
        (entry(extra='derived_from = "level1/23"'), {}, r"document 1 \('tiles'\): derived_from: "),
        (entry(extra='reference_sha256 = ["abc"]'), {}, "reference_sha256.0: "),
        (entry(name="Bad name"), {}, "id: "),
        (entry().replace("On tiles.", "x" * (SUMMARY_CHARS + 1)), {}, f"summary: .*{SUMMARY_CHARS}"),
        (entry().replace('tags = ["tile"]', "tags = []"), {}, "tags: "),
        (entry().replace('tags = ["tile"]', ""), {}, "tags: Field required"),
        ("", {}, "document: Field required"),
        ("[[documents]]\n", {}, "unknown key 'documents' - did you mean 'document'"),
        ("[[document]\n", {}, "index.toml: not TOML: .*line 2"),
        (entry(), {"tiles": "# Tile\n"}, "tiles.md: its first line has to be '# Tiles', as index.toml says"),
        (entry(), {"tiles": "# Tiles\n" + "x" * TEXT_CHARS}, f"are more than {TEXT_CHARS}; split it"),
    ],
)
def test_a_bad_tree_is_refused(tmp_path: Path, index: str, texts: dict[str, str], message: str):
    with pytest.raises(AgentError, match=message) as caught:
        KnowledgeBase.load(write(tmp_path, index, **texts))
    assert str(tmp_path / "knowledge" / "guidance") in str(caught.value)
    assert "\n" not in str(caught.value)


def test_an_id_is_unique_in_the_whole_tree(tmp_path: Path):
    write(tmp_path, entry(), "guidance", tiles="# Tiles\n")
    write(tmp_path, entry(), "hardware/gpu", tiles="# Tiles\n")
    with pytest.raises(
        AgentError, match=r"hardware/gpu/index.toml: id 'tiles' is also in .*guidance/index.toml; rename one"
    ):
        KnowledgeBase.load(tmp_path)


def test_a_folder_without_an_index_is_refused(tmp_path: Path):
    write(tmp_path, entry(), tiles="# Tiles\n")
    (tmp_path / "knowledge" / "loose").mkdir()
    (tmp_path / "knowledge" / "loose" / "one.md").write_text("# One\n")
    with pytest.raises(AgentError, match=r"loose/one.md: not listed"):
        KnowledgeBase.load(tmp_path)


def test_text_that_is_not_utf8_and_a_missing_tree(tmp_path: Path):
    with pytest.raises(AgentError, match="there is no knowledge base"):
        KnowledgeBase.load(tmp_path)
    write(tmp_path, entry())
    (tmp_path / "knowledge" / "guidance" / "tiles.md").write_bytes(b"# Tiles\n\xff\n")
    with pytest.raises(AgentError, match=r"tiles.md: not UTF-8 at byte 8"):
        KnowledgeBase.load(tmp_path)


def test_folders_nest_and_a_readme_is_for_people(tmp_path: Path):
    write(tmp_path, entry(), "hardware/gpu", tiles="# Tiles\n")
    (tmp_path / "knowledge" / "README.md").write_text("# For people\n")
    assert [document.folder for document in KnowledgeBase.load(tmp_path)] == ["hardware/gpu"]
