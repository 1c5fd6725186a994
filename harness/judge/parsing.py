"""Reads a candidate's source before anything is started: is there code, does it parse, does it keep the static rules."""

import ast

from harness.judge.outcome import Decided
from harness.languages import check_rules
from harness.models import Stage, Status


def parse(source: str, notes: list[str]) -> None:
    """Look at `source`; what the static rules have to say of it is added to `notes`, also where one is broken.

    Raises:
        Decided: there is no code, it does not parse, or it breaks a rule.
    """
    if not source.strip():
        raise Decided(Status.NO_CODE, Stage.PARSE, "there is no code", expected="a module that defines ModelNew")
    try:
        tree = ast.parse(source)
    except SyntaxError as error:
        raise Decided(
            Status.BUILD_ERROR,
            Stage.PARSE,
            f"Python syntax error: {error.msg}",
            where=f"candidate.py:{error.lineno}",
            got=(error.text or "").strip() or None,
        ) from None
    except (ValueError, RecursionError, MemoryError) as error:
        raise Decided(Status.BUILD_ERROR, Stage.PARSE, f"the source cannot be parsed: {error}") from None
    broken, said = check_rules(source, tree)
    notes += said
    if broken:
        raise Decided(
            Status.RULE_VIOLATION, Stage.PARSE, broken.what, where=f"candidate.py:{broken.line}", got=broken.code
        )
