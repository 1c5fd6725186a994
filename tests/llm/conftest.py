"""A cache folder with the precompiled header and no kernel, as tests/e2e has."""

from tests.e2e.conftest import cold_cache, warm_cache

__all__ = ["cold_cache", "warm_cache"]
