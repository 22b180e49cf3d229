"""Looks at the machine: room on the disk, and whether mail gets out."""

import shutil
from collections.abc import Iterator
from smtplib import SMTPException

from coach.doctor.findings import Finding, Ground, fail, ok, warn
from coach.extensions import mail

GIGABYTE = 1024**3
WARN_BELOW_BYTES, FAIL_BELOW_BYTES = 5 * GIGABYTE, GIGABYTE // 2


def disk(ground: Ground) -> Iterator[Finding]:
    home = ground.settings.coach_home.absolute()
    try:
        free = shutil.disk_usage(home).free
    except FileNotFoundError:
        yield warn("disk", f"{home} is not there yet", "It is made when something is stored.")
        return
    says = f"{free / GIGABYTE:.1f} GB free for {home}"
    if free < WARN_BELOW_BYTES:
        made = fail if free < FAIL_BELOW_BYTES else warn
        yield made("disk", says, "Make room: uploads are refused when there is none.")
    else:
        yield ok("disk", says)


def letters(ground: Ground) -> Iterator[Finding]:
    """Tell whether the mail server lets us in; nothing is sent."""
    if ground.settings.mail_url is None:
        if ground.settings.in_production:
            yield warn("mail", "nothing is sent", "Set MAIL_URL; links must be passed on by hand.")
        else:
            yield ok("mail", "is written to files")
        return
    connection = mail.get_connection()
    try:
        connection.open()
    except (OSError, SMTPException) as error:
        does = "Check MAIL_URL: host, port, user, password, tls."
        yield fail("mail", f"the server does not let us in: {type(error).__name__}", does)
    else:
        connection.close()
        yield ok("mail", "the server lets us in")


LOOKS = (disk, letters)
