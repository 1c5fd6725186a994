"""Applies a `Profile` to the process that calls it. Runs in the fork server's children, before any untrusted code.

Every layer is tried and what could not be had is returned with its reason; who asked decides whether that will do.
"""

import contextlib
import os
import resource
from pathlib import Path

from harness.sandbox import kernel, landlock, seccomp
from harness.sandbox.profile import Profile

NOBODY = 65534
CAP_SYS_PTRACE = 19
DEVICES = ("/dev/null", "/dev/zero", "/dev/full", "/dev/random", "/dev/urandom")


def write_id_maps(pid: int) -> None:
    """Map ids for `pid`, which has just entered a user namespace. Called from outside of it.

    Root maps 0 for the set-up and `NOBODY` for the untrusted code; anyone else can map only themselves.
    """
    process = Path(f"/proc/{pid}")
    if os.geteuid() == 0:
        lines = f"0 0 1\n{NOBODY} {NOBODY} 1\n"
        (process / "uid_map").write_text(lines)
        (process / "gid_map").write_text(lines)
        return
    (process / "setgroups").write_text("deny")
    (process / "uid_map").write_text(f"0 {os.geteuid()} 1\n")
    (process / "gid_map").write_text(f"0 {os.getegid()} 1\n")


def enter_root(profile: Profile) -> None:
    """Replace the file system by a minimal read-only one: called in new mount and pid namespaces, as their root.

    Raises:
        OSError: a mount was refused; nothing of the host is visible less than before.
    """
    root = profile.root
    kernel.mount("none", "/", flags=kernel.MS_REC | kernel.MS_PRIVATE)
    kernel.mount("tmpfs", root, "tmpfs", kernel.MS_NOSUID | kernel.MS_NODEV, "size=1m,mode=755")
    noexec = 0 if profile.may_exec else kernel.MS_NOEXEC
    scratch = f"size={profile.scratch_bytes},nr_inodes=65536,mode=1777"
    os.mkdir(root + "/tmp")
    kernel.mount("tmpfs", root + "/tmp", "tmpfs", kernel.MS_NOSUID | kernel.MS_NODEV | noexec, scratch)
    for path in profile.readable:
        _bind(path, root)
        if not Path(path).is_symlink():
            kernel.mount_read_only(root + path)
    for path in profile.writable:
        _bind(path, root)
    for path in profile.hidden:
        if Path(root + path).is_dir():
            kernel.mount("tmpfs", root + path, "tmpfs", kernel.MS_RDONLY, "size=4k,mode=755")
    for path in DEVICES:
        _bind(path, root)
    os.mkdir(root + "/proc")
    kernel.mount("proc", root + "/proc", "proc", kernel.MS_NOSUID | kernel.MS_NODEV | kernel.MS_NOEXEC)
    remount = kernel.MS_BIND | kernel.MS_REMOUNT | kernel.MS_RDONLY | kernel.MS_NOSUID | kernel.MS_NODEV
    kernel.mount("none", root, flags=remount)
    kernel.pivot_root(root)
    os.chdir("/tmp")


def _bind(path: str, root: str) -> None:
    source, target = Path(path), Path(root + path)
    if source.is_symlink():
        target.parent.mkdir(parents=True, exist_ok=True)
        if not target.is_symlink():
            target.symlink_to(os.readlink(source))
        return
    if source.is_dir():
        target.mkdir(parents=True, exist_ok=True)
    elif source.exists():
        target.parent.mkdir(parents=True, exist_ok=True)
        target.touch()
    else:
        return
    kernel.mount(path, str(target), flags=kernel.MS_BIND | kernel.MS_REC)


def set_limits(profile: Profile) -> None:
    """Set the resource limits; these need no privilege and always hold."""
    if profile.extra_address_space_bytes:
        own = int(Path("/proc/self/statm").read_text().split()[0]) * os.sysconf("SC_PAGE_SIZE")
        if profile.may_exec:
            own = 0  # a new program starts with an empty address space
        _limit(resource.RLIMIT_AS, own + profile.extra_address_space_bytes)
    _limit(resource.RLIMIT_CPU, profile.cpu_s)
    _limit(resource.RLIMIT_FSIZE, profile.file_bytes)
    _limit(resource.RLIMIT_NOFILE, 512)
    _limit(resource.RLIMIT_CORE, 0)
    if os.geteuid() != 0 or Path("/proc/self/uid_map").read_text().split()[-1] != "4294967295":
        _limit(resource.RLIMIT_NPROC, profile.processes)  # counted per user namespace


def _limit(kind: int, value: int) -> None:
    hard = resource.getrlimit(kind)[1]
    if hard != resource.RLIM_INFINITY:
        value = min(value, hard)
    resource.setrlimit(kind, (value, value))


def drop_privileges(*, namespaced: bool) -> bool:
    """Become an unprivileged user without capabilities; returns whether the uid is another than the caller's."""
    own_uid = False
    kernel.drop_bounding_set()
    if _maps_nobody() and (namespaced or (os.geteuid() == 0 and _may_trace())):
        try:
            os.setgroups([])
            os.setresgid(NOBODY, NOBODY, NOBODY)
            os.setresuid(NOBODY, NOBODY, NOBODY)
            own_uid = True
        except PermissionError:  # a container's root without the right to change users
            own_uid = False
    kernel.drop_capabilities()
    kernel.prctl(kernel.PR_SET_NO_NEW_PRIVS, 1)
    kernel.prctl(kernel.PR_SET_DUMPABLE, 1)  # its own /proc/self is its own again; the parent stays another user
    return own_uid


def _may_trace() -> bool:
    """Whether root here may look into another user's process, as the judge must; a container's often may not."""
    status = Path("/proc/self/status").read_text()
    effective = next(line.split()[1] for line in status.splitlines() if line.startswith("CapEff"))
    return bool(int(effective, 16) >> CAP_SYS_PTRACE & 1)


def _maps_nobody() -> bool:
    """Whether the unprivileged user exists in this user namespace."""
    for line in Path("/proc/self/uid_map").read_text().splitlines():
        first, _, count = map(int, line.split())
        if first <= NOBODY < first + count:
            return True
    return False


def lock_down(profile: Profile, *, rooted: bool) -> tuple[list[str], list[str]]:
    """Apply landlock and seccomp, last of all; returns the layers that hold and those that are missing, with reasons."""
    layers, missing = [], []
    readable = ("/",) if rooted else (*profile.readable, *DEVICES, "/proc")
    writable = (os.getcwd(), "/dev/null", *profile.writable)
    try:
        abi = landlock.restrict(readable, writable, may_exec=profile.may_exec)
        layers.append(f"landlock (ABI {abi})")
    except OSError as error:
        missing.append(f"landlock: {error}")
    try:
        kernel.install_filter(seccomp.program(may_exec=profile.may_exec))
        layers.append("seccomp" if profile.may_exec else "seccomp (no exec)")
    except OSError as error:
        missing.append(f"seccomp: {error}")
    return layers, missing


def pin(cores: tuple[int, ...]) -> None:
    """Run on these cores only, where they are among those that this process may use."""
    if usable := os.sched_getaffinity(0) & set(cores):
        with contextlib.suppress(OSError):
            os.sched_setaffinity(0, usable)
