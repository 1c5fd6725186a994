"""A provider over any wire: what fits the model, a free place, the vendor's pace, retries, and the price of it all."""

import asyncio
from collections.abc import Sequence

from harness.llm.base import Answer, FailedTry, Reply, Request, Wire
from harness.llm.capabilities import CapabilityTable
from harness.llm.options import ProviderOptions
from harness.llm.pacing import Pacer, needs_of
from harness.llm.prices import PriceTable
from harness.llm.retry import CallError, Fault
from harness.models import Usage


class RemoteProvider:
    """One model behind a wire.

    A question holds its place from its first try to its last, so that a server in trouble is asked less and not more.
    """

    def __init__(self, model: str, wire: Wire, options: ProviderOptions) -> None:
        self.pacer = Pacer(options.retry.clock)
        self._wire = wire
        self._retry = options.retry
        self._places = asyncio.Semaphore(options.max_requests)
        self._price = PriceTable.load(options.content_root, options.prices).of(model)
        self._capabilities = CapabilityTable.load(options.content_root).of(model)

    def check(self, problem_ids: Sequence[str], language: str) -> None:
        """Nothing beyond what construction checked: any problem can be asked."""

    async def complete(self, request: Request) -> Reply:
        """Answer `request`; see `harness.llm.Provider`.

        Raises:
            QuotaExhausted: the account is empty.
            CallFailed: there is no answer, and further tries are over; what they cost is in it.
        """
        fitted, warnings = self._capabilities.fit(request)
        needs = needs_of(fitted)

        async def once(timeout_s: float) -> Answer:
            headers: dict[str, str] = {}
            try:
                answer = await self._wire.ask(fitted, timeout_s)
                headers.update(answer.headers)
            except CallError as failed:
                headers.update(failed.fault.headers)
                raise
            finally:
                self.pacer.settle(needs, headers)
            return answer

        async with self._places:
            bought = await self._retry.run(
                once,
                fitted.timeout_s,
                lambda: self.pacer.admit(needs),
                self._failed,
                lambda fault, last: self._may_go_on(request, fault, last),
            )
        answer = bought.value
        told = request.failed is not None
        usage = answer.usage if told else answer.usage + bought.usage
        return Reply(
            text=answer.text,
            usage=usage,
            stop=answer.stop,
            cost_usd=self._cost_usd(usage),
            reasoning=answer.reasoning,
            calls=answer.calls + bought.failures,
            unmetered=0 if told else bought.unmetered,
            warnings=warnings,
        )

    async def aclose(self) -> None:
        """Close connections."""
        await self._wire.aclose()

    def _cost_usd(self, usage: Usage) -> float | None:
        return None if self._price is None else self._price.cost_usd(usage)

    def _may_go_on(self, request: Request, fault: Fault, last: bool) -> bool:
        if request.failed is None:
            return True
        cost_usd = self._cost_usd(fault.usage)
        return request.failed(FailedTry(fault.message, fault.usage, cost_usd, fault.unmetered, last))

    def _failed(self, fault: Fault, delay_s: float) -> None:
        """Hold all calls back where one was told to wait: a limit is the account's, not the call's."""
        if fault.rate and fault.retry_after_s:
            self.pacer.pause(delay_s)
