"""Which system calls untrusted code may make, as a BPF program.

A deny list: torch, OpenMP and the C++ runtime use too many calls for a short allow list, and what is dangerous is known.
Denied calls fail with EPERM, so a kernel that tries one gets an ordinary Python exception. `clone3` fails with ENOSYS,
which makes libc use `clone`, whose flags can be looked at.
"""

import errno
import platform
import struct

from harness.sandbox import kernel

_AUDIT_ARCH = {"x86_64": 0xC000003E, "aarch64": 0xC00000B7}
_X32_BIT = 0x40000000
# name -> (x86-64, aarch64); None where the call does not exist
_NUMBERS: dict[str, tuple[int | None, int | None]] = {
    "ptrace": (101, 117), "process_vm_readv": (310, 270), "process_vm_writev": (311, 271), "kcmp": (312, 272),
    "perf_event_open": (298, 241), "bpf": (321, 280), "userfaultfd": (323, 282), "io_uring_setup": (425, 425),
    "keyctl": (250, 219), "add_key": (248, 217), "request_key": (249, 218),
    "mount": (165, 40), "umount2": (166, 39), "pivot_root": (155, 41), "move_mount": (429, 429), "open_tree": (428, 428),
    "fsopen": (430, 430), "fsmount": (432, 432), "fsconfig": (431, 431), "mount_setattr": (442, 442), "chroot": (161, 51),
    "setns": (308, 268), "unshare": (272, 97), "swapon": (167, 224), "swapoff": (168, 225), "reboot": (169, 142),
    "init_module": (175, 105), "finit_module": (313, 273), "delete_module": (176, 106), "kexec_load": (246, 104),
    "kexec_file_load": (320, 294), "settimeofday": (164, 170), "clock_settime": (227, 112), "adjtimex": (159, 171),
    "acct": (163, 89), "quotactl": (179, 60), "personality": (135, 92), "open_by_handle_at": (304, 265),
    "name_to_handle_at": (303, 264), "pidfd_getfd": (438, 438), "pidfd_open": (434, 434), "socket": (41, 198),
    "socketpair": (53, 199), "connect": (42, 203), "bind": (49, 200), "listen": (50, 201),
    "sched_setaffinity": (203, 122), "sched_setscheduler": (144, 119), "sched_setattr": (314, 274),
    "setpriority": (141, 140), "ioprio_set": (251, 30), "mbind": (237, 235), "migrate_pages": (256, 238),
    "move_pages": (279, 239), "syslog": (103, 116), "memfd_secret": (447, 447),
}  # fmt: skip
_NO_NEW_PROGRAMS: dict[str, tuple[int | None, int | None]] = {
    "execve": (59, 221), "execveat": (322, 281), "fork": (57, None), "vfork": (58, None),
}  # fmt: skip
_CLONE, _CLONE3 = (56, 220), 435
_NEW_NAMESPACE = kernel.NAMESPACES | kernel.CLONE_NEWCGROUP
_BUILD_MAY = {"socketpair", "sched_setaffinity", "personality", "setpriority"}
"""What compilers and linkers may call that a kernel may not."""

_LD_ABS, _JEQ, _JGE, _JSET, _RET = 0x20, 0x15, 0x35, 0x45, 0x06
_ALLOW, _ERRNO, _KILL = 0x7FFF0000, 0x00050000, 0x80000000


def _instruction(code: int, k: int, yes: int = 0, no: int = 0) -> bytes:
    return struct.pack("HBBI", code, yes, no, k)


def program(*, may_exec: bool, machine: str | None = None) -> bytes:
    """Return the filter as an array of `struct sock_filter`.

    With `may_exec` (builds) new processes and programs are allowed, new namespaces are not: a user namespace of its own
    would bring back every capability in it. Without (kernels) only threads are allowed.

    Raises:
        OSError: the filter is not written for this machine's instruction set.
    """
    machine = machine or platform.machine()
    if machine not in _AUDIT_ARCH:
        raise OSError(errno.ENOSYS, f"no seccomp filter for {machine}")
    column = 0 if machine == "x86_64" else 1
    names = {n: v for n, v in _NUMBERS.items() if not (may_exec and n in _BUILD_MAY)}
    if not may_exec:
        names |= _NO_NEW_PROGRAMS
    code = [
        _instruction(_LD_ABS, 4),  # seccomp_data.arch
        _instruction(_JEQ, _AUDIT_ARCH[machine], 1, 0),
        _instruction(_RET, _KILL),
        _instruction(_LD_ABS, 0),  # seccomp_data.nr
    ]
    if machine == "x86_64":
        code += [_instruction(_JGE, _X32_BIT, 0, 1), _instruction(_RET, _ERRNO | errno.EPERM)]
    code += [_instruction(_JEQ, _CLONE3, 0, 1), _instruction(_RET, _ERRNO | errno.ENOSYS)]
    for numbers in names.values():
        if (number := numbers[column]) is not None:
            code += [_instruction(_JEQ, number, 0, 1), _instruction(_RET, _ERRNO | errno.EPERM)]
    code += [
        _instruction(_JEQ, _CLONE[column], 0, 3),
        _instruction(_LD_ABS, 16),  # low half of the first argument: the flags
        _instruction(_JSET, _NEW_NAMESPACE, 0, 1) if may_exec else _instruction(_JSET, kernel.CLONE_THREAD, 1, 0),
        _instruction(_RET, _ERRNO | errno.EPERM),
        _instruction(_RET, _ALLOW),
    ]
    return b"".join(code)
