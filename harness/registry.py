"""One lazy registry for every kind of plug-in: names to import paths, loaded when first asked for."""

from collections.abc import Iterator, Mapping
from importlib import import_module
from importlib.metadata import entry_points
from typing import Generic, TypeVar

from harness.errors import UsageError, suggestion

T = TypeVar("T")


class Registry(Generic[T]):
    """Names of plug-ins of one kind.

    `builtin` maps a name to `module:attribute`. Packages add to it through the entry-point group `harness.<kind>`.
    """

    def __init__(self, kind: str, builtin: Mapping[str, str]) -> None:
        self.kind = kind
        self._paths = dict(builtin)
        self._loaded: dict[str, T] = {}

    def __iter__(self) -> Iterator[str]:
        return iter(sorted(self._all()))

    def __contains__(self, name: object) -> bool:
        return name in self._paths or name in self._all()

    def _all(self) -> dict[str, str]:
        found = {point.name: point.value for point in entry_points(group=f"harness.{self.kind}")}
        return found | self._paths

    def get(self, name: str) -> T:
        """Return the plug-in called `name`.

        Raises:
            UsageError: there is none; the message names the closest one.
        """
        if name not in self._loaded:
            path = self._paths.get(name) or self._all().get(name)
            if path is None:
                raise UsageError(f"unknown {self.kind} '{name}'{suggestion(name, self)} (known: {', '.join(self)})")
            module, _, attribute = path.partition(":")
            self._loaded[name] = getattr(import_module(module), attribute)
        return self._loaded[name]
