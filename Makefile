# Everything a person runs; each target installs what it needs. `make demo` and `make test` are enough.

PYTHON ?= python3
BIN := .venv/bin
NAME ?= quota
CATALOGUES := $(patsubst %.po,%.mo,$(wildcard coach/translations/*/LC_MESSAGES/*.po))
TEMPLATES := $(wildcard coach/*/templates)

.PHONY: demo test test-slow check fix bench lock translations chromium
.DELETE_ON_ERROR:

demo: .venv/runtime $(CATALOGUES)
	$(BIN)/coach demo

test: .venv/dev $(CATALOGUES) chromium
	$(BIN)/pytest -q -m "not slow"

test-slow: .venv/dev $(CATALOGUES) chromium
	$(BIN)/pytest -q -m slow

check: .venv/dev $(CATALOGUES)
	$(BIN)/ruff format --check -q .
	$(BIN)/ruff check -q .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/djlint --check --lint --quiet $(TEMPLATES)
	ENVIRONMENT=test COACH_HOME=var/check $(BIN)/coach check-migrations

fix: .venv/dev
	$(BIN)/ruff check -q --fix . || true
	$(BIN)/ruff format -q .
	$(BIN)/djlint --reformat --quiet $(TEMPLATES) || true

bench: .venv/dev $(CATALOGUES)
	$(BIN)/python -m benchmarks.$(NAME)

lock: .venv/uv
	$(BIN)/uv pip compile -q --universal --generate-hashes --no-annotate --no-header -p 3.11 \
	    pyproject.toml -o requirements.lock
	$(BIN)/uv pip compile -q --universal --generate-hashes --no-annotate --no-header -p 3.11 \
	    pyproject.toml --group dev -c requirements.lock -o requirements-dev.lock

translations: .venv/dev
	$(BIN)/pybabel -q extract -F coach/translations/babel.cfg -k _l --no-location --sort-output \
	    --omit-header -o coach/translations/messages.pot coach
	for locale in es ru; do $(BIN)/pybabel -q update -N --omit-header --no-wrap -l $$locale \
	    -i coach/translations/messages.pot -d coach/translations; done

%.mo: %.po | .venv/runtime
	$(BIN)/pybabel -q compile -i $< -o $@

# A real browser for the browser tests: the one that is there, else Debian's when we may install it.
chromium:
	@command -v chromium chromium-browser google-chrome >/dev/null 2>&1 || [ -n "$$COACH_CHROMIUM" ] || \
	if [ "$$(id -u)" = 0 ] && command -v apt-get >/dev/null; then \
	    apt-get -qq update && apt-get -qq install -y chromium >/dev/null; \
	else echo "No Chromium here: the browser tests will be skipped." >&2; fi

.venv/uv:
	$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "Coach needs Python 3.11 or newer.")'
	$(PYTHON) -m venv .venv || { echo "Python cannot make environments: install its venv package (Debian: python3-venv)." >&2; exit 1; }
	$(BIN)/python -m pip install -q --disable-pip-version-check uv
	touch $@

.venv/runtime: .venv/uv requirements.lock pyproject.toml
	$(BIN)/uv pip install -q --require-hashes -r requirements.lock
	$(BIN)/python -c 'import pathlib, site; pathlib.Path(site.getsitepackages()[0], "coach.pth").write_text(str(pathlib.Path.cwd()))'
	printf '#!/bin/sh\nexec "$(CURDIR)/.venv/bin/python" -m coach "$$@"\n' > $(BIN)/coach && chmod +x $(BIN)/coach
	touch $@

.venv/dev: .venv/runtime requirements-dev.lock
	$(BIN)/uv pip install -q --require-hashes -r requirements-dev.lock
	touch $@
