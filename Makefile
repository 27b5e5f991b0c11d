# What can be done here. `make` alone lists it; `python3 manage.py test` makes the environment first.
PYTHON ?= .venv/bin/python
BIN = $(dir $(PYTHON))
COMPILE = $(BIN)uv pip compile -q --universal --generate-hashes --no-emit-index-url --python-version 3.11 --no-header
EXTRAS = --extra demo --extra postgres
# Only enough for Django to judge the production settings; no real secret.
DEPLOY = DJANGO_SETTINGS_MODULE=config.settings.prod SECRET_KEY=$$($(PYTHON) -c "import secrets; print(secrets.token_urlsafe(50))") \
	FIELD_KEYS=Y2Fubm90LWJlLWEtc2VjcmV0LWluLWEtdGVzdC0wMDE= PUBLIC_URL=https://ringdove.example ALLOWED_HOSTS=ringdove.example

.PHONY: help demo test lint lint-types lint-rest fix contract bench storm fuzz load screenshot lock vendor

help:  ## this list
	@awk -F':.*## ' '/^[a-z]+:.*## / {printf "  make %-11s %s\n", $$1, $$2}' Makefile

demo:  ## run the whole product here (same as python3 manage.py demo)
	python3 manage.py demo

test:  ## run every test (same as python3 manage.py test)
	python3 manage.py test $(ARGS)

lint:  ## style, types, templates, layers, migrations, production settings
	$(MAKE) --no-print-directory -j 2 lint-types lint-rest

# By itself, since it takes longer than all the rest, on one processor.
lint-types:
	$(BIN)mypy

lint-rest:
	$(BIN)ruff check .
	$(BIN)ruff format --check .
	$(BIN)djlint --lint --quiet .
	$(BIN)lint-imports
	$(PYTHON) manage.py makemigrations --check --dry-run
	$(DEPLOY) $(PYTHON) manage.py check --deploy --fail-level WARNING

fix:  ## let ruff mend what it can
	$(BIN)ruff check --fix .
	$(BIN)ruff format .

contract:  ## hold client and simulator to the written contract of Vibes, at length
	$(PYTHON) -m tests.contract.full $(ARGS)

bench:  ## measure: make bench NAME=advance ARGS="--people 100000 --json"
	$(PYTHON) -m tests.bench.$(or $(NAME),$(error say which: make bench NAME=advance)) $(ARGS)

storm:  ## kill and freeze everything at random, then count: make storm ARGS="--members 5000 --kills 25 --seed 1"
	$(PYTHON) -m tests.storm $(ARGS)

fuzz:  ## throw rubbish at the callback endpoint: make fuzz ARGS="--count 10000"; at smart lists: ARGS="--of audience"
	$(PYTHON) -m tests.fuzz $(ARGS)

load:  ## many browsers at once (not written yet)
	@echo "There is no load test yet." >&2; exit 1

screenshot:  ## take the README's picture from a fresh demo
	$(PYTHON) -m tests.screenshot

lock:  ## write requirements/*.txt anew from pyproject.toml
	$(COMPILE) $(EXTRAS) pyproject.toml -o requirements/production.txt
	$(COMPILE) $(EXTRAS) --group dev pyproject.toml -o requirements/development.txt
	echo uv | $(COMPILE) -o requirements/bootstrap.txt -

vendor:  ## fetch the third-party browser files anew and check them against their manifest
	$(PYTHON) .ci/vendor.py
