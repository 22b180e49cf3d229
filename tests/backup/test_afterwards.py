"""What a restored past must not do: bring back the erased, or spend tokens that are spent."""

from pathlib import Path
from uuid import UUID

import pytest
from click.testing import CliRunner

from coach.__main__ import coach
from coach.backup import erasures
from coach.cli import Refused
from coach.database.tenancy import acting_for
from coach.extensions import db
from coach.privacy.leaving import delete_account
from coach.whoop.models import Integration, Trigger
from coach.whoop.sync import jobs
from coach.work.leases import now
from coach.work.models import Work
from coach.work.perform import perform
from tests.backup.conftest import Installation, Lived
from tests.spare import environment_of, spare_database
from tests.whoop.conftest import Linker


def erase(installation: Installation, user_id: UUID) -> None:
    """Let somebody delete their account, and do the work of it."""
    with installation.inside():
        delete_account(user_id, now=now())
        db.session.commit()
        for work_id in list(db.session.scalars(db.select(Work.id).filter_by(kind="erase_account"))):
            perform(str(work_id))


def traces(installation: Installation, who: UUID | None) -> list[str]:
    """Name the tables that still know a client, but for the proofs of their deletion."""
    tables = installation.ask("SELECT tablename FROM pg_tables WHERE schemaname = 'public'")
    return [
        str(name)
        for (name,) in tables
        if name not in {"audit_log", "audit_seals", "erasures", "work", "day_changes", "farewells"}
        and installation.ask(f"SELECT 1 FROM {name} t WHERE t::text LIKE :who", who=f"%{who}%")
    ]


def test_who_was_erased_since_the_backup_is_erased_again(
    installation: Installation, lived: Lived
) -> None:
    file = installation.backup()
    erase(installation, lived.cast.bea.user_id)
    assert traces(installation, lived.cast.bea.client_id) == []
    done = installation.restore(file)
    assert done.erased_again >= 1
    assert traces(installation, lived.cast.bea.client_id) == []
    assert traces(installation, lived.cast.bea.user_id) == []
    assert traces(installation, lived.cast.carl.client_id)


def test_a_list_that_was_kept_apart_erases_in_an_empty_installation_too(
    installation: Installation,
    lived: Lived,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    file = installation.backup()
    erase(installation, lived.cast.bea.user_id)
    for name, value in environment_of(installation.settings).items():
        monkeypatch.setenv(name, value)
    printed = CliRunner().invoke(coach, ["erasures"], catch_exceptions=False).output
    assert "Bea" not in printed
    (tmp_path / "erasures.jsonl").write_text(printed)
    told = tuple(erasures.in_file(tmp_path / "erasures.jsonl"))
    with spare_database(installation.settings, tmp_path / "empty") as target:
        fresh = Installation(target, tmp_path, installation.whoop)
        fresh.restore(file, replace=False, erased=told)
        assert traces(fresh, lived.cast.bea.client_id) == []
        assert traces(fresh, lived.cast.carl.client_id)


def test_a_list_that_is_none_is_refused(tmp_path: Path) -> None:
    (tmp_path / "list").write_text("not json\n")
    with pytest.raises(Refused, match="coach erasures"):
        erasures.in_file(tmp_path / "list")


def token_calls(installation: Installation) -> int:
    asked = installation.whoop.app.extensions["journal"]
    return sum(call.path.endswith("/token") for call in asked)


def link(installation: Installation, lived: Lived, member: str) -> None:
    """Let Carl link an account that no other test uses."""
    with installation.running() as app:
        Linker(app, installation.whoop).link(lived.cast.carl, member)


def sync(installation: Installation, lived: Lived, *, times: int) -> None:
    """Let Carl's link be synced, each time with an access token that has run out."""
    for _ in range(times):
        installation.tell("UPDATE integration_tokens SET token_expires_at = now() - interval '1h'")
        installation.tell("UPDATE token_calls SET started_at = started_at - interval '2 hours'")
        with installation.inside():
            with acting_for(lived.cast.carl.organisation_id):
                mine = db.select(Integration).filter_by(client_id=lived.cast.carl.client_id)
                link = db.session.scalars(mine).one()
                if link.status == "reconnect_needed":
                    return
                work_id = jobs.ask_for_sync(link, trigger=Trigger.COMMAND)
                db.session.commit()
            perform(str(work_id))


def status_of_carl(installation: Installation, lived: Lived) -> object:
    found = installation.ask(
        "SELECT status FROM integrations WHERE client_id = :client",
        client=lived.cast.carl.client_id,
    )
    return found[0][0]


def test_tokens_of_an_old_backup_are_tried_once_and_then_the_client_is_asked(
    installation: Installation, lived: Lived
) -> None:
    link(installation, lived, "noah")
    file = installation.backup()
    sync(installation, lived, times=1)  # the token of the backup is spent by this
    installation.restore(file)
    before = token_calls(installation)
    sync(installation, lived, times=4)
    assert token_calls(installation) - before == 1
    assert status_of_carl(installation, lived) == "reconnect_needed"


def test_tokens_that_are_not_spent_go_on_after_one_try(
    installation: Installation, lived: Lived
) -> None:
    link(installation, lived, "ada")
    file = installation.backup()
    installation.restore(file)
    before = token_calls(installation)
    sync(installation, lived, times=2)
    assert token_calls(installation) - before == 2
    assert status_of_carl(installation, lived) != "reconnect_needed"


@pytest.mark.usefixtures("lived")
def test_a_copy_uses_no_grant_and_writes_to_nobody(installation: Installation) -> None:
    installation.tell("UPDATE work SET state = 'waiting', finished_at = NULL, queue = 'mail'")
    file = installation.backup()
    before = token_calls(installation)
    installation.restore(file, without_links=True)
    assert installation.ask("SELECT status FROM integrations") == [("reconnect_needed",)]
    assert installation.ask("SELECT count(*) FROM integration_tokens") == [(0,)]
    assert installation.ask("SELECT DISTINCT state FROM work") == [("done",)]
    assert token_calls(installation) == before
