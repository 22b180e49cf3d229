"""Every sentence of the pages has its Spanish and its Russian."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from babel.messages.catalog import Catalog, Message
from babel.messages.extract import DEFAULT_KEYWORDS, extract_from_dir
from babel.messages.frontend import parse_mapping_cfg
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from flask import Flask

import coach
from coach.app import create_app
from config import Settings
from tests.conftest import close
from tests.critic import Critic

COACH = Path(coach.__file__).parent
PLURAL_FORMS = {"es": 2, "ru": 3}
PLACEHOLDER = re.compile(r"%\(\w+\)[a-z]")

Said = str | tuple[str, ...] | list[str] | None


def catalogue_of(language: str) -> Path:
    return COACH / "translations" / language / "LC_MESSAGES" / "messages.po"


def forms(said: Said) -> tuple[str, ...]:
    return (said,) if isinstance(said, str) else tuple(said or ())


def placeholders(said: Said) -> set[str]:
    return set(PLACEHOLDER.findall(" ".join(forms(said))))


@pytest.fixture(scope="module")
def extracted() -> set[Said]:
    """What pybabel would find in the code at this moment."""
    with (COACH / "translations" / "babel.cfg").open(encoding="utf-8") as mapping:
        methods, options = parse_mapping_cfg(mapping)  # type: ignore[no-untyped-call]  # by Babel
    found = extract_from_dir(COACH, methods, options, {**DEFAULT_KEYWORDS, "_l": None})
    return {message for _file, _line, message, _comments, _context in found}


@pytest.fixture(scope="module", params=PLURAL_FORMS)
def language(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture(scope="module")
def catalogue(language: str) -> Catalog:
    with catalogue_of(language).open("rb") as file:
        return read_po(file, abort_invalid=True)  # no locale given: the header has to say it


@pytest.fixture
def messages(catalogue: Catalog) -> list[Message]:
    return [message for message in catalogue if message.id]


def test_every_sentence_of_the_code_is_in_the_catalogue(
    extracted: set[Said], messages: list[Message]
) -> None:
    assert extracted
    assert extracted - {message.id for message in messages} == set()


def test_every_sentence_is_translated_in_all_its_forms(
    messages: list[Message], language: str
) -> None:
    wanted = {str: 1, tuple: PLURAL_FORMS[language]}
    assert [
        message.id
        for message in messages
        if len(list(filter(None, forms(message.string)))) != wanted[type(message.id)]
    ] == []


def test_no_translation_is_a_guess(messages: list[Message]) -> None:
    assert [message.id for message in messages if message.fuzzy] == []


def test_every_form_keeps_the_placeholders(messages: list[Message]) -> None:
    assert [
        form
        for message in messages
        for form in forms(message.string)
        if placeholders(form) != placeholders(message.id)
    ] == []


def test_the_header_names_the_language_and_its_plurals(catalogue: Catalog, language: str) -> None:
    assert str(catalogue.locale) == language
    assert catalogue.num_plurals == PLURAL_FORMS[language]
    assert "EMAIL@ADDRESS" not in str(catalogue.mime_headers)


def compile_catalogues() -> None:
    """Do for a bare pytest what make does before it."""
    for source in map(catalogue_of, PLURAL_FORMS):
        target = source.with_suffix(".mo")
        if not target.exists() or target.stat().st_mtime < source.stat().st_mtime:
            with source.open("rb") as file, target.open("wb") as made:
                write_mo(made, read_po(file))


@pytest.fixture(scope="module")
def fresh_app(settings: Settings) -> Iterator[Flask]:
    """Made after compiling: an application remembers the catalogues that it did not find."""
    compile_catalogues()
    made = create_app(settings)
    yield made
    close(made)


@pytest.mark.parametrize(
    ("accepted", "title"),
    [("es", "Iniciar sesión"), ("es-MX,es;q=0.9,en;q=0.8", "Iniciar sesión"), ("ru", "Войти")],
)
def test_a_page_speaks_the_language_of_the_browser(
    fresh_app: Flask, accepted: str, title: str
) -> None:
    page = Critic.of(fresh_app).get("/sign-in", headers={"Accept-Language": accepted}).text
    assert f"<h1>{title}</h1>" in page
    assert f'<html lang="{accepted[:2]}"' in page
