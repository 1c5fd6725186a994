"""The tests mirror `harness/`."""
