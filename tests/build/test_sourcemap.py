"""From C++ text back to the candidate's own lines, without executing it."""

import pytest

from harness.build.sourcemap import first_line, line_directive, source_line

KERNEL = "#include <x>\nint f() {\n  return 1;\n}\n"


@pytest.mark.parametrize(
    ("source", "line"),
    [
        (f'import torch\nsource = """{KERNEL}"""\n', 2),
        (f'import torch\nsource = r"""{KERNEL}"""\n', 2),
        (f"import torch\n\n\nsource = '''{KERNEL}'''\n", 4),
        (f'def build():\n    return load(\n        """{KERNEL}""",\n    )\n', 3),
        (f'class A:\n    source: str = """{KERNEL}"""\n', 2),
        (f'a = """{KERNEL}"""\nb = """{KERNEL}"""\n', 1),
        (f'x = 1\n# """{KERNEL.splitlines()[0]}"""\ny = """{KERNEL}"""\n', 3),
    ],
    ids=["triple-quoted", "raw", "single quotes", "indented", "attribute", "twice", "comment before"],
)
def test_a_literal_is_found(source: str, line: int) -> None:
    assert first_line(KERNEL, source) == line
    assert line_directive(KERNEL, source, "source0.cpp") == f'#line {line} "candidate.py"'
    assert source_line(source, line + 2).strip() == "return 1;"


@pytest.mark.parametrize(
    "source",
    [
        'source = "#include <x>\\nint f() {\\n  return 1;\\n}\\n"\n',
        'source = ("#include <x>\\n"\n          "int f() {\\n  return 1;\\n}\\n")\n',
        f'source = """{KERNEL[:20]}""" + """{KERNEL[20:]}"""\n',
        f'n = 1\nsource = f"""{KERNEL.replace("1", "{n}").replace("{", "{{").replace("}", "}}")}"""\n',
        f'source = """{KERNEL.replace("1", "@")}""".replace("@", "1")\n',
        "source = open('kernel.cpp').read()\n",
        "this is not python (",
        "",
        "\0",
        "(" * 5_000,
    ],
    ids=["escaped", "concatenated", "added", "f-string", "replaced", "file", "broken", "empty", "nul", "deep"],
)
def test_text_that_is_no_literal_keeps_its_own_name(source: str) -> None:
    assert first_line(KERNEL, source) is None
    assert line_directive(KERNEL, source, "source2.cpp") == '#line 1 "source2.cpp"'


def test_a_literal_whose_lines_do_not_match_the_file_is_not_trusted() -> None:
    """A continued line shifts everything below it: better no place than a wrong one."""
    source = 'source = """a \\\nb\nc\n"""\n'
    assert first_line("a b\nc\n", source) is None


def test_lines_beyond_the_file_are_empty() -> None:
    assert source_line("a\nb", 2) == "b"
    assert source_line("a\nb", 3) == source_line("a\nb", 0) == source_line("a\nb", -1) == ""
