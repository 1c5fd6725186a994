"""The entry point of `harness`: the table of verbs, and the one place where an exception becomes an exit code."""

import errno
import os
import sys
import traceback
from collections.abc import Sequence
from dataclasses import dataclass
from importlib import import_module
from typing import TYPE_CHECKING, Annotated, Any

import typer
from typer.core import TyperCommand, TyperGroup

import harness
from harness.errors import HarnessError

if TYPE_CHECKING:
    from collections.abc import Mapping


@dataclass(frozen=True)
class Verb:
    """A command that is imported when it is used."""

    target: str
    """`module:function`; the function's parameters are the command's, annotated for typer."""
    help: str
    """One line for `harness --help`."""


@dataclass(frozen=True)
class Group:
    """Verbs behind one word."""

    help: str
    """One line for `harness --help`."""
    verbs: "Mapping[str, Verb]"
    """Second word -> command."""


VERBS: "Mapping[str, Verb | Group]" = {
    "run": Verb("harness.cli.run:run", "Let a model or an agent answer problems, judge the kernels, print the table."),
    "resume": Verb("harness.cli.run:resume", "Go on with a run that was interrupted."),
    "report": Verb("harness.cli.report:report", "Show the results of a run."),
    "compare": Verb("harness.cli.compare:compare", "Compare runs on the same problems, and what they cost."),
    "generate": Verb("harness.cli.generate:generate", "Print the prompt of a problem, or a model's reply to it."),
    "eval": Verb("harness.cli.eval:eval_", "Judge one candidate file against one problem."),
    "baseline": Verb("harness.cli.baseline:baseline", "Measure eager PyTorch and torch.compile on this machine."),
    "problems": Group(
        "List, show, lint and import problems.",
        {
            "list": Verb("harness.cli.problems:list_", "List problems with tags, tiers, FLOPs and traffic."),
            "show": Verb("harness.cli.problems:show", "Print a problem exactly as a model is shown it."),
            "lint": Verb("harness.cli.problems:lint", "Prove that problems are fair questions."),
            "import": Verb("harness.cli.problems:import_", "Read KernelBench files or rows as a suite."),
        },
    ),
    "agents": Group(
        "List and show the agents.",
        {
            "list": Verb("harness.cli.agents:list_", "List the agents."),
            "show": Verb("harness.cli.agents:show", "Print an agent's definition."),
        },
    ),
    "doctor": Verb("harness.cli.doctor:doctor", "Say what this machine can run, and how to mend the rest."),
    "config": Verb("harness.cli.config:config", "Print the settings in force and where they come from."),
}

EXIT_INFRASTRUCTURE = 3
EXIT_INTERRUPTED = 130

_DISK_ADVICE = {
    errno.ENOSPC: "free some space, or point HARNESS_RUNS_DIR and HARNESS_CACHE_DIR at another disk",
    errno.EDQUOT: "free some space, or point HARNESS_RUNS_DIR and HARNESS_CACHE_DIR at another disk",
    errno.EACCES: "change its permissions, or choose another folder with HARNESS_RUNS_DIR or HARNESS_CACHE_DIR",
    errno.EPERM: "change its permissions, or choose another folder with HARNESS_RUNS_DIR or HARNESS_CACHE_DIR",
    errno.EROFS: "choose a writable folder with HARNESS_RUNS_DIR or HARNESS_CACHE_DIR",
}


class LazyCommand(TyperCommand):
    """A command that knows its name and help line, and imports the rest when it is invoked."""

    def __init__(self, name: str, verb: Verb) -> None:
        super().__init__(name, help=verb.help)
        self._verb = verb

    def load(self) -> Any:
        """Import the verb and return the real command."""
        module, _, attribute = self._verb.target.partition(":")
        function = getattr(import_module(module), attribute)
        app = typer.Typer(add_completion=False)
        app.command(self.name)(function)
        return typer.main.get_command(app)

    def make_context(self, info_name: str | None, args: list[str], parent: Any = None, **extra: Any) -> Any:
        """Hand over to the real command, whose context carries it from here on."""
        return self.load().make_context(info_name, args, parent=parent, **extra)


def _print_version(value: bool) -> None:
    if value:
        print(f"harness {harness.__version__}")
        raise typer.Exit


def _root(
    version: Annotated[
        bool, typer.Option("--version", help="Print the version.", is_eager=True, callback=_print_version)
    ] = False,
) -> None:
    """Judge kernels that language models write, with numbers that can be believed.

    Start with `harness run quickstart`; `harness doctor` says what this machine can do.
    """


def build() -> Any:
    """Return the root command with every verb of `VERBS`, none of them imported."""
    app = typer.Typer(name="harness", add_completion=False, no_args_is_help=True)
    app.callback()(_root)
    root = typer.main.get_command(app)
    assert isinstance(root, TyperGroup)
    for name, entry in VERBS.items():
        if isinstance(entry, Verb):
            root.add_command(LazyCommand(name, entry))
        else:
            commands = {word: LazyCommand(word, verb) for word, verb in entry.verbs.items()}
            root.add_command(TyperGroup(name=name, help=entry.help, commands=dict(commands), no_args_is_help=True))
    return root


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command line and return its exit code: 0 done, 1 below --fail-under, 2 usage, 3 infrastructure, 130.

    Nothing but this function turns an exception into a message; verbs raise `HarnessError`, and return their exit code
    or nothing.
    """
    command = build()
    try:
        with command.make_context("harness", list(sys.argv[1:] if arguments is None else arguments)) as context:
            result = command.invoke(context)
        print(end="", flush=True)
        return result if isinstance(result, int) else 0
    except typer.Exit as end:
        return end.exit_code
    except (KeyboardInterrupt, typer.Abort):
        return _fail("interrupted", EXIT_INTERRUPTED)
    except HarnessError as error:
        return _fail(str(error), error.exit_code)
    except BrokenPipeError:
        # The reader of our output has gone, as in `harness problems list | head -1`: the flush at exit must not fail.
        os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
        return 0
    except OSError as error:
        return _fail(_os_error_line(error), EXIT_INFRASTRUCTURE)
    except Exception as error:
        if hasattr(error, "format_message"):
            return _usage_error(error)
        traceback.print_exc()
        return _fail("internal error: the lines above are a defect of the harness, please report them", 3)


def _usage_error(error: Any) -> int:
    """Print what the argument parser objected to, on one line; without any arguments, its help."""
    context = getattr(error, "ctx", None)
    if type(error).__name__ == "NoArgsIsHelpError":
        error.show()
        return 2
    hint = f" ({context.command_path} --help)" if context is not None else ""
    return _fail(f"{' '.join(error.format_message().split())}{hint}", error.exit_code)


def _os_error_line(error: OSError) -> str:
    path = f"{os.fsdecode(error.filename)}: " if isinstance(error.filename, (str, bytes, os.PathLike)) else ""
    advice = _DISK_ADVICE.get(error.errno or 0)
    return f"{path}{error.strerror or error}" + (f" - {advice}" if advice else "")


def _fail(message: str, code: int) -> int:
    print(f"harness: {' '.join(message.split())}", file=sys.stderr)
    return code
