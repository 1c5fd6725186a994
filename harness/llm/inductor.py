"""`inductor/<mode>`: no model at all. torch.compile's own kernels answer, as `compile` or as `max-autotune` chooses them.

The prompt is read as a model reads it: the last fenced block is the problem at the sizes that are graded, and a line
`threads: N` says how many threads a kernel may use (the section `compile_request`).
"""

import asyncio
import re
from collections.abc import Sequence

from harness.errors import AgentError, UsageError, suggestion
from harness.llm.base import Provider, Reply, Request
from harness.llm.extract import last_code_block
from harness.llm.options import ProviderOptions

LANGUAGE = "cpp"
"""Inductor writes C++ for the CPU."""


def inductor_provider(mode: str, options: ProviderOptions) -> Provider:
    """Return the provider of one mode of torch.compile.

    Raises:
        UsageError: there is no such mode.
    """
    from harness.judge.inductor import MODES

    if mode not in MODES:
        raise UsageError(f"unknown mode 'inductor/{mode}'{suggestion(mode, MODES)} (known: {', '.join(MODES)})")
    return InductorProvider(mode)


class InductorProvider:
    """Compiles what it is asked about. One at a time: a compilation takes a whole core and a gigabyte."""

    def __init__(self, mode: str) -> None:
        self._mode = mode
        self._one_at_a_time = asyncio.Lock()

    def check(self, problem_ids: Sequence[str], language: str) -> None:
        """Raise UsageError unless kernels are asked for in C++."""
        if language != LANGUAGE:
            raise UsageError(f"inductor/{self._mode} answers in {LANGUAGE}, not in {language}: leave --language out")

    async def complete(self, request: Request) -> Reply:
        """Return the module that torch.compile comes to, or a reply without code that says why there is none.

        Raises:
            AgentError: the prompt shows no problem.
            ToolchainError: there is no C++ compiler.
        """
        text = request.messages[-1].text
        source = last_code_block(text)
        threads = re.search(r"^threads: (\d+)$", text, re.MULTILINE)
        if source is None or threads is None:
            raise AgentError("inductor/ is asked with the prompt section compile_request alone: --agent inductor")
        async with self._one_at_a_time:
            return Reply(
                text=await asyncio.to_thread(self._answer, request, source, int(threads[1])), cost_usd=0.0, calls=0
            )

    def _answer(self, request: Request, source: str, threads: int) -> str:
        from harness.judge.inductor import NotExpressible, candidate_source

        try:
            code = candidate_source(source, request.problem_id, threads, self._mode, request.timeout_s)
        except NotExpressible as error:
            return f"No kernels of torch.compile can be handed in: {error}."
        return f"What torch.compile ({self._mode}) generates.\n\n```python\n{code}```\n"

    async def aclose(self) -> None:
        """Nothing is open."""
