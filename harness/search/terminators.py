"""Terminators: rules that end a search. `[stop]` names them; the search ends at whichever holds first."""

from pydantic import Field

from harness.search.ledger import Limits
from harness.search.state import SearchState
from harness.search.tables import Table

MAX_INFRA_ERRORS = 5
"""Nodes in a row that could not be judged after which a search ends: the machine is at fault, and asking on costs."""


class Plateau(Table):
    """`plateau = {rounds = 15, min_gain = 0.02}`."""

    rounds: int = Field(ge=1)
    """Rounds that are looked back on."""
    min_gain: float = Field(default=0.01, ge=0)
    """Relative gain of the best fitness over them below which the search ends. It needs a correct kernel first."""


class Stop(Limits):
    """`[stop]`: the search ends at whichever holds first. The limits on accounts are never exceeded."""

    max_nodes: int = Field(default=1, ge=1, le=100_000)
    """Nodes in all, failed ones included; not those that could not be judged."""
    max_rounds: int | None = Field(default=None, ge=1)
    """Selections in all, that of the drafts included."""
    max_depth: int | None = Field(default=None, ge=1)
    """Edits of one draft after each other; a line that is this long is not continued."""
    target_speedup: float | None = Field(default=None, gt=0)
    """Lower end of the interval at which a correct kernel is fast enough; null for never."""
    target_fitness: float | None = Field(default=None, gt=0)
    """Median speedup at which a correct kernel is fast enough; null for never."""
    first_pass: bool = False
    """Whether the first correct kernel ends the search."""
    plateau: Plateau | None = None
    """When the search no longer gets better."""
    consecutive_failures: int | None = Field(default=None, ge=1)
    """Failing nodes in a row."""
    no_gain_nodes: int | None = Field(default=None, ge=1)
    """Nodes in a row that did not become the best one; a revert each, where only gains are kept."""
    roofline: float | None = Field(default=None, gt=0, le=1)
    """Share of what the machine can do at most, as the best kernel's verdict has it (feature `roofline`), that is enough."""

    def urgent(self, state: SearchState) -> str | None:
        """Return why the search should end although a round is under way, or None."""
        best = state.best
        speedup = best.verdict.speedup if best else None
        if self.target_speedup is not None and speedup is not None and speedup.low >= self.target_speedup:
            return f"target speedup {self.target_speedup:g} reached"
        if self.target_fitness is not None and state.best_fitness >= self.target_fitness:
            return f"target fitness {self.target_fitness:g} reached"
        if self.first_pass and best is not None and best.verdict.correct:
            return "a correct kernel is found"
        if self.roofline is not None and best and float(best.features.get("roofline", 0)) >= self.roofline:
            return f"{self.roofline:.0%} of the roofline reached"
        if state.infra_errors >= MAX_INFRA_ERRORS:
            return f"{MAX_INFRA_ERRORS} nodes in a row could not be judged (infra_error; harness doctor)"
        return None

    def reason(self, state: SearchState) -> str | None:
        """Return why the search should end now, or None. Between rounds, or with `sync = "none"` at any time."""
        if found := self.urgent(state):
            return found
        if state.charged >= self.max_nodes:
            return f"{self.max_nodes} of {self.max_nodes} attempts used"
        if self.max_rounds is not None and state.rounds >= self.max_rounds and not state.pending:
            return f"{self.max_rounds} of {self.max_rounds} rounds done"
        if self.consecutive_failures is not None and state.failures >= self.consecutive_failures:
            return f"{state.failures} failures in a row"
        if self.no_gain_nodes is not None and state.since_best >= self.no_gain_nodes:
            return f"{state.since_best} attempts in a row without a gain"
        if self.plateau is not None and self._is_flat(state, self.plateau):
            return f"less than {self.plateau.min_gain:.1%} gained in {self.plateau.rounds} rounds"
        return None

    @staticmethod
    def _is_flat(state: SearchState, plateau: Plateau) -> bool:
        if len(state.round_best) <= plateau.rounds:
            return False
        before = state.round_best[-1 - plateau.rounds]
        return before > 0 and state.round_best[-1] / before - 1 < plateau.min_gain
