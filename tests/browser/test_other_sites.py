"""What a page of somebody else can do to people who are signed in here: nothing."""

from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import OpenGuest
from tests.browser.guest import wait_for
from tests.browser.people import COACH, SHARES
from tests.processes.stage import Stage

pytestmark = [pytest.mark.browser, pytest.mark.usefixtures("lived_in")]

Elsewhere = Callable[[str], str]
KEPT = "() => [localStorage.length, sessionStorage.length]"
# Markup as somebody would slip it in who got past the escaping, and what runs it; after a moment,
# because the policy does not hold for what the test itself evaluates.
INJECTED = """
(markup) => setTimeout(() => {
  const box = document.createElement("div");
  box.innerHTML = markup;
  document.body.append(box);
  for (const old of box.querySelectorAll("script")) {
    const script = document.createElement("script");
    script.textContent = old.textContent;
    old.replaceWith(script);
  }
  htmx.process(box);
  for (const each of box.querySelectorAll("button")) each.click();
}, 50)
"""
MARKUP = (
    "<script>window.hacked = 1</script>",
    "<button onclick='window.hacked = 1'>x</button>",
    "<img src=x onerror='window.hacked = 1'>",
    "<button hx-on:click='window.hacked = 1'>x</button>",
    "<button hx-get='/healthz' hx-trigger='click[window.hacked=1]'>x</button>",
    "<button hx-get='/healthz' hx-vals='js:{x: (window.hacked = 1)}'>x</button>",
    "<style>body { display: none }</style>",
    "<base href='http://evil.test/'>",
    "<form action='http://evil.test/'><button>x</button></form>",
    "<iframe srcdoc='<script>parent.hacked = 1</script>'></iframe>",
    "<object data='data:text/html,x'></object>",
)


@pytest.fixture
def elsewhere() -> Iterator[Elsewhere]:
    """Serve a page of another site; `localhost` is not 127.0.0.1 to a browser."""
    pages: dict[str, str] = {}

    class Page(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(200)
            self.send_header("Content-Type", "text/html")
            self.end_headers()
            self.wfile.write(pages.get(self.path, "<link rel=icon href=data:,>").encode())

        def log_message(self, *_: object) -> None:
            """Say nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Page)
    thread = Thread(target=server.serve_forever, daemon=True)
    thread.start()

    def show(content: str) -> str:
        pages["/"] = f"<!doctype html><link rel=icon href=data:,><title>x</title>{content}"
        return f"http://localhost:{server.server_address[1]}/"

    yield show
    server.shutdown()
    thread.join()
    server.server_close()


def test_no_page_of_ours_shows_in_a_frame(
    guest: OpenGuest, installation: Stage, elsewhere: Elsewhere
) -> None:
    visitor, ours = guest(COACH), installation.environment["BASE_URL"]
    visitor.page.goto(elsewhere(f"<iframe src='{ours}/dashboard'></iframe>"))
    visitor.forgive("frame")
    wait_for(visitor.page, lambda: any("frame" in each for each in visitor.heard))
    (frame,) = visitor.page.frames[1:]
    assert "Roster" not in frame.content()


def test_a_form_of_another_site_does_nothing(
    guest: OpenGuest, installation: Stage, elsewhere: Elsewhere
) -> None:
    visitor, ours = guest(SHARES.email), installation.environment["BASE_URL"]
    form = f"<form method=post action='{ours}/sign-out'><button>Win</button></form>"
    visitor.page.goto(elsewhere(form))
    with visitor.page.expect_navigation() as went:
        visitor.page.get_by_role("button", name="Win").click()
    assert went.value.status == 400
    visitor.forgive("status of 400")
    visitor.page.goto("/cabinet")
    expect(visitor.page).to_have_url(f"{ours}/cabinet")


def test_the_policy_stops_what_would_get_past_the_escaping(guest: OpenGuest) -> None:
    visitor, called = guest(COACH), list[str]()
    page = visitor.page
    page.on("request", lambda request: called.append(request.url))
    visitor.forgive("")  # all that the browser says here has been asked for
    for markup in MARKUP:
        page.goto("/account")
        visitor.heard.clear()
        page.evaluate(INJECTED, markup)
        wait_for(page, lambda: any("policy:" in each for each in visitor.heard))
        assert page.evaluate("() => window.hacked") is None, markup
        assert page.evaluate("() => getComputedStyle(document.body).display") != "none", markup
        assert page.evaluate("() => document.baseURI").startswith("http://127.0.0.1"), markup
    assert not [url for url in called if "evil.test" in url]


def test_pages_leave_nothing_in_the_browser(guest: OpenGuest) -> None:
    visitor = guest(COACH)
    for address in ("/dashboard", "/dashboard/weeks", "/account"):
        visitor.page.goto(address)
        assert visitor.page.evaluate(KEPT) == [0, 0]
    with visitor.page.expect_response("**/sign-out") as left:
        visitor.page.locator("summary", has_text="Your account").click()
        visitor.page.get_by_role("button", name="Sign out", exact=True).click()
    assert left.value.all_headers()["clear-site-data"] == '"cache", "storage"'
