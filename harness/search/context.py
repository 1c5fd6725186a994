"""Builds the prompt of one node: a pure function of the task, the device and the state of the search."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, Any

from harness.models import Attempt, Verdict, Workload
from harness.search.contracts import as_text
from harness.search.experience import Item, Memory
from harness.search.feedback import FACT_CHARS, Feedback, as_record, feedback, profile_of
from harness.search.feedback import MAX_TOKENS as FEEDBACK_TOKENS
from harness.search.history import history, number_of
from harness.search.knowledge import Document, KnowledgeBase
from harness.search.parts import ArtifactStore
from harness.search.prompts import Prompt, PromptLibrary
from harness.search.sections import Placed, Recipe, Wanted, arrange
from harness.search.speed import Measured, Profile
from harness.search.state import Node, SearchState
from harness.search.strategy import Strategy

if TYPE_CHECKING:
    from harness.models.audit import Facts

LESSONS = 200
"""Newest lessons that a prompt may tell; its section holds fewer still."""
DOCUMENTS = 3
"""Documents that are looked up where no step has chosen any."""

NO_PROFILE: Callable[[Attempt], Profile | None] = lambda _: None  # noqa: E731


@dataclass(frozen=True)
class ContextBuilder:
    """Everything about a task that does not change while it is searched."""

    workload: Workload
    """The text that is graded, and shown."""
    language: str
    """Kernel language to ask for."""
    strategy: Strategy
    """Which sections, how many attempts."""
    prompts: PromptLibrary
    """The templates."""
    device: Mapping[str, Any]
    """Facts about the machine, by name."""
    artifacts: ArtifactStore
    """Where earlier candidates are."""
    baselines: Mapping[str, str] = field(default_factory=dict)
    """Times to beat, by name, where they are known beforehand: the same for all nodes of the task."""
    references: tuple[str, ...] = ()
    """Digests of the problem's own file, for the knowledge base's leakage rule."""
    memory: Memory = field(default_factory=Memory)
    """What is taken over from earlier runs."""
    profile: Callable[[Attempt], Profile | None] = NO_PROFILE
    """Where the time of an attempt goes, where someone knows."""

    def build(self, state: SearchState, node: Node, recipe: Recipe | Sequence[Wanted] | None = None) -> Prompt:
        """Return the prompt for one step of `node`; what earlier steps said is in `node.notes`.

        `recipe` names the sections. A list of names is put into the order of the table of sections; without a recipe the
        strategy's `[prompt]` table decides.

        Raises:
            AgentError: there is no template for a section, or it is wrong.
        """
        placed = arrange(self.strategy.prompt if recipe is None else recipe, self.prompts.names)
        variables = self._variables(state, node, {each.name: each for each in placed})
        return self.prompts.render(placed, self.language, variables)

    def _variables(self, state: SearchState, node: Node, sections: Mapping[str, Placed]) -> dict[str, Any]:
        """Return the variables of the templates; what costs something is found only for a section that shows it."""
        parent = self._attempt(state, node.parent)
        best = state.best if state.best is not None and state.best is not parent else None
        told = self._feedback(state, parent, best, sections) if parent else None
        others = node.inspirations or ((best.node,) if best and best.candidate_sha256 and parent else ())
        coder = node.notes.get("coder")
        return {
            "language": self.language,
            "device": dict(self.device),
            "workload": self.workload,
            "facts": self.facts,
            "baselines": dict(self.baselines),
            "attempt": {"number": node.turn + 1, "total": self.strategy.stop.max_nodes},
            "parent": self._shown(parent, told) if parent else None,
            "feedback": told,
            "profile": self._profile(parent) if parent and "profile" in sections else None,
            "best": self._shown(best) if best else None,
            "inspirations": self._all(state, others) if "inspirations" in sections else (),
            "co_parents": self._all(state, node.co_parents),
            "history": history(state, node, sections["history"].option, self._read) if "history" in sections else (),
            "lessons": _lessons(state) if "lessons" in sections else (),
            "experience": self._experience() if "experience" in sections else (),
            "kb_index": self._knowledge.index(self.language) if "kb_index" in sections else None,
            "kb_docs": self._documents(node, told) if "kb_docs" in sections else (),
            "notes": {role: as_text(said) for role, said in node.notes.items() if role != "coder"},
            "proposal": coder.get("code") if isinstance(coder, Mapping) else None,
            "directive": self.strategy.directives.get(node.directive or "", node.directive),
        }

    def _profile(self, parent: Attempt) -> dict[str, Any] | None:
        """Return where an attempt's time goes, as a section of its own tells it."""
        found = profile_of(parent.verdict, Measured(profile=self.profile(parent)))
        return {"source": found.source, "told": found.lines(FACT_CHARS)} if found else None

    def _experience(self) -> tuple[Item, ...]:
        digests = (self.workload.sha256, *self.references)
        return self.memory.shown(self.strategy.experience, self.workload.problem_id, digests, self.language)

    @cached_property
    def facts(self) -> "Facts | None":
        """Shapes, traffic and arithmetic of the workload, where they were found out before."""
        from harness.suite.known import known_facts

        return known_facts().get(self.workload.sha256)

    @cached_property
    def _knowledge(self) -> KnowledgeBase:
        digests = (self.workload.sha256, *self.references)
        return KnowledgeBase.load(self.prompts.agents_dir).for_task(self.workload.problem_id, digests)

    def _documents(self, node: Node, told: Feedback | None) -> list[Document]:
        """Return the documents that a step chose, in its order; where none did, those nearest to what is known."""
        chosen = [name for said in node.notes.values() for name in _listed(said, "documents")]
        if chosen:
            known = {document.id: document for document in self._knowledge}
            return [known[name] for name in dict.fromkeys(chosen) if name in known]
        said = " ".join(as_text(said) for role, said in node.notes.items() if role != "coder")
        query = f"{self.workload.name} {told.headline if told else ''} {said}"
        return self._knowledge.search(query, DOCUMENTS, self.language)

    def _feedback(
        self, state: SearchState, parent: Attempt, best: Attempt | None, sections: Mapping[str, Placed]
    ) -> Feedback:
        facts = self.facts
        before = self._attempt(state, parent.parent)
        measured = Measured(
            output_shapes=tuple(each.shape for each in facts.outputs) if facts else (),
            traffic_bytes=facts.bytes if facts else None,
            flops=facts.flops or None if facts else None,
            profile=self.profile(parent),
            profile_apart="profile" in sections,
            parent=_reached(before),
            best=_reached(best),
            same_as=self._same(state, parent),
        )
        section = sections.get("feedback")
        limit = section.max_tokens if section else None
        return feedback(parent.verdict, self._source(parent), measured, limit or FEEDBACK_TOKENS)

    def tell(self, verdict: Verdict, source: str) -> str:
        """Return what the author of `source` is told about a verdict, as text."""
        return as_record(feedback(verdict, source))

    def recount(self, state: SearchState, attempt: Attempt) -> str:
        """Return what was found about an attempt, as text."""
        return as_record(self._feedback(state, attempt, state.best if state.best is not attempt else None, {}))

    def document(self, name: str) -> str:
        """Return the text of a document, or which ones there are."""
        found = {document.id: document for document in self._knowledge if document.about(self.language)}
        return found[name].text if name in found else f"There is no document '{name}'; there are {', '.join(found)}."

    def _same(self, state: SearchState, attempt: Attempt) -> str | None:
        first = state.originals.get(attempt.candidate_sha256 or "")
        return number_of(state.nodes[first]) if first and first != attempt.node else None

    def _all(self, state: SearchState, nodes: Iterable[str]) -> list[dict[str, Any]]:
        found = (self._attempt(state, name) for name in nodes)
        return [self._shown(attempt) for attempt in found if attempt is not None]

    def _shown(self, attempt: Attempt, told: Feedback | None = None) -> dict[str, Any]:
        verdict = attempt.verdict
        speedup = verdict.speedup
        reached = f", {speedup.median:.2f} times the reference's speed" if speedup else ""
        return {
            "number": number_of(attempt),
            "source": self._source(attempt),
            "feedback": told,
            "status": verdict.status.value,
            "correct": verdict.correct,
            "speedup": speedup,
            "result": f"{verdict.status.value}{reached}",
        }

    @staticmethod
    def _attempt(state: SearchState, node: str | None) -> Attempt | None:
        found = state.nodes.get(node or "")
        return found.attempt if found else None

    def _source(self, attempt: Attempt) -> str:
        return self._read(attempt.candidate_sha256) if attempt.candidate_sha256 else ""

    def _read(self, digest: str) -> str:
        return self.artifacts.get(digest).decode("utf-8", "replace")


def _listed(said: Any, name: str) -> list[str]:
    """Return the texts of a list in a step's JSON; a model may have written anything there."""
    listed = said.get(name) if isinstance(said, Mapping) else None
    return [entry for entry in listed if isinstance(entry, str)] if isinstance(listed, list) else []


def _reached(attempt: Attempt | None) -> tuple[str, float] | None:
    speedup = attempt.verdict.speedup if attempt else None
    return (number_of(attempt), speedup.median) if attempt and speedup else None


def _lessons(state: SearchState) -> list[dict[str, str]]:
    return [{"kind": "try" if each.keep else "avoid", "text": each.text} for each in state.lessons[-LESSONS:]]
