"""The words of a day once more by a language model, for clients who agreed, where one is set up.

A model is told the sentences by rule and nothing else: no name, no id, no journal. What it makes is
shown only when it holds just the numbers it was given, no claim, and is short; else the sentences
by rule stand. A worker asks, so no page ever waits for a model.
"""

import json
import re
from hashlib import sha256
from uuid import UUID

from sqlalchemy import delete, select
from sqlalchemy.dialects.postgresql import insert

from coach.database.tenancy import current_organisation
from coach.extensions import db, settings
from coach.ids import new_id
from coach.insights.words_models import Rewriting, RewrittenWords
from coach.outbound.door import Outbound
from coach.outbound.errors import OutboundError
from coach.work.asking import Kind, ask
from coach.work.leases import Piece, unit_of_work
from coach.work.models import Queue
from coach.work.perform import does

REWRITE = Kind("rewrite_words", Queue.INSIGHTS)
DEADLINE_SECONDS = 20.0
LONGEST = 1200
_LANGUAGES = {"en": "English", "es": "Spanish", "ru": "Russian"}
_TASK = (
    "Rewrite these sentences about one person's wearable data as one short, plain paragraph in"
    " {language}. Keep every number as it stands, in digits and in this order; add no other. Add no"
    " advice, no cause, no diagnosis, no prediction and no praise."
)
_NUMBER = re.compile(r"\d+(?:[.,]\d+)*")
# Of the claims that science.md forbids, the stems, in the languages we speak.
_CLAIMS = re.compile(
    r"diagn|predict|detect|injur|illness|disease|overtrain|burnout|depress|medical|\brisk|"
    r"predic|detecta|lesi[oó]n|enferm|sobreentren|depresi|riesgo|m[eé]dic|"
    r"диагн|предсказ|прогноз|травм|болезн|заболев|перетренир|выгоран|депресс|риск|медицин",
    re.IGNORECASE,
)


def is_offered() -> bool:
    """Tell whether this installation has a language model."""
    return settings().language_model_url is not None


def has_agreed(client_id: UUID) -> bool:
    """Tell whether a client lets a model word their figures."""
    mine = Rewriting.organisation_id == current_organisation()
    chosen = select(Rewriting.client_id).where(mine, Rewriting.client_id == client_id)
    return db.session.scalar(chosen) is not None


def decide(client_id: UUID, *, agreed: bool) -> None:
    """Agree, or take it back: then what a model made is deleted."""
    owner = current_organisation()
    if agreed:
        row = insert(Rewriting).values(organisation_id=owner, client_id=client_id)
        db.session.execute(row.on_conflict_do_nothing())
        return
    for table in (Rewriting, RewrittenWords):
        theirs = (table.organisation_id == owner, table.client_id == client_id)
        db.session.execute(delete(table).where(*theirs))


def rewritten(client_id: UUID, by_rule: str, language: str) -> str | None:
    """Give what a model made of these words; asks for it when nobody has, and then gives None."""
    if not is_offered() or not by_rule or not has_agreed(client_id):
        return None
    owner, told = current_organisation(), _hash(by_rule, language)
    found = db.session.execute(
        select(RewrittenWords.text).where(
            RewrittenWords.organisation_id == owner,
            RewrittenWords.client_id == client_id,
            RewrittenWords.by_rule_hash == told,
        )
    ).one_or_none()
    if found is None:
        _ask(client_id, by_rule, language)
    return found.text if found else None


def _ask(client_id: UUID, by_rule: str, language: str) -> None:
    owner = current_organisation()
    row = insert(RewrittenWords).values(
        id=new_id(),
        organisation_id=owner,
        client_id=client_id,
        language=language,
        by_rule=by_rule,
        by_rule_hash=_hash(by_rule, language),
    )
    kept = row.on_conflict_do_nothing().returning(RewrittenWords.id)
    made = db.session.execute(kept).scalar_one_or_none()
    if made is not None:
        ask(REWRITE, organisation_id=owner, subject_id=made)


@does(REWRITE)
def rewrite(piece: Piece) -> None:
    """Ask the model once; whatever is wrong with its answer, the words by rule stand."""
    with unit_of_work():
        row = db.session.get(RewrittenWords, (current_organisation(), piece.subject_id))
        told = (row.by_rule, row.language) if row and has_agreed(row.client_id) else None
    if told is None or not is_offered():
        return
    text = _by_model(*told)
    with unit_of_work():
        row = db.session.get(RewrittenWords, (current_organisation(), piece.subject_id))
        if row is not None and is_fit(text, told[0]):
            row.text = text


def is_fit(text: str, by_rule: str) -> bool:
    """Tell whether a model kept to what it was given."""
    if not 0 < len(text) <= min(LONGEST, 2 * len(by_rule)) or not text.isprintable():
        return False
    # Number for number in the same order: none new, none gone, no two changed about.
    same = _NUMBER.findall(text) == _NUMBER.findall(by_rule)
    return same and not _CLAIMS.search(text)


def _by_model(by_rule: str, language: str) -> str:
    """Ask the model; an empty text when it did not answer as one does."""
    known = settings()
    said = {
        "model": known.language_model_name,
        "max_tokens": LONGEST,
        "messages": [
            {"role": "system", "content": _TASK.format(language=_LANGUAGES[language])},
            {"role": "user", "content": by_rule},
        ],
    }
    headers = {"Content-Type": "application/json"}
    if known.language_model_key is not None:
        headers["Authorization"] = f"Bearer {known.language_model_key.get_secret_value()}"
    try:
        answer = Outbound([str(known.language_model_url)]).request(
            "POST",
            f"{known.language_model_url}/chat/completions",
            headers=headers,
            content=json.dumps(said).encode(),
            deadline_seconds=DEADLINE_SECONDS,
            read_seconds=DEADLINE_SECONDS,
        )
        return _text_of(answer.body) if answer.status == 200 else ""
    except OutboundError:
        return ""


def _text_of(body: bytes) -> str:
    try:
        said = json.loads(body)["choices"][0]["message"]["content"]
    except (ValueError, KeyError, IndexError, TypeError, RecursionError):
        return ""
    return " ".join(said.split()) if isinstance(said, str) else ""


def _hash(by_rule: str, language: str) -> str:
    said = [settings().language_model_name, language, by_rule]
    return sha256(json.dumps(said).encode()).hexdigest()
