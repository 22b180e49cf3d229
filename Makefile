# Everything a person runs; each target installs what it needs. `make demo` and `make test` are enough.

PYTHON ?= python3
BIN := .venv/bin
NAME ?= quota
CATALOGUES := $(patsubst %.po,%.mo,$(wildcard coach/translations/*/LC_MESSAGES/*.po))
TEMPLATES := $(wildcard coach/*/templates)
LOCK := $(BIN)/uv pip compile -q --universal --generate-hashes --no-annotate --no-header \
    --python-version 3.11 pyproject.toml

.PHONY: demo test test-slow check fix bench lock translations chromium audit sbom
.DELETE_ON_ERROR:

demo: .venv/runtime $(CATALOGUES)
	$(BIN)/coach demo $(DEMO)

test: .venv/dev $(CATALOGUES) chromium
	ENVIRONMENT=test $(BIN)/pytest -q -m "not slow" -n 3 --dist loadfile

test-slow: .venv/dev $(CATALOGUES) chromium
	ENVIRONMENT=test $(BIN)/pytest -q -m slow

check: .venv/dev $(CATALOGUES)
	$(BIN)/ruff format --check -q .
	$(BIN)/ruff check -q .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/djlint --check --lint $(TEMPLATES)
	ENVIRONMENT=test COACH_HOME=var/check $(BIN)/coach check-migrations

fix: .venv/dev
	$(BIN)/ruff check -q --fix . || true
	$(BIN)/ruff format -q .
	$(BIN)/djlint --reformat --quiet $(TEMPLATES) || true

bench: .venv/dev $(CATALOGUES)
	@$(BIN)/python -m benchmarks.$(NAME)

# Fails, too, when no advisory source can be asked; so it is no part of `make check`.
audit: .venv/dev
	@$(BIN)/python -m tests.packaging.audit

sbom: .venv/dev
	@$(BIN)/python -m tests.packaging.sbom

# Keeps the versions that still fit; `make lock UPGRADE=--upgrade` takes the newest.
lock: .venv/uv
	$(LOCK) $(UPGRADE) --all-extras --group dev -o requirements-dev.lock
	$(LOCK) --all-extras -c requirements-dev.lock -o requirements-extras.lock
	$(LOCK) -c requirements-dev.lock -o requirements.lock

# The header stays in the .po files: without its Plural-Forms Russian plurals are wrong.
translations: .venv/dev
	$(BIN)/pybabel -q extract -F coach/translations/babel.cfg -k _l --no-location --sort-output \
	    -o coach/translations/messages.pot coach
	for locale in es ru; do $(BIN)/pybabel -q update -N --no-wrap --ignore-pot-creation-date \
	    --init-missing -l $$locale -i coach/translations/messages.pot -d coach/translations; done

# A catalogue whose header is marked fuzzy would be skipped without an error.
%.mo: %.po | .venv/runtime
	@rm -f $@
	$(BIN)/pybabel -q compile -i $< -o $@
	@test -f $@ || { echo "$<: remove '#, fuzzy' above its header." >&2; exit 1; }

# A real browser for the browser tests: the one that is there, else Debian's when we may install it.
chromium: | .venv/dev
	@$(BIN)/python -m tests.chromium

# uv itself comes by the version and hash of the lock, like everything else.
.venv/uv:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "Coach needs Python 3.11 or newer; name one: make PYTHON=python3.12")'
	@$(PYTHON) -c 'import ensurepip, venv' || { echo "Python cannot make environments: install its venv package (Debian: python3-venv)." >&2; exit 1; }
	@echo "Installing into .venv, once; this takes a moment."
	$(PYTHON) -m venv .venv
	awk '/^[^ ]/ {inside = /^uv==/} inside' requirements-dev.lock > .venv/uv.lock
	$(BIN)/python -m pip install -q --disable-pip-version-check --require-hashes -r .venv/uv.lock
	touch $@

.venv/runtime: .venv/uv requirements.lock pyproject.toml
	$(BIN)/uv pip install -q --python $(BIN)/python --require-hashes -r requirements.lock
	$(BIN)/python -c 'import pathlib, site; pathlib.Path(site.getsitepackages()[0], "coach.pth").write_text(str(pathlib.Path.cwd()))'
	printf '#!/bin/sh\nexec "%s/.venv/bin/python" -m coach "$$@"\n' '$(CURDIR)' > $(BIN)/coach && chmod +x $(BIN)/coach
	touch $@

.venv/dev: .venv/runtime requirements-dev.lock
	$(BIN)/uv pip install -q --python $(BIN)/python --require-hashes -r requirements-dev.lock
	touch $@
