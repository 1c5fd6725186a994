"""`python -m harness.audit`: write `problems/facts.json` anew."""

from harness.audit.known import known_path, write_known

if __name__ == "__main__":
    print(f"{write_known()} facts in {known_path()}")
