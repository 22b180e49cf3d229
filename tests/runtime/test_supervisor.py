"""The supervisor: order, words, deaths and the end."""

import io
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from coach.runtime import leash
from coach.runtime.errors import CannotStart, GaveUp
from coach.runtime.supervisor import Child, Supervisor
from tests.runtime.conftest import processes_about, wait_until

ENVIRONMENT = {"PATH": os.defpath}


def shell(name: str, script: str, ready: Callable[[], bool] = lambda: True) -> Child:
    return Child(name, ["/bin/sh", "-c", script], ENVIRONMENT, ready)


@contextmanager
def signalled_when(happens: Callable[[], bool], number: int = signal.SIGTERM) -> Iterator[None]:
    """Send ourselves a signal, as a terminal or a service manager would, once something is so."""

    main = threading.get_ident()

    def send() -> None:
        wait_until(happens)
        signal.pthread_kill(main, number)  # it also wakes a sleeping main thread

    thread = threading.Thread(target=send)
    thread.start()
    try:
        yield
    finally:
        thread.join()


def test_each_starts_when_those_before_it_are_ready(tmp_path: Path) -> None:
    first, output = tmp_path / "first", io.StringIO()
    children = [
        shell("first", f"sleep 0.3; touch {first}; exec sleep 60", first.exists),
        shell("second", f"ls {first}; exec sleep 60"),
    ]
    with signalled_when(lambda: "second" in output.getvalue()):
        Supervisor(children, output=output).run()
    assert output.getvalue() == f"second     | {first}\n"


def test_one_that_is_never_ready_stops_the_start(tmp_path: Path) -> None:
    child = shell("web", f"sleep 60 # {tmp_path}", lambda: False)
    with pytest.raises(CannotStart, match="web was not ready"), Supervisor() as supervisor:
        supervisor.start(child, within=0.2)
    assert processes_about(tmp_path) == []


def test_one_that_dies_is_started_again() -> None:
    output = io.StringIO()
    with signalled_when(lambda: output.getvalue().count("hello") == 3):
        Supervisor([shell("web", "echo hello; exit 3")], output=output, pause=0.01).run()
    assert "web        | ended with code 3; starts again in 0.0 s" in output.getvalue()


def test_one_that_dies_at_every_start_is_given_up_and_all_are_stopped(tmp_path: Path) -> None:
    output = io.StringIO()
    steady = shell("steady", f"sleep 60 # {tmp_path}")
    with pytest.raises(GaveUp, match="web died 5 times right after its start, last with code 7"):
        Supervisor([steady, shell("web", "echo no; exit 7")], output=output, pause=0.01).run()
    assert output.getvalue().count("| no\n") == 5
    assert processes_about(tmp_path) == []


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_stops_all_in_reverse_order(number: int) -> None:
    output = io.StringIO()
    script = "trap 'echo bye; exit 0' TERM; echo hello; while :; do sleep 0.02; done"
    children = [shell(name, script) for name in ("first", "second", "third")]
    with signalled_when(lambda: output.getvalue().count("hello") == 3, number):
        Supervisor(children, output=output).run()
    byes = [line.split()[0] for line in output.getvalue().splitlines() if line.endswith("bye")]
    assert byes == ["third", "second", "first"]


def test_a_signal_leaves_the_block_wherever_it_is_and_handlers_are_put_back() -> None:
    before = signal.getsignal(signal.SIGTERM)
    started = time.monotonic()
    with (
        signalled_when(lambda: signal.getsignal(signal.SIGTERM) is not before),
        Supervisor(output=io.StringIO()),
    ):
        time.sleep(120)
    assert time.monotonic() - started < 30
    assert signal.getsignal(signal.SIGTERM) is before


def test_one_that_ignores_the_signal_is_killed_after_the_grace(tmp_path: Path) -> None:
    output = io.StringIO()
    stubborn = f"trap '' TERM; echo hi; while :; do sleep 1; done # {tmp_path}"
    with signalled_when(lambda: "hi" in output.getvalue()):
        Supervisor([shell("web", stubborn)], output=output, grace=1).run()
    assert processes_about(tmp_path) == []


def test_a_command_that_is_not_there_is_named() -> None:
    output = io.StringIO()
    missing = Child("web", ["/not/there"], ENVIRONMENT)
    with pytest.raises(GaveUp, match="code 127"):
        Supervisor([missing], output=output, pause=0.01).run()
    assert "cannot run /not/there: No such file or directory" in output.getvalue()


def test_after_kill_9_of_the_supervisor_nothing_is_left(tmp_path: Path) -> None:
    with subprocess.Popen(  # noqa: S603  # the words are our own
        [sys.executable, "-m", "tests.runtime.family", str(tmp_path)], stdout=subprocess.PIPE
    ) as supervisor:
        assert supervisor.stdout
        assert supervisor.stdout.readline() == b"parent     | both are here\n"
        wait_until(lambda: len(processes_about(tmp_path)) == 4)  # with the leash
        supervisor.kill()
    wait_until(lambda: processes_about(tmp_path) == [])


def test_the_leash_holds_on_systems_without_a_parent_death_signal(tmp_path: Path) -> None:
    pretend = "import ctypes, runpy, sys; sys.platform = 'darwin'; "
    run = "runpy.run_path(sys.argv.pop(1), run_name='__main__')"
    words = [
        leash.__file__,
        "15",
        "1",
        "-1",
        "-1",
        "-1",
        "/bin/sh",
        "-c",
        f"sleep 600 # {tmp_path}",
    ]
    with subprocess.Popen(  # noqa: S603  # the words are our own
        [sys.executable, "-c", pretend + run, *words], stdin=subprocess.PIPE
    ) as process:
        wait_until(lambda: len(processes_about(tmp_path)) == 2)
        assert process.stdin
        process.stdin.close()
        assert process.wait(60) == 128 + signal.SIGTERM
    assert processes_about(tmp_path) == []
