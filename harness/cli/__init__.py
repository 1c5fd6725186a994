"""The command line: one module per verb, no logic. `harness.cli.main` holds the table of verbs.

A verb is a plain function with typer-annotated parameters that `main.VERBS` names as `module:function`; its module is
imported only when the verb is used, so a new verb is one function and one line in that table. It returns its exit code
or nothing, and raises `HarnessError` for what a person can mend.
"""
