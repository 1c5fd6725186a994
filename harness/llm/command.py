"""`command/<executable with arguments>`: the prompt on stdin, the reply on stdout, in an empty folder of its own.

It is the user's own program and is not confined, but it is given no key that was not asked for, and nothing of it is left
running: what answers prompts may start browsers, servers and shells.
"""

import asyncio
import contextlib
import os
import shlex
import shutil
import sys
import tempfile
from pathlib import Path

from pydantic import SecretStr

from harness.config import PROVIDER_KEYS, command_environment
from harness.errors import ProviderError, UsageError
from harness.llm.base import Answer, Provider, Request
from harness.llm.options import ProviderOptions
from harness.llm.remote import RemoteProvider
from harness.llm.retry import CallError, Fault
from harness.llm.vendor import scrub
from harness.models import Usage
from harness.sandbox.tree import end_tree

MAX_REPLY_BYTES = 8 << 20
"""More than any model writes in one reply; a program that writes without end is stopped there."""
LAST_WORDS_BYTES = 4096
"""How much of the end of stderr is kept, for a message."""
END_TIMEOUT_S = 10.0
"""Wall time in which the guardian ends its tree, after which it is ended with it."""

_ROOT = Path(__file__).resolve().parents[2]
_START = (
    f"import runpy, sys; sys.path.insert(0, {str(_ROOT)!r}); "
    f"runpy.run_path({str(Path(__file__).with_name('guardian.py'))!r}, run_name='__main__')"
)


def command_provider(command: str, options: ProviderOptions) -> Provider:
    """Return the provider that runs `command`.

    Raises:
        ProviderError: there is no such executable.
        UsageError: the command line cannot be split, or asks for a variable that is not set.
    """
    return RemoteProvider(f"command/{command}", CommandWire(command, options.command_env), options)


class CommandWire:
    """One command line, run once per question."""

    def __init__(self, command: str, asked: str = "") -> None:
        try:
            name, *arguments = shlex.split(command)
        except ValueError as error:
            raise UsageError(f"command/{command}: not a command line: {error}") from None
        found = shutil.which(name)
        if found is None:
            raise ProviderError(f"command/{command}: no executable '{name}' (a path, or a name in PATH)")
        self._argv = [os.path.abspath(found), *arguments]
        self._name = name
        self._environment = command_environment(asked)
        # Whatever was asked for may be a key; and then the program may print it.
        secrets = [name.strip() for name in asked.split(",")] + list(PROVIDER_KEYS.values())
        self._secrets = [SecretStr(value) for name in secrets if (value := self._environment.get(name))]

    async def ask(self, request: Request, timeout_s: float) -> Answer:
        """Run the command once; see `harness.llm.base.Wire`."""
        with tempfile.TemporaryDirectory(prefix="harness-command-", ignore_cleanup_errors=True) as folder:
            try:
                process = await asyncio.create_subprocess_exec(
                    *(sys.executable, "-I", "-c", _START, str(os.getpid()), *self._argv),
                    stdin=asyncio.subprocess.PIPE,
                    stdout=asyncio.subprocess.PIPE,
                    stderr=asyncio.subprocess.PIPE,
                    cwd=folder,
                    env=self._environment,
                    start_new_session=True,
                )
            except OSError as error:
                raise self._fault(f"cannot be started: {error.strerror}") from None
            try:
                async with asyncio.timeout(timeout_s):
                    reply, last_words, code = await _converse(process, prompt_text(request).encode())
            except TimeoutError:
                raise self._fault(f"did not end within {timeout_s:g} s") from None
            finally:
                await _end(process)
        if len(reply) > MAX_REPLY_BYTES:
            raise self._fault(f"wrote more than {MAX_REPLY_BYTES >> 20} MiB")
        if code:
            said = last_words.decode(errors="replace").strip().rpartition("\n")[2]
            raise self._fault(f"exited with status {code}" + (f": {said}" if said else ""))
        return Answer(reply.decode(errors="replace"), Usage())

    async def aclose(self) -> None:
        """Nothing is open."""

    def _fault(self, what: str) -> CallError:
        return CallError(Fault(f"command '{self._name}' {scrub(what, self._secrets)}"))


def prompt_text(request: Request) -> str:
    """Return `request` as one text: the instructions, then the conversation, its turns marked where there are several."""
    parts = [request.system] if request.system else []
    if len(request.messages) == 1:
        parts.append(request.messages[0].text)
    else:
        parts += [f"[{message.role}]\n{message.text}" for message in request.messages]
    return "\n\n".join(parts) + "\n"


async def _converse(process: asyncio.subprocess.Process, prompt: bytes) -> tuple[bytes, bytes, int]:
    """Return what a process wrote to stdout, the end of what it wrote to stderr, and its exit code."""
    assert process.stdin is not None
    assert process.stdout is not None
    assert process.stderr is not None
    last_words = asyncio.create_task(_read_end(process.stderr))
    writing = asyncio.create_task(_write(process.stdin, prompt))
    try:
        reply = await _read(process.stdout)
        if len(reply) > MAX_REPLY_BYTES:
            return reply, b"", 0
        return reply, await last_words, await process.wait()
    finally:
        last_words.cancel()
        writing.cancel()
        await asyncio.gather(last_words, writing, return_exceptions=True)


async def _write(stream: asyncio.StreamWriter, data: bytes) -> None:
    with contextlib.suppress(BrokenPipeError, ConnectionResetError):  # a program need not read all of it
        stream.write(data)
        await stream.drain()
        stream.close()


async def _read(stream: asyncio.StreamReader) -> bytes:
    """Return what comes until the end, or a little more than is allowed."""
    parts, size = [], 0
    while size <= MAX_REPLY_BYTES and (data := await stream.read(1 << 16)):
        parts.append(data)
        size += len(data)
    return b"".join(parts)


async def _read_end(stream: asyncio.StreamReader) -> bytes:
    kept = b""
    while data := await stream.read(1 << 16):
        kept = (kept + data)[-LAST_WORDS_BYTES:]
    return kept


async def _end(process: asyncio.subprocess.Process) -> None:
    """End a guardian, and with it all that it guards."""
    with contextlib.suppress(ProcessLookupError):
        process.terminate()
    try:
        async with asyncio.timeout(END_TIMEOUT_S):
            await _drained(process)
    except TimeoutError:
        end_tree(process.pid)
        await _drained(process)


async def _drained(process: asyncio.subprocess.Process) -> None:
    """Wait for the end of a process and of what it wrote, so that its pipes are closed."""
    for stream in (process.stdout, process.stderr):
        while stream is not None and await stream.read(1 << 16):
            pass
    await process.wait()
