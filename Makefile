# Sets up a virtual environment and hands over; all settings are in pyproject.toml and conf.py.
#   make html [PYTHON=python3.14] [SPHINXOPTS="-D poolcontext_python=python3.13"]
#   make test | lint | lock | clean
PYTHON ?= python3
SPHINXOPTS ?=

# Which Python it is, such as cpython-311: a .venv made by another one is made anew.
TAG := $(shell $(PYTHON) -c "import sys; print(sys.implementation.cache_tag)")
ifeq ($(TAG),)
$(error PYTHON=$(PYTHON) does not run here: name another one, as in `make html PYTHON=python3.14`)
endif

# The usual one is .venv; one that was asked for by name stands beside it.
VENV := .venv$(if $(filter-out python3,$(PYTHON)),-$(TAG))
LOCKED := $(VENV)/locked-$(TAG)
READY := $(VENV)/ready-$(TAG)
RUN := $(VENV)/bin/python -m

.PHONY: html test lint lock clean

html: $(READY)
	$(RUN) sphinx --builder html --nitpicky --fail-on-warning --keep-going \
	    --conf-dir . --doctree-dir docs/_build/doctrees $(SPHINXOPTS) docs docs/_build/html

test: $(READY)
	$(RUN) pytest $(PYTEST_OPTS) --cov

lint: $(READY)
	$(RUN) ruff check
	$(RUN) ruff format --check
	$(RUN) mypy
	$(RUN) codespell_lib
	$(VENV)/bin/lint-imports

# Writes requirements.txt anew: for every Python that builds the site, on every system.
lock: $(READY)
	$(RUN) pip install --quiet uv
	$(RUN) uv pip compile --universal --python-version 3.11 --generate-hashes --upgrade \
	    --group build --group docs --group test --group lint --no-annotate \
	    --custom-compile-command "make lock" --output-file requirements.txt --quiet

clean:
	rm -rf docs/_build docs/examples .venv .venv-*

$(READY): $(LOCKED) pyproject.toml
	$(RUN) pip install --quiet --no-deps --no-build-isolation --editable .
	touch $@

# Debian keeps what makes pip in a package of its own; without it, the pip of python3 helps out.
$(LOCKED): requirements.txt
	@$(PYTHON) -c "import sys; sys.version_info >= (3, 11) or sys.exit('The site needs Python 3.11 or newer.')"
	rm -rf $(VENV)
	@if $(PYTHON) -c "import ensurepip" 2>/dev/null; then \
	  $(PYTHON) -m venv $(VENV); \
	elif python3 -c "import pip" 2>/dev/null; then \
	  $(PYTHON) -m venv --without-pip $(VENV) && \
	  python3 -m pip download --quiet --no-deps --dest $(VENV)/pip pip && \
	  PYTHONPATH=$$(echo $(VENV)/pip/pip-*.whl) $(RUN) pip install --quiet --no-deps $(VENV)/pip/pip-*.whl; \
	else \
	  echo "$(PYTHON) has no pip to give to a virtual environment: on Debian, install python3-venv."; exit 1; \
	fi
	$(RUN) pip install --quiet --require-hashes --requirement requirements.txt
	touch $@
