"""What is written down of a judged candidate."""

from collections.abc import Sequence

from harness.models import Attempt, Usage, Verdict
from harness.search.features import features
from harness.search.judging import Entry
from harness.search.nodes import LoggedReply, Node
from harness.search.parts import node_id
from harness.search.pipeline import Branch, shares
from harness.search.speed import features as speed_features
from harness.search.state import SearchState


def attempt_of(
    state: SearchState,
    node: Node,
    number: int,
    branches: Sequence[Branch],
    branch: Branch,
    entry: Entry | None,
    verdict: Verdict | None,
    problem_id: str,
    sample: int,
) -> Attempt:
    """Return the record of candidate `number` of the expansion `node`."""
    assert branch.by is not None
    original = state.originals.get(entry.digest) if entry else None
    similarity = 1.0 if original else None
    if entry is not None and entry.like is not None and original is None:
        original, similarity = entry.like, entry.similarity
        verdict = _taken_over(state, entry)
    assert verdict is not None
    replies = shares(node, branches)[number]
    code = branch.notes.get("coder")
    note = code["text"] if isinstance(code, dict) and isinstance(code.get("text"), str) else ""
    return Attempt(
        node=node_id(state.task, node.turn, number),
        problem_id=problem_id,
        sample=sample,
        turn=node.turn,
        proposal=number,
        proposals=len(branches),
        parent=node.parent,
        co_parents=list(node.co_parents),
        inspirations=list(node.inspirations),
        operator=node.operator,
        directive=node.directive,
        model=node.model,
        lane=node.lane,
        round=node.round,
        depth=node.depth,
        prompt_sha256=branch.by.prompt_sha256,
        reply_sha256=branch.by.reply_sha256,
        candidate_sha256=entry.digest if entry else None,
        calls=len(replies),
        usage=_total(replies),
        cost_usd=_cost(replies),
        duplicate_of=original,
        similarity=similarity,
        note=note,
        lessons_try=list(branch.lessons_try),
        lessons_avoid=list(branch.lessons_avoid),
        features=features(entry.code) | speed_features(verdict) if entry else {},
        verdict=verdict,
    )


def _taken_over(state: SearchState, entry: Entry) -> Verdict:
    """Return the verdict of the node that `entry` is too similar to, saying that it is not its own."""
    other = state.nodes[entry.like or ""].attempt
    assert other is not None
    note = f"not judged: {entry.similarity:.1%} the text of {entry.like}, whose verdict this is"
    return other.verdict.model_copy(update={"notes": [*other.verdict.notes, note]})


def _total(replies: Sequence[LoggedReply]) -> Usage:
    return sum((reply.usage for reply in replies), Usage())


def _cost(replies: Sequence[LoggedReply]) -> float | None:
    costs = [reply.cost_usd for reply in replies]
    return None if None in costs else sum(cost for cost in costs if cost is not None)
