"""Selection policies: which node to expand next."""

from harness.search.policies.base import Expansion, Policy
from harness.search.policies.plain import Beam, Best, Independent, Last, ReflectionTopK
from harness.search.policies.table import POLICIES

__all__ = ["POLICIES", "Beam", "Best", "Expansion", "Independent", "Last", "Policy", "ReflectionTopK"]
