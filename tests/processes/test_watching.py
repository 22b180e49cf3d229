"""What all processes together say of themselves: one set of metrics, and no secret in any log."""

import socket

import pytest
from prometheus_client.parser import text_string_to_metric_families

from tests import loopback
from tests.cast import Cast
from tests.processes.conftest import METRICS_TOKEN, base_url
from tests.processes.stage import Stage, wait_until
from tests.processes.test_commands import ask_for_little, states

DONE = 'coach_work_total{kind="whoop_sync",outcome="done"}'
CANARY = "Kanarienvogel"


def scrape(stage: Stage) -> dict[str, float]:
    key = {"Authorization": f"Bearer {METRICS_TOKEN}"}
    answer = loopback.get(f"{base_url(stage)}/metrics", headers=key)
    assert answer.status_code == 200
    list(text_string_to_metric_families(answer.text))  # it can be read
    lines = [line.rpartition(" ") for line in answer.text.splitlines() if line[:1] != "#"]
    return {name: float(value) for name, _, value in lines}


@pytest.mark.usefixtures("inside")
def test_what_work_horses_count_arrives_and_leaves_no_file_behind(
    running: Stage, people: Cast
) -> None:
    before = scrape(running).get(DONE, 0)
    files = set()
    for _ in range(3):
        asked = ask_for_little(people, 4)
        wait_until(lambda these=asked: {s for s, _ in states(these)} == {"done"})  # type: ignore[misc]
        files.add(len(list((running.home / "metrics").glob("*.db"))))
    wait_until(lambda: scrape(running)[DONE] == before + 12, what="the counts of the horses")
    assert max(files) <= 2 * 14, "as many as processes at one time: 7, and a work horse of each"
    assert scrape(running)['coach_workers_alive{queue="sync"}'] >= 1


def test_no_log_of_the_web_process_holds_what_addresses_hold(running: Stage) -> None:
    for path in (
        f"/sign-in?{CANARY}=1",
        f"/reset/{CANARY}",
        f"/cabinet/whoop-callback?code={CANARY}",
    ):
        loopback.get(base_url(running) + path, headers={"X-Request-ID": CANARY})
    port = int(base_url(running).rpartition(":")[2])
    for raw in (
        f"GET /{CANARY} HTTP/9.9\r\n\r\n",
        f"{CANARY}\r\n\r\n",
        f"GET / HTTP/1.1\r\n{CANARY}",
    ):
        with socket.create_connection(("127.0.0.1", port), timeout=loopback.PATIENCE) as line:
            line.sendall(raw.encode())
            line.shutdown(socket.SHUT_WR)
            line.recv(1000)
    wait_until(lambda: "/reset/<token>" in running.kept["web"].said, what="the line of a request")
    wait_until(lambda: "Invalid request" in running.kept["web"].said, what="gunicorn's warning")
    assert CANARY not in running.kept["web"].said
