"""Runs planned calls on a candidate and a reference worker, and compares every output."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import torch

from harness.judge.causes import diagnose
from harness.judge.choices import compare_choice
from harness.judge.integrity import LateWork
from harness.judge.loading import BuildCall
from harness.judge.oracle import Oracle, names_of
from harness.judge.outcome import Decided
from harness.judge.plan import Call, CallKind
from harness.judge.readout import Answer
from harness.judge.reference import drawing, fresh_seed
from harness.judge.session import Session
from harness.judge.tally import Tally
from harness.judge.tolerance import UPSTREAM_V0_TOLERANCE, Budget, Comparison, compare, upstream_allclose
from harness.judge.variations import change_one_element
from harness.models import Stage, Status

REPEATS_ON_MISMATCH = 3
UPSTREAM_TRIALS = 5
"""As many as KernelBench does."""
LATE_LOOK_S = 0.05
BLIND_QUESTIONS = 3
"""How often a changed element is asked about again if the answer before would have passed as well."""


class Block:
    """One pair of worker processes and the calls that they get."""

    def __init__(
        self,
        oracle: Oracle,
        candidate: Session,
        reference: Session,
        tally: Tally,
        late: LateWork,
        flush: Callable[[], None],
        call_timeout_s: float,
    ) -> None:
        self._oracle = oracle
        self._candidate = candidate
        self._reference = reference
        self._tally = tally
        self._late = late
        self._flush = flush
        self._timeout_s = max(call_timeout_s, 20 * oracle.reference_ns / 1e9)
        self._previous: tuple[Answer, Session] | None = None
        self._previous_truth: list[torch.Tensor] | None = None
        self._blind = 0
        self._previous_inputs: list[Any] | None = None
        self._budgets: list[Budget] | None = None
        self.stage = Stage.CORRECTNESS

    def run(self, calls: list[Call], number: int, build: BuildCall | None) -> None:
        """Run the planned calls; `build` serves a first call that builds its extension lazily.

        A changed element that changes nothing in the answer (far below the others of its softmax, cut off by a ReLU) asks
        nothing: another is then changed, in inputs as published.

        Raises:
            Decided: an output was wrong, or the protocol was broken.
            JudgeError: the reference failed.
        """
        calls = list(calls)
        with ThreadPoolExecutor(1) as ahead:
            inputs = self._inputs(calls[0])
            position = 0
            while position < len(calls):
                call = calls[position]
                ours, theirs = self._pair(call, inputs, build if position == 0 else None)
                # While this pair is compared the next inputs are drawn; both workers are frozen meanwhile.
                self._previous_inputs = inputs
                following = ahead.submit(self._inputs, calls[position + 1]) if position + 1 < len(calls) else None
                self._judge(call, number, inputs, ours, theirs, counted=position > 0)
                if call.kind is CallKind.ONE_ELEMENT and self._is_blind(theirs):
                    again = [CallKind.WARM_UP, CallKind.ONE_ELEMENT]
                    calls[position + 2 : position + 2] = [Call(k, reference_first=call.reference_first) for k in again]
                self._previous_truth = theirs.outputs
                position += 1
                if position < len(calls):
                    inputs = following.result() if following else self._inputs(calls[position])
        if self._candidate.stray_message():
            raise Decided(Status.INTEGRITY_VIOLATION, self.stage, "the worker sent a message that nobody asked for")

    def _pair(self, call: Call, inputs: list[Any], build: BuildCall | None) -> tuple[Answer, Answer]:
        """Ring both sides with the same inputs; returns (candidate's, reference's) answer."""
        flush = call.kind is not CallKind.WARM
        if call.reference_first:
            theirs = self._call(self._reference, inputs, flush=flush)
            return self._call(self._candidate, inputs, build, flush=flush), theirs
        ours = self._call(self._candidate, inputs, build, flush=flush)
        return ours, self._call(self._reference, inputs, flush=flush)

    def _judge(
        self, call: Call, number: int, inputs: list[Any], ours: Answer, theirs: Answer, *, counted: bool
    ) -> None:
        """Compare one pair of answers, and keep its times if that is what the call was for."""
        tally = self._tally
        self._look_again()
        self._compare(call, inputs, ours, theirs)
        self._late.after(ours, counted=counted)
        self._previous = ours, self._candidate
        tally.calls += 1
        if call.kind is CallKind.TIMED:
            self.stage = Stage.TIMING
            tally.candidate_ns.append(ours.elapsed_ns)
            tally.reference_ns.append(theirs.elapsed_ns)
            tally.worker_ns.append(ours.worker_ns)
            tally.preempted.append(ours.preempted or theirs.preempted)
            tally.late_cpu_ns.append(ours.late_cpu_ns)
            tally.block.append(number)
        elif call.kind is CallKind.WARM:
            tally.warm_candidate_ns.append(ours.elapsed_ns)
            tally.warm_reference_ns.append(theirs.elapsed_ns)

    def _is_blind(self, theirs: Answer) -> bool:
        """Whether the last inputs' right answer passes for the right one to these, and it is worth asking again."""
        if self._previous_truth is None or self._blind >= BLIND_QUESTIONS:
            return False
        self._blind += 1
        pairs = zip(self._previous_truth, theirs.outputs, strict=True)
        return all(self._compare_one(index, old, new).ok for index, (old, new) in enumerate(pairs))

    def _inputs(self, call: Call) -> list[Any]:
        if call.kind is CallKind.PROBE:
            return self._oracle.inputs(self._oracle.probes[call.probe])
        if call.kind is CallKind.ONE_ELEMENT and self._previous_inputs is not None:
            with drawing(fresh_seed()):
                return change_one_element(self._previous_inputs)
        return self._oracle.reference.inputs(fresh_seed())

    def _call(
        self, session: Session, inputs: list[Any], build: BuildCall | None = None, *, flush: bool = True
    ) -> Answer:
        if flush:
            self._flush()
        reference = session is self._reference
        timeout_s = max(120.0, self._timeout_s) if reference else self._timeout_s
        answer = session.call(inputs, self._oracle.layouts, self.stage, timeout_s, build)
        self._tally.all_reference_ns += answer.elapsed_ns * reference
        self._tally.all_candidate_ns += answer.elapsed_ns * (not reference)
        return answer

    def _look_again(self) -> None:
        """The output of the call before must still hold the same bytes: stops late writers and static output buffers."""
        if self._previous is None:
            return
        answer, session = self._previous
        changed = session.reader.changed(answer)
        if changed is not None:
            raise Decided(
                Status.INTEGRITY_VIOLATION,
                self.stage,
                "the output of a call changed during the next one: one buffer for all calls, or written late",
                where=f"output {changed}",
                expected="an output that belongs to the caller",
                got="other bytes at the same address one call later",
            )

    def _compare(self, call: Call, inputs: list[Any], ours: Answer, theirs: Answer) -> None:
        tally = self._tally
        self._budgets = None
        if call.kind is CallKind.PROBE:
            self._budgets = self._oracle.probes[call.probe].budgets
        elif call.kind is CallKind.ONE_ELEMENT:
            self._budgets = self._oracle.budgets_for(inputs, theirs.outputs)
        published = call.kind is CallKind.WARM_UP or (
            call.kind is CallKind.PROBE and self._oracle.probes[call.probe].name == "as published"
        )
        self._compare_structure()
        tally.upstream_trials += published
        for index, (output, reference) in enumerate(zip(ours.outputs, theirs.outputs, strict=True)):
            if published and tally.upstream_trials <= UPSTREAM_TRIALS:
                agrees = upstream_allclose(output, reference)
                tally.upstream_correct = agrees and tally.upstream_correct is not False
                agrees = agrees or upstream_allclose(output, reference, UPSTREAM_V0_TOLERANCE)  # the wider rule
                tally.upstream_v0_correct = agrees and tally.upstream_v0_correct is not False
            outcome = self._compare_one(index, output, reference)
            tally.max_abs = max(tally.max_abs, outcome.max_abs)
            tally.worst_ratio = max(tally.worst_ratio, outcome.worst_ratio)
            if not outcome.ok:
                raise self._mismatch(call, inputs, index, outcome, ours, reference)
        if ours.aliases_input and not self._oracle.reference_aliases:
            raise Decided(
                Status.INTEGRITY_VIOLATION,
                self.stage,
                "the output is the memory of an input",
                expected="an output of its own",
                got="an address within an input",
            )

    def _compare_structure(self) -> None:
        got = self._candidate.page.structure
        if got != self._oracle.structure:
            names = {0: "a tensor", 1: "a tuple", 2: "a list", 3: "a dict"}
            raise Decided(
                Status.SHAPE_MISMATCH,
                self.stage,
                "forward returned another structure",
                expected=names[int(self._oracle.structure)],
                got=names.get(got, "something else"),
            )
        found = names_of(self._candidate.page)
        if found != self._oracle.names:
            shown = [text.decode(errors="replace") for text in (self._oracle.names, found)]
            what = "forward returned a dict with other names"
            raise Decided(Status.SHAPE_MISMATCH, self.stage, what, expected=shown[0], got=shown[1])

    def _anchor(self, index: int, reference: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
        """Return (expected, allowed) for an output: from float64 where there is one, else from the reference's own call."""
        if self._budgets is not None:
            budget = self._budgets[index]
            self._tally.reference_max_abs = max(self._tally.reference_max_abs, budget.reference_max_abs)
            return budget.expected, budget.allowed
        return reference, self._oracle.allowed_against_reference(index, reference)

    def _compare_one(self, index: int, output: torch.Tensor, reference: torch.Tensor) -> Comparison:
        expected, allowed = self._anchor(index, reference)
        found = compare(output, expected, allowed)
        if not found.ok and self._previous_inputs is not None:
            chosen = compare_choice(self._oracle.reference, self._previous_inputs, index, output)
            found = chosen if chosen is not None else found
        return found

    def _mismatch(
        self, call: Call, inputs: list[Any], index: int, outcome: Comparison, ours: Answer, reference: torch.Tensor
    ) -> Decided:
        """Find out what kind of wrong it is: written late, right on another try, or wrong."""
        session = self._candidate
        output = ours.outputs[index]
        at = outcome.first or ()
        expected_tensor, _ = self._anchor(index, reference)
        words: dict[str, Any] = {
            "where": f"output {index}, index {list(at)}; {outcome.wrong} of {output.numel()} elements; {self._kind(call)}",
            "expected": repr(expected_tensor[at].item()),
            "got": repr(output[at].item()),
            "log": session.process.log.text(),
        }
        session.let_run(LATE_LOOK_S)
        if session.reader.changed(ours) is not None:
            what = "the output was still being written after the worker had answered"
            return Decided(Status.INTEGRITY_VIOLATION, self.stage, what, **words)
        for _ in range(REPEATS_ON_MISMATCH):
            try:
                again = self._call(session, inputs)
            except Decided:
                break
            if self._compare_one(index, again.outputs[index], reference).ok:
                what = "the same inputs gave a wrong and then a right output"
                return Decided(Status.NONDETERMINISTIC, self.stage, what, **words)
        if outcome.nonfinite:
            return Decided(
                Status.NONFINITE, self.stage, "NaN or infinity does not stand where the reference has it", **words
            )
        what = f"the largest error is {outcome.max_abs:.3g}, {outcome.worst_ratio:.3g} times the tolerance"
        found = diagnose(self._oracle.reference, inputs, index, output, *self._anchor(index, reference))
        if found.words:
            what = f"{what}; lower precision than asked for ({found.words})"
        if ours.aliases_input:
            what = f"the output is the memory of an input; {what}"
        return Decided(Status.VALUE_MISMATCH, self.stage, what, cause=found.cause, **words)

    def _kind(self, call: Call) -> str:
        if call.kind is CallKind.PROBE:
            name = self._oracle.probes[call.probe].name
            return "inputs as published" if name == "as published" else f"inputs {name}"
        return f"inputs {call.kind}" if call.kind is CallKind.ONE_ELEMENT else "inputs as published"
