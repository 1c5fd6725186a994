"""Names of kernels for people: as the binary has them, without what only a compiler needs. Pure."""

import re

MAX_NAME = 300
MAX_READ = 1000
"""Characters of a name that are looked at: a few of a binary's can stand for megabytes."""

_QUALIFIER = re.compile(r"(?:\(anonymous namespace\)|\b[A-Za-z_]\w*)::")
_LAMBDA = re.compile(r"\{lambda\(.*?\)(#\d{1,4})\}$|<lambda\(.*?\)>$")


def readable_name(name: str) -> str:
    """Return a demangled name without namespaces, return type and parameters: `softmax_kernel<float, 256>`.

    A lambda, which bears the whole signature of the function around it, is called `lambda#1`.
    """
    base, arguments = split_name(_before_parameters(name[:MAX_READ]))
    shown = [_argument(argument) for argument in arguments]
    base = _QUALIFIER.sub("", base).rpartition(" ")[2]
    return (f"{base}<{', '.join(shown)}>" if shown else base)[:MAX_NAME]


def split_name(name: str) -> tuple[str, list[str]]:
    """Return the part before the template arguments, and the arguments."""
    base, bracket, rest = name.strip().partition("<")
    if not bracket:
        return base.strip(), []
    arguments, depth, current = [], 0, ""
    for letter in rest.rstrip().removesuffix(">"):
        depth += (letter in "<({[") - (letter in ">)}]")
        if letter == "," and depth == 0:
            arguments.append(current.strip())
            current = ""
        else:
            current += letter
    return base.strip(), [*arguments, current.strip()]


def _argument(text: str) -> str:
    if found := _LAMBDA.search(text):
        return f"lambda{found[1] or ''}"
    return _QUALIFIER.sub("", text)


def _before_parameters(name: str) -> str:
    """Cut at the parenthesis that opens the parameters: the first outside of template arguments and namespaces."""
    depth = 0
    for index, letter in enumerate(name):
        depth += (letter == "<") - (letter == ">")
        if letter == "(" and depth == 0 and not name.startswith("(anonymous namespace)", index):
            return name[:index]
    return name
