"""Build results by content: complete or absent, whatever happens meanwhile."""

import contextlib
import dataclasses
import json
import os
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from harness.build import BuildCache, BuildResult, Diagnostic
from harness.errors import StoreError
from harness.sandbox import kernel

KEY = "ab" + "0" * 62
BUILT = BuildResult(KEY, None, (Diagnostic("warning", "w", "candidate.py", 3, "x"),), elapsed_ns=5)
FAILED = BuildResult(KEY, None, (Diagnostic("error", "e"),), "error", "log")


def test_what_was_put_is_got(tmp_path: Path) -> None:
    cache = BuildCache(tmp_path / "cache")
    assert cache.get(KEY) is None
    put = cache.put(BUILT, b"library")
    assert put.library is not None
    assert Path(put.library).read_bytes() == b"library"
    assert cache.get(KEY) == dataclasses.replace(put, cached=True, elapsed_ns=0)
    assert cache.get("ab" + "1" * 62) is None


def test_a_failure_is_kept_too(tmp_path: Path) -> None:
    cache = BuildCache(tmp_path)
    assert cache.put(FAILED, None).library is None
    assert cache.get(KEY) == dataclasses.replace(FAILED, cached=True)


def test_the_sandbox_can_read_an_entry(tmp_path: Path) -> None:
    put = BuildCache(tmp_path).put(BUILT, b"library")
    assert put.library is not None
    assert Path(put.library).parent.stat().st_mode & 0o777 == 0o755


@pytest.mark.parametrize(
    "damage",
    [
        lambda entry: (entry / "module.so").unlink(),
        lambda entry: (entry / "result.json").unlink(),
        lambda entry: (entry / "result.json").write_text(""),
        lambda entry: (entry / "result.json").write_text((entry / "result.json").read_text()[:-9]),
        lambda entry: (entry / "result.json").write_text("[]"),
        lambda entry: (entry / "result.json").write_text('{"diagnostics": 3}'),
        lambda entry: (entry / "result.json").write_text('{"diagnostics": [], "from": "another version"}'),
        lambda entry: (entry / "result.json").write_bytes(b"\xff"),
    ],
    ids=["no library", "no result", "empty", "torn", "list", "other types", "other version", "not text"],
)
def test_a_torn_entry_is_absent_and_can_be_replaced(tmp_path: Path, damage: object) -> None:
    cache = BuildCache(tmp_path)
    put = cache.put(BUILT, b"library")
    assert put.library is not None
    damage(Path(put.library).parent)  # type: ignore[operator]
    assert cache.get(KEY) is None
    cache.put(BUILT, b"another")
    found = cache.get(KEY)
    assert found is not None
    assert found.library is not None
    assert Path(found.library).read_bytes() == b"another"


def test_an_entry_in_use_is_not_taken_away(tmp_path: Path) -> None:
    """A second judge that built the same must not delete the library that a worker is about to load."""
    cache = BuildCache(tmp_path)
    first = cache.put(BUILT, b"library")
    assert first.library is not None
    inode = os.stat(first.library).st_ino
    assert cache.put(BUILT, b"library").library == first.library
    assert os.stat(first.library).st_ino == inode


def test_many_that_put_the_same_agree(tmp_path: Path) -> None:
    start = threading.Barrier(8)
    outcomes: list[object] = []

    def put() -> None:
        cache = BuildCache(tmp_path)
        start.wait()
        for _ in range(20):
            try:
                library = cache.put(BUILT, b"library" * 1000).library
                outcomes.append(Path(library or "").read_bytes() == b"library" * 1000)
            except (StoreError, OSError) as error:
                outcomes.append(error)

    threads = [threading.Thread(target=put) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert outcomes == [True] * 160
    assert [p.name for p in (tmp_path / "objects" / "ab").iterdir()] == [KEY], "no scratch folder is left"


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A file system of 64 KiB."""
    if os.geteuid() != 0:
        pytest.skip("only root can mount a small file system")
    disk = tmp_path / "disk"
    disk.mkdir()
    try:
        kernel.mount("tmpfs", str(disk), "tmpfs", 0, "size=64k")
    except OSError as error:
        pytest.skip(f"no mounts here: {error}")
    try:
        yield disk
    finally:
        assert os.system(f"umount {disk}") == 0


def test_a_full_disk_is_one_line_and_leaves_nothing(small_disk: Path) -> None:
    cache = BuildCache(small_disk)
    with pytest.raises(StoreError, match="the disk is full") as full:
        cache.put(BUILT, bytes(1 << 20))
    assert "HARNESS_CACHE_DIR" in str(full.value)
    assert "\n" not in str(full.value)
    assert cache.get(KEY) is None
    assert [p for p in small_disk.rglob("*") if p.is_file() and p.suffix != ".lock"] == []
    assert cache.put(BUILT, bytes(1 << 10)).library is not None, "a smaller one fits again"


def test_a_folder_that_cannot_be_written_says_what_to_do(tmp_path: Path) -> None:
    (tmp_path / "objects").write_text("a file in the way")
    with pytest.raises(StoreError, match="cannot write"):
        BuildCache(tmp_path).put(BUILT, b"library")


def test_a_lock_is_held_by_one(tmp_path: Path) -> None:
    inside, most = 0, 0
    counter = threading.Lock()

    def work() -> None:
        nonlocal inside, most
        for _ in range(20):
            with BuildCache(tmp_path).lock("x"):
                with counter:
                    inside += 1
                    most = max(most, inside)
                os.sched_yield()
                with counter:
                    inside -= 1

    threads = [threading.Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert most == 1


def test_a_lock_is_given_back_when_its_holder_fails(tmp_path: Path) -> None:
    cache = BuildCache(tmp_path)
    with contextlib.suppress(KeyError), cache.lock("x"):
        raise KeyError
    with cache.lock("x"):
        assert json.loads("1") == 1
