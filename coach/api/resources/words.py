"""Insights in words: a day in sentences, each with its numbers."""

from datetime import date as Date  # noqa: N812  # the field is called date
from uuid import UUID

from flask_babel import get_locale
from flask_babel import gettext as _
from pydantic import Field, TypeAdapter
from sqlalchemy import select

from coach.accounts.models import Role
from coach.api import auth, clients
from coach.api.choosing import theirs
from coach.api.operations import operation
from coach.api.scopes import Scope
from coach.api.shapes import Answer, Only, Said, Sparse
from coach.extensions import db
from coach.insights import words_rewriting
from coach.insights.models import Insight
from coach.insights.signals import Signal
from coach.insights.words_sentences import Sentence, sentences
from coach.web.problems import Refused

TAG = "Insights"
_SIGNALS = TypeAdapter(list[Signal])


class OneSentence(Answer):
    """A sentence by rule, and the numbers in it."""

    about: str = Field(examples=["hrv"])
    text: str = Field(
        examples=["HRV of the last 7 days: 61 ms, within the own range of 55 to 68 ms."]
    )
    numbers: dict[str, float] = Field(examples=[{"week_ms": 61, "low_ms": 55, "high_ms": 68}])


class InsightWords(Sparse):
    """A day in words; `rewritten` is by a language model, and null where there is none."""

    date: Date
    language: str = Field(examples=["en"])
    sentences: list[OneSentence]
    rewritten: str | None = Field(
        description="the same by a language model, where the client agreed; mark it as such",
        examples=["Over the last 7 days HRV was 61 ms, within the own range of 55 to 68 ms."],
    )
    note: str = Field(examples=["Not a medical device."])
    not_shared: list[str]


class RewritingChoice(Answer):
    """Whether the client lets a language model word their figures, and whether there is one."""

    agreed: bool
    offered: bool


class NewRewritingChoice(Said):
    """Agree, or take it back: then what was made is deleted."""

    agreed: bool


class AskedDay(Only):
    """Of which day; the newest known when none is named."""

    date: Date | None = Field(None, description="a date in the client's days")


@operation("/clients/<client_id>/insights/words", Scope.READ_DAYS, InsightWords, tag=TAG)
def get_insight_words(client_id: str, query: AskedDay) -> InsightWords:
    """Say a day in sentences, in the language of `Accept-Language`: English, Spanish or Russian.

    They are made by rule from the figures of the day alone. A client may agree to have them
    reworded by a language model, where the installation has one; its text is a second, marked one.
    """
    looked = clients.look(client_id, "insights in words")
    found = _insight(looked, query.date)
    said = sentences(found, _SIGNALS.validate_python(found.signals), looked.shares)
    language = get_locale().language
    by_rule = "\n".join(each.text for each in said)
    return InsightWords(
        date=found.date,
        language=language,
        sentences=[_sentence(each) for each in said],
        rewritten=words_rewriting.rewritten(looked.client.id, by_rule, language),
        note=_("Not a medical device, not for diagnosis or treatment. Data may be late or wrong."),
        not_shared=looked.withheld,
    )


@operation("/clients/<client_id>/insights/rewriting", Scope.READ_DAYS, RewritingChoice, tag=TAG)
def get_rewriting(client_id: str) -> RewritingChoice:
    """Say whether the client lets a language model word their figures."""
    return _choice(clients.find(client_id).id)


@operation(
    "/clients/<client_id>/insights/rewriting",
    Scope.WRITE_DAYS,
    RewritingChoice,
    tag=TAG,
    method="PUT",
)
def decide_rewriting(client_id: str, json: NewRewritingChoice) -> RewritingChoice:
    """Let a language model word the figures, or no more; only the client decides."""
    auth.only(Role.CLIENT)
    client = clients.find(client_id)
    words_rewriting.decide(client.id, agreed=json.agreed)
    return _choice(client.id)


def _insight(looked: clients.Looked, day: Date | None) -> Insight:
    mine = select(Insight).where(
        *theirs(Insight, looked.client),
    )
    if day is not None:
        mine = mine.where(Insight.date == day)
    found = db.session.scalar(mine.order_by(Insight.date.desc()).limit(1))
    if found is None or not looked.shares:
        raise Refused(404)
    return found


def _sentence(said: Sentence) -> OneSentence:
    return OneSentence(about=said.about, text=said.text, numbers=dict(said.numbers))


def _choice(client_id: UUID) -> RewritingChoice:
    return RewritingChoice(
        agreed=words_rewriting.has_agreed(client_id), offered=words_rewriting.is_offered()
    )
