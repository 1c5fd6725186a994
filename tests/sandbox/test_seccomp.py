"""The filter, run in a small BPF machine, for both instruction sets; its numbers against the kernel's own headers."""

import errno
import re
import struct
from pathlib import Path

import pytest

from harness.sandbox import seccomp

ARCH = {"x86_64": 0xC000003E, "aarch64": 0xC00000B7}
HEADERS = {
    "x86_64": ("/usr/include/x86_64-linux-gnu/asm/unistd_64.h", "/usr/include/asm/unistd_64.h"),
    "aarch64": ("/usr/include/asm-generic/unistd.h",),
}
ALLOW, KILL = 0x7FFF0000, 0x80000000
EPERM, ENOSYS = 0x00050000 | errno.EPERM, 0x00050000 | errno.ENOSYS
CLONE, CLONE3, READ = {"x86_64": 56, "aarch64": 220}, 435, {"x86_64": 0, "aarch64": 63}
THREAD = 0x3D0F00  # what pthread_create asks for: VM, FS, FILES, SIGHAND, THREAD and the rest
VFORK = 0x4111  # CLONE_VM | CLONE_VFORK | SIGCHLD
NEW_NAMESPACES = (0x02000000, 0x00020000, 0x04000000, 0x08000000, 0x10000000, 0x20000000, 0x40000000)


def verdict(program: bytes, arch: int, number: int, flags: int = 0) -> int:
    """Run the filter on one system call, as the kernel would."""
    data = struct.pack("=IIQ6Q", number, arch, 0, flags, 0, 0, 0, 0, 0)
    instructions = list(struct.iter_unpack("HBBI", program))
    at = accumulator = 0
    while True:
        code, yes, no, k = instructions[at]
        at += 1
        if code == 0x20:
            (accumulator,) = struct.unpack_from("=I", data, k)
        elif code == 0x06:
            return int(k)
        else:
            holds = {0x15: accumulator == k, 0x35: accumulator >= k, 0x45: bool(accumulator & k)}[code]
            at += yes if holds else no


@pytest.mark.parametrize("machine", ARCH)
@pytest.mark.parametrize("builds", [False, True])
def test_dangerous_calls_are_refused_and_others_are_not(machine: str, builds: bool) -> None:
    program = seccomp.program(may_exec=builds, machine=machine)
    assert len(program) % 8 == 0
    assert len(program) // 8 < 4096, "the kernel takes no more"
    column = list(ARCH).index(machine)
    for name, numbers in (seccomp._NUMBERS | seccomp._NO_NEW_PROGRAMS).items():
        if (number := numbers[column]) is None:
            continue
        allowed = builds and (name in seccomp._BUILD_MAY or name in seccomp._NO_NEW_PROGRAMS)
        assert verdict(program, ARCH[machine], number) == (ALLOW if allowed else EPERM), name
    assert verdict(program, ARCH[machine], READ[machine]) == ALLOW


@pytest.mark.parametrize("name", ["ptrace", "process_vm_readv", "bpf", "mount", "setns", "unshare", "perf_event_open"])
def test_what_the_design_names_is_on_the_list(name: str) -> None:
    assert name in seccomp._NUMBERS
    assert name not in seccomp._BUILD_MAY


@pytest.mark.parametrize("machine", ARCH)
def test_clone_is_judged_by_its_flags(machine: str) -> None:
    kernels, builds = (seccomp.program(may_exec=b, machine=machine) for b in (False, True))
    arch, clone = ARCH[machine], CLONE[machine]
    assert verdict(kernels, arch, clone, THREAD) == ALLOW
    assert verdict(kernels, arch, clone, 17) == EPERM, "a fork"
    assert verdict(kernels, arch, clone, VFORK) == EPERM
    assert verdict(builds, arch, clone, 17) == verdict(builds, arch, clone, VFORK) == ALLOW
    for flag in NEW_NAMESPACES:
        assert verdict(builds, arch, clone, flag | 17) == EPERM
    for program in (kernels, builds):
        assert verdict(program, arch, CLONE3) == ENOSYS, "its flags lie in memory: libc falls back to clone"


@pytest.mark.parametrize("machine", ARCH)
def test_calls_of_another_instruction_set_kill(machine: str) -> None:
    program = seccomp.program(may_exec=True, machine=machine)
    assert verdict(program, 0x40000003, 11) == KILL, "i386, whose numbers mean other calls"
    other = next(a for m, a in ARCH.items() if m != machine)
    assert verdict(program, other, 0) == KILL


def test_the_x32_table_is_closed() -> None:
    """x32 calls carry the same architecture and other numbers (stops: execve as 0x40000000 + 520)."""
    program = seccomp.program(may_exec=False, machine="x86_64")
    for number in (0x40000000 + 520, 0x40000000 + 101, 0x40000000):
        assert verdict(program, ARCH["x86_64"], number) == EPERM


def test_no_filter_for_an_unknown_machine() -> None:
    with pytest.raises(OSError, match="no seccomp filter for riscv64"):
        seccomp.program(may_exec=False, machine="riscv64")


@pytest.mark.parametrize("machine", ARCH)
def test_numbers_are_the_kernels(machine: str) -> None:
    header = next((Path(p) for p in HEADERS[machine] if Path(p).is_file()), None)
    if header is None:
        pytest.skip(f"no kernel headers for {machine} here (linux-libc-dev)")
    text = re.sub(r"__NR3264_(\w+)", r"__NR_\1", header.read_text())
    known = {name: int(number) for name, number in re.findall(r"#define __NR_(\w+)\s+(\d+)", text)}
    column = list(ARCH).index(machine)
    ours = {
        name: numbers[column]
        for name, numbers in (seccomp._NUMBERS | seccomp._NO_NEW_PROGRAMS).items()
        if numbers[column] is not None
    }
    assert {**ours, "clone": seccomp._CLONE[column]} == {name: known.get(name) for name in [*ours, "clone"]}
