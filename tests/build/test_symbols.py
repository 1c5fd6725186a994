"""What `addr2line` prints becomes lines of the candidate, and nothing else does."""

from harness.build.symbols import _parse


def test_the_innermost_line_of_the_candidate_is_taken():
    printed = "\n".join(
        [
            "0x0000000000001234",
            "/usr/include/c++/12/bits/stl_vector.h:90",
            "/tmp/build/candidate.py:23 (discriminator 3)",
            "candidate.py:40",
            "0x0000000000002000",
            "??:0",
            "0x0000000000003000",
            "source0.cu:7",
        ]
    )
    assert dict(_parse(printed)) == {0x1234: "candidate.py:23", 0x3000: "source0.cu:7"}


def test_what_reads_like_nothing_of_ours_is_ignored():
    assert dict(_parse("0x10\n/etc/passwd:3\nevil candidate.py.x:3\n0x20\nnonsense")) == {}
