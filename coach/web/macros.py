"""All macros under one name, `ui`, so that a fragment rendered alone finds them too."""

from collections.abc import Callable
from functools import cached_property

from jinja2 import Environment
from markupsafe import Markup

FILES = ("elements", "layout", "forms", "numbers", "tables", "charts")


class Macros:
    """The macros of templates/macros/, read when the first one is asked for.

    Imports at the top of a template do not exist when only one of its blocks is rendered;
    a global does.
    """

    def __init__(self, environment: Environment) -> None:
        self._environment = environment

    def __getattr__(self, name: str) -> Callable[..., Markup]:
        """Find a macro by name; Jinja reports a wrong one as undefined."""
        if name.startswith("_") or name not in self.known:
            raise AttributeError(name)
        return self.known[name]

    @cached_property
    def known(self) -> dict[str, Callable[..., Markup]]:
        """Read every file once."""
        macros: dict[str, Callable[..., Markup]] = {}
        for file in FILES:
            module = self._environment.get_template(f"macros/{file}.html").module
            macros |= {name: it for name, it in vars(module).items() if not name.startswith("_")}
        return macros
