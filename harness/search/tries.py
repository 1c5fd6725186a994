"""What the tries of one call cost that brought no reply: a vendor bills for some of them, and not always says for how much.

Such a try settles to what was billed, or, where nobody said, to the most that it can have been. It is in the log before
the next one is made, so that a search which is resumed knows of it, and the next one is made only if it fits the budgets.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace

from harness.llm import FailedTry
from harness.models import Usage
from harness.search.ledger import NANO, Reservation, call_amounts


@dataclass(frozen=True)
class Most:
    """The most that one try of a call can take."""

    prompt_bytes: int
    """Length of the prompt. No tokenizer makes more tokens than there are bytes, so that this bounds every model's."""
    output_tokens: int
    """Longest reply."""
    cost_usd: float | None
    """Price; null where it is not known."""

    @property
    def amounts(self) -> dict[str, int]:
        """Return it by account."""
        return {
            "tokens": self.prompt_bytes + self.output_tokens,
            "output_tokens": self.output_tokens,
            "usd_nano": round((self.cost_usd or 0.0) * NANO),
        }

    @property
    def usage(self) -> Usage:
        """Return it as the tokens of a call, marked as estimated."""
        return Usage(input_uncached=self.prompt_bytes, output=self.output_tokens, estimated=True)


@dataclass
class Tries:
    """Books the tries of one call as they fail. Used once."""

    log: Callable[[FailedTry, bool], None]
    """Writes down a try, and whether its cost is estimated."""
    held: Reservation
    """What is held for one try."""
    most: Most
    """How much that is."""
    refusal: str | None = None
    """Why no further try can ever be afforded, where one was wanted."""
    waits: bool = False
    """Whether a further try can be made once others have settled."""

    def failed(self, tried: FailedTry) -> bool:
        """Book a try, and return whether the budgets allow another one at once. See `harness.llm.Request.failed`."""
        if not tried.billed:
            return True  # the server took nothing on
        if tried.unmetered:
            tried = replace(tried, usage=self.most.usage, cost_usd=self.most.cost_usd)
        self.log(tried, tried.unmetered)
        self.held.settle(call_amounts(tried.usage, tried.cost_usd))
        self.held.release()
        if tried.last:
            return False
        ledger = self.held.ledger
        if short := ledger.blocked({"llm_calls": 1}):
            # Every expansion under way holds the calls that it may still make: waiting for them could last for ever.
            self.refusal = (
                f"budget of the {short[0].name}: a failed call leaves too few of {short[0].limits[short[1]]} calls"
            )
        elif ledger.blocked(self.most.amounts) is None:
            self.held.hold(self.most.amounts)
            return True
        else:
            self.refusal = ledger.refusal(self.most.amounts)
            self.waits = self.refusal is None
        return False
