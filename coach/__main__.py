"""The `coach` command: starts processes, and hands data commands to cli."""

import sys

import click
from redis.exceptions import RedisError
from sqlalchemy.exc import OperationalError

from coach import audit_commands, cli, data_commands, processes, token_commands
from coach.backup import commands as backup_commands
from coach.database.roles import RoleTooStrong
from coach.demo.command import demo
from coach.doctor import command as doctor_command
from coach.keys import commands as keys_commands
from coach.runtime.errors import CannotStart
from coach.sealing import KeysAway
from config import SettingsError


@click.group()
def coach() -> None:
    """Coach: WHOOP data for coaches and their clients."""


for command in (
    *(*processes.COMMANDS, *cli.COMMANDS, *data_commands.COMMANDS, *audit_commands.COMMANDS),
    *(*token_commands.COMMANDS, *keys_commands.COMMANDS, *backup_commands.COMMANDS),
    *(*doctor_command.COMMANDS, demo),
):
    coach.add_command(command)


def main() -> None:
    """Run a command; what an operator can mend is one plain message and exit code 1."""
    try:
        coach(standalone_mode=True)
    except (SettingsError, RoleTooStrong, CannotStart, cli.Refused) as error:
        sys.exit(_say(str(error)))
    except OperationalError as error:
        sys.exit(_say(f"The database is not reachable: {error.orig}\nCheck DATABASE_URL."))
    except KeysAway as error:
        sys.exit(_say(f"No keys: {error}\nCheck KMS_KEYS and the service's credentials."))
    except RedisError as error:
        sys.exit(_say(f"The queue is not reachable: {error}\nCheck REDIS_URL."))


def _say(message: str) -> int:
    click.echo(message, err=True)
    return 1


if __name__ == "__main__":
    main()
