"""The apps that are registered here, each with its secret, its addresses and its own limits."""

from dataclasses import dataclass, field
from urllib.parse import urlsplit

from coach.simulator.limits import RateLimit


@dataclass(frozen=True, slots=True)
class Registration:
    """One app as its developer typed it in; the limits are requests a minute and a day."""

    client_id: str
    client_secret: str
    redirect_uris: frozenset[str]
    webhook_url: str | None = None
    per_minute: int = 100
    per_day: int = 10_000


@dataclass
class Apps:
    """All apps, by client id; registering one again replaces it and opens new windows."""

    _known: dict[str, Registration] = field(default_factory=dict)
    _limits: dict[str, RateLimit] = field(default_factory=dict)
    form_targets: str = ""  # where the consent form may lead, as a content security policy says it

    def register(self, app: Registration) -> None:
        self._limits[app.client_id] = RateLimit(app.per_minute, app.per_day)
        self._known = {**self._known, app.client_id: app}
        uris = {_source(uri) for each in self.all() for uri in each.redirect_uris}
        self.form_targets = " ".join(["'self'", *sorted(uris)])

    def find(self, client_id: str | None) -> Registration | None:
        return self._known.get(client_id or "")

    def limit(self, client_id: str) -> RateLimit:
        return self._limits[client_id]

    def all(self) -> list[Registration]:
        return list(self._known.values())

    @property
    def first(self) -> Registration:
        """Return the app this world was made with."""
        return self.all()[0]


def _source(uri: str) -> str:
    parts = urlsplit(uri)
    if parts.scheme in {"http", "https"}:
        return f"{parts.scheme}://{parts.netloc}"
    return f"{parts.scheme}:"
