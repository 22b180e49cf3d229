"""What a token may be used for: few and clear, and never more than its person may do."""

from enum import StrEnum


class Scope(StrEnum):
    """One thing that a token is for."""

    READ_DAYS = "read:days"
    READ_JOURNAL = "read:journal"
    WRITE_DAYS = "write:days"
    READ_ROSTER = "read:roster"
    SYNC = "sync"
    IMPORTS = "imports"
    PEOPLE = "people"


MEANS = {
    Scope.READ_DAYS: "Days, records, moods, check-ins, tags and insights of the clients it may see",
    Scope.READ_JOURNAL: "Answers of WHOOP's journal, where the client shares them",
    Scope.WRITE_DAYS: "Values, moods, check-ins, tags, notes and preferences",
    Scope.READ_ROSTER: "The list of clients with their mornings, and alerts",
    Scope.SYNC: "Links to WHOOP and their syncs",
    Scope.IMPORTS: "Uploads of WHOOP's export",
    Scope.PEOPLE: "Clients' external ids, invitations and consents",
}
