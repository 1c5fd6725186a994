"""The policies by name. Packages add theirs through the entry-point group `harness.policy`."""

from harness.registry import Registry
from harness.search.policies.base import Policy

_HERE = "harness.search.policies"

POLICIES: Registry[type[Policy]] = Registry(
    "policy",
    {
        "none": f"{_HERE}.plain:Independent",
        "last": f"{_HERE}.plain:Last",
        "best": f"{_HERE}.plain:Best",
        "beam": f"{_HERE}.plain:Beam",
        "reflection_topk": f"{_HERE}.plain:ReflectionTopK",
        "weighted": f"{_HERE}.sampling:Weighted",
        "power": f"{_HERE}.sampling:Power",
        "islands": f"{_HERE}.sampling:IslandsPolicy",
        "pareto": f"{_HERE}.sampling:ParetoPolicy",
        "uct": f"{_HERE}.tree:Uct",
        "epsilon_tree": f"{_HERE}.tree:EpsilonTree",
        "bandit": f"{_HERE}.bandit:Bandit",
    },
)
