# Sets up a virtual environment and hands over; all settings are in pyproject.toml and conf.py.
#   make html [PYTHON=python3.14] [SPHINXOPTS="-D poolcontext_python=python3.13"]
#   make test | lint | bench | audit | dist | lock | clean
#   make test-all | smoke [PYTHONS="python3.9 pypy3"]
#   make test-galleries [RELEASES="sphinx-gallery==0.19.0 sphinx==8.2.3"]
#   make test-all WINDOWS="'wine /opt/python.exe'"
PYTHON ?= python3
SPHINXOPTS ?=

# Which Python it is, such as cpython-311: a .venv made by another one is made anew.
TAG := $(shell $(PYTHON) -c "import sys; print(sys.implementation.cache_tag)")
ifeq ($(TAG),)
$(error PYTHON=$(PYTHON) does not run here: name another one, as in `make html PYTHON=python3.14`)
endif

# The usual one is .venv; one that was asked for by name stands beside it.
VENV := .venv$(if $(filter-out python3,$(PYTHON)),-$(TAG))
RUN := $(VENV)/bin/python -m
UV := $(VENV)/bin/uv

# Other versions of the tools run on the Pythons that are too old for the site, so these tests
# have a lock and virtual environments of their own.
HELPER := .venv-helper-$(TAG)
# Those that run: what a version manager puts into the PATH may have no Python behind it.
PYTHONS ?= $(foreach name,$(addprefix python3.,9 10 11 12 13 14 15) pypy3,$(shell \
    $(name) -c "import sys; print(sys.executable)" 2>/dev/null))

.PHONY: environment browser html test test-helper test-all test-galleries lint bench audit \
    dist smoke lock clean

environment:
	@$(PYTHON) .ci/environment.py $(VENV) requirements.txt

# Not every system has what drives one; without it, the tests that want it are skipped, and say so.
browser:
	@$(PYTHON) .ci/environment.py $(VENV) requirements.txt tests/site/requirements.txt

html: environment
	$(RUN) sphinx --builder html --nitpicky --fail-on-warning \
	    --conf-dir . --doctree-dir docs/_build/doctrees $(SPHINXOPTS) docs docs/_build/html

# Three at once, as many tests wait; a file with all its fixtures in one process. What is compiled
# is kept, as many processes want it. PYTEST_OPTS=--cov measures what is run: a fifth longer.
test: export PYTHONDONTWRITEBYTECODE :=
test: browser
	$(RUN) pytest --numprocesses 3 --dist loadfile --no-loadscope-reorder $(PYTEST_OPTS)

# The tests of all that needs no Sphinx.
test-helper:
	@$(PYTHON) .ci/environment.py $(HELPER) tests/requirements.txt
	$(HELPER)/bin/python -m pytest src/poolcontext tests/helper tests/capture tests/test_*.py $(PYTEST_OPTS)

# The same with every Python that is found, or that PYTHONS names, and those for Windows that WINDOWS
# names, each in quotes: Wine runs them.
test-all:
	$(call each-python,$(MAKE) --no-print-directory test-helper PYTHON=$$python \
	    PYTEST_OPTS="--hypothesis-profile=thorough $(PYTEST_OPTS)")
	$(if $(WINDOWS),.ci/wine $(WINDOWS))

# The tests of the extension, each time with another release of what it hooks into.
RELEASES ?= $(addprefix sphinx-gallery==,0.19.0 0.20.0 0.21.0 0.22.0) sphinx==8.2.3
test-galleries: browser
	failed=; for release in $(RELEASES); do \
	  echo "== $$release"; folder=$$(mktemp -d); \
	  $(UV) pip install --quiet --target $$folder $$release && \
	  PYTHONPATH=$$folder $(RUN) pytest --numprocesses 2 tests/sphinxext $(PYTEST_OPTS) || \
	    failed="$$failed $$release"; \
	  rm -rf $$folder; \
	done; test -z "$$failed" || { echo "failed:$$failed"; exit 1; }

define each-python
@test -n "$(strip $(PYTHONS))" || { echo "no Python was found: name them in PYTHONS"; exit 1; }; \
failed=; for python in $(PYTHONS); do \
  echo "== $$python"; $(1) || failed="$$failed $$python"; \
done; test -z "$$failed" || { echo "failed:$$failed"; exit 1; }
endef

lint: environment
	$(RUN) ruff check
	$(RUN) ruff format --check
	$(RUN) mypy
	$(RUN) codespell_lib
	PYTHONPATH=docs $(VENV)/bin/lint-imports
	$(VENV)/bin/zizmor --offline --quiet --strict-collection --persona pedantic .
	$(SCHEMA) vendor.github-workflows .github/workflows/*.yml
	$(SCHEMA) vendor.dependabot .github/dependabot.yml
	$(SCHEMA) vendor.readthedocs .readthedocs.yaml
	$(SCHEMA) vendor.github-issue-forms .github/ISSUE_TEMPLATE/[!c]*.yml
	$(SCHEMA) vendor.github-issue-config .github/ISSUE_TEMPLATE/config.yml
	$(SCHEMA) vendor.citation-file-format CITATION.cff
SCHEMA = $(VENV)/bin/check-jsonschema --builtin-schema

# Ratios, each taken in one run; it takes some minutes.
bench: environment
	$(VENV)/bin/python tests/bench.py

# Lighthouse on the main kinds of pages, vnu and a browser on all: wants npm, Java and Chromium, and some minutes.
audit: html browser
	cd tests/site && npm ci --no-audit --no-fund
	$(VENV)/bin/python tests/site/audit.py
	THOROUGH=1 $(RUN) pytest tests/helper/test_trial.py tests/sphinxext/test_ways.py \
	    $(addprefix tests/site/test_,every_page.py accessibility.py keyboard.py linear.py)

# A wheel and an sdist, the same bytes for the same commit: their time is that of its last commit,
# and without Git, in an unpacked sdist, that of its files. The wheel is built from the sdist.
# https://reproducible-builds.org/docs/source-date-epoch/
dist: environment
	rm -rf dist
	epoch=$$(git log -1 --format=%ct -- . 2>/dev/null); \
	SOURCE_DATE_EPOCH=$${epoch:-$$($(PYTHON) -c "import os; print(int(os.stat('pyproject.toml').st_mtime))")} \
	    $(UV) build --no-build-isolation --python $(VENV)/bin/python

# What is in dist, with every Python that is found, or that PYTHONS names.
smoke: dist
	$(call each-python,.ci/smoke $(UV) $$python)

# Writes the locks anew, with the newest versions, for every system: of the site, for every Python
# that builds it, of the helper's tests, for every one that it runs on, and of the browser's.
lock: environment
	$(COMPILE) --python-version 3.11 --output-file requirements.txt \
	    --group build --group docs --group beyond --group test --group lint --group dist
	$(COMPILE) --python-version 3.9 --output-file tests/requirements.txt \
	    --group build --group helper
	$(COMPILE) --python-version 3.11 --output-file tests/site/requirements.txt --group browser \
	    --constraint requirements.txt
COMPILE := $(UV) pip compile --universal --generate-hashes --upgrade --no-annotate --quiet \
    --custom-compile-command "make lock"

clean:
	rm -rf dist docs/_build docs/examples .venv .venv-*
