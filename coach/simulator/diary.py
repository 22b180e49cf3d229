"""What members answered in their journal; only the export has it."""

from collections.abc import Iterator

from coach.simulator.csv_rows import Row, cycle_key
from coach.simulator.life import Chapter
from coach.simulator.members import Member

ANSWERS_FROM = 0.35  # share of the days on which the member opens the journal
NOTES = 0.06
QUESTIONS = {
    "Have any alcoholic drinks?": 0.25,
    "Have any caffeine? ": 0.8,  # the trailing blank is WHOOP's own
    "Viewed a screen device in bed?": 0.5,
    "Feeling sick, or getting sick?": 0.05,
    "Took magnesium?": 0.3,
}
REMARKS = (
    "two glasses, late",
    "Café with J\u00fcrgen",
    "bad day\nbetter evening",
    'called it "rest"',
)
UNFINISHED = {"Question text": "Have any alcoholic drinks?", "Answered yes": "false"}


def diary_rows(member: Member, chapters: list[Chapter], *, newest: bool) -> Iterator[Row]:
    """Return the journal, newest first; the newest form begins with an answer without a cycle."""
    if newest:
        yield UNFINISHED
    for chapter in reversed(chapters):
        yield from _answers(member, chapter)


def _answers(member: Member, chapter: Chapter) -> Iterator[Row]:
    day = chapter.cycle.start.date()
    chance = member.dice(day, "journal")
    if chance.random() > ANSWERS_FROM:
        return
    for question, likely in QUESTIONS.items():
        yield cycle_key(chapter.cycle) | {
            "Question text": question,
            "Answered yes": "true" if chance.random() < likely else "false",
            "Notes": chance.choice(REMARKS) if chance.random() < NOTES else "",
        }
