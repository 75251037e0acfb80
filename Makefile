# `make` alone lists the targets.

# The first of these names that is Python 3.11 or newer; `make env PYTHON=…` takes another.
PYTHON ?= $(shell for name in python3.11 python3 python; do \
	"$$name" -c 'import sys; sys.exit(sys.version_info < (3, 11))' >/dev/null 2>&1 && { echo "$$name"; break; }; done)

BIN := .venv/bin

# What the demo's sample is made of: options of coco simulate.
SAMPLE ?= --orders 3000 --seed 1 --faults 0.02
# The sample ends on 31 October 2026: it is loaded on the morning after, and looked at from that noon.
SAMPLE_LOADED_AT := 2026-11-01 06:00:00
SAMPLE_AS_OF := 2026-11-01 12:00:00

.DEFAULT_GOAL := help
.PHONY: help demo dashboard docs test static bench lint env spark profile sample clean

help: ## list the targets
	@sed -n 's/^\([a-z]*\):.*## \(.*\)/  make \1|\2/p' $(MAKEFILE_LIST) | awk -F'|' '{ printf "%-15s %s\n", $$1, $$2 }'

demo: env profile sample ## a sample made, loaded and built in the target dev, and the totals of its reconciliation
	@echo '==> Loading the sample: coco load sample/raw'
	@$(BIN)/coco load --target dev --loaded-at '$(SAMPLE_LOADED_AT)' sample/raw
	@echo '==> Building the warehouse, as of $(SAMPLE_AS_OF): dbt build'
	@$(BIN)/dbt build --target dev --vars '{as_of: "$(SAMPLE_AS_OF)"}'
	@echo
	@$(BIN)/coco summary --target dev

# A sample of other options, seeds or code is another company: loaded beside the first, it would be added to it.
SAMPLE_ORIGIN = $(SAMPLE) $(shell cat seeds/*.csv coco_warehouse/simulate/*.py coco_warehouse/simulate/*/*.py | cksum)

sample: env
	@if [ ! -e sample/raw ]; then \
		echo '==> Making the sample: coco simulate $(SAMPLE)'; \
		rm -rf sample && $(BIN)/coco simulate --out sample $(SAMPLE) && echo '$(SAMPLE_ORIGIN)' > sample/origin; \
	elif [ "$$(cat sample/origin 2>/dev/null)" != '$(SAMPLE_ORIGIN)' ]; then \
		echo 'The sample in sample/ was made with other options, other seeds or another version, and the warehouse holds it.' >&2; \
		echo 'To begin anew run: make clean, which removes sample/ and warehouse/*.duckdb, then make again.' >&2; exit 1; \
	fi

dashboard: env profile ## the marts published, and shown in the browser of this machine
	@$(BIN)/coco publish --target dev
	@$(BIN)/coco dashboard --target dev

# Both programs would tell their makers of each run, and one asks whether a newer version is out: all of that is off.
docs: env .venv-docs/.installed profile ## the documentation of every table, and the lineage of every column, as pages
	@$(BIN)/coco summary --target dev > /dev/null
	@echo '==> Describing every table and column: dbt docs generate --static'
	@$(BIN)/dbt --quiet docs generate --static --target dev
	@mkdir -p target/documentation && cp target/static_index.html target/documentation/tables.html
	@echo '==> Following every column to where it comes from: colibri generate'
	@DO_NOT_TRACK=1 DBT_COLIBRI_NO_VERSION_CHECK=1 PYTHONPATH=.venv-docs $(BIN)/python .venv-docs/bin/colibri generate \
		--output-dir target/documentation/lineage > target/documentation/lineage.log 2>&1 \
		&& ! grep -m 3 -F '[ERROR]' target/documentation/lineage.log >&2 \
		|| { echo 'The lineage has gaps: target/documentation/lineage.log says which.' >&2; exit 1; }
	@echo 'Open in a browser: target/documentation/tables.html and target/documentation/lineage/index.html'

test: env profile ## everything that a change must pass: ruff, mypy, pytest
	@$(MAKE) --no-print-directory --jobs 3 .venv-v2/.installed .venv-spark/.installed static
	@echo '==> pytest'
	@$(BIN)/pytest -n 2 --dist worksteal

static: env
	@echo '==> ruff and mypy'
	@$(BIN)/ruff check .
	@$(BIN)/mypy

bench: env .venv-bench/.installed ## what 100,000, 300,000 and a million orders cost, into docs/benchmarks.md: an hour, 30 GB of disk
	@PYTHONPATH=.venv-bench $(BIN)/python benchmarks/scale.py --write

lint: env profile static ## ruff, mypy and sqlfluff, which takes a few minutes
	$(BIN)/pytest -q tests/python/test_lint.py

env: .venv/.installed ## the environment .venv, exactly as requirements.lock says

# The dbt command of this project (coco_warehouse/dbt_command.py) replaces dbt-core's, so the project is installed last.
.venv/.installed: requirements.lock pyproject.toml
	@test -n '$(PYTHON)' || { echo 'This project needs Python 3.11 or newer, and none of python3.11, python3 and python is.' >&2; \
		echo 'Install it, or name it: make $(or $(MAKECMDGOALS),env) PYTHON=/path/to/python3.11' >&2; exit 1; }
	@'$(PYTHON)' -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { \
		echo "This project needs Python 3.11 or newer; $(PYTHON) is $$('$(PYTHON)' --version 2>&1)." >&2; exit 1; }
	@echo '==> Making the environment .venv (about half a minute)'
	@'$(PYTHON)' -m venv .venv
	@$(BIN)/python -m pip --disable-pip-version-check install --no-deps -r requirements.lock
	@$(BIN)/python -m pip --disable-pip-version-check install --no-deps --no-build-isolation -e .
	@touch $@

# dbt's v2 parser stands beside the environment: it asks for another dbt-core than the one that builds.
.venv-v2/.installed: requirements-v2.txt .venv/.installed
	@echo '==> Adding the parser of dbt v2, which the tests read the project with'
	@rm -rf .venv-v2
	@$(BIN)/python -m pip --disable-pip-version-check install --quiet --no-deps --target .venv-v2 -r requirements-v2.txt
	@touch $@

# What follows columns needs an older sqlglot than MetricFlow and sqlfluff have.
.venv-docs/.installed: requirements-docs.txt .venv/.installed
	@echo '==> Adding what follows columns through the models'
	@rm -rf .venv-docs
	@$(BIN)/python -m pip --disable-pip-version-check install --quiet --no-deps --target .venv-docs -r requirements-docs.txt
	@touch $@

.venv-bench/.installed: benchmarks/requirements.txt .venv/.installed
	@echo '==> Adding what the benchmarks compare and draw with'
	@rm -rf .venv-bench
	@$(BIN)/python -m pip --disable-pip-version-check install --quiet --target .venv-bench -r benchmarks/requirements.txt
	@touch $@

spark: .venv-spark/.installed ## the environment .venv-spark, in which dbt works on the target spark: docs/scale.md

# dbt-spark and Spark itself would be dead weight in the other; what both have is of one version in both.
.venv-spark/.installed: requirements-spark.lock $(wildcard spark/*) | .venv/.installed
	@echo '==> Making the environment .venv-spark (about a minute)'
	@rm -rf .venv-spark
	@$(BIN)/python -m venv .venv-spark
	@.venv-spark/bin/python -m pip --disable-pip-version-check install --quiet --no-deps -r requirements-spark.lock
	@cp -r spark "$$(.venv-spark/bin/python -c 'import pyspark; print(*pyspark.__path__)')/conf"
	@touch $@

profile: ## profiles.yml from profiles.example.yml, where there is none
	@test -e profiles.yml || { cp profiles.example.yml profiles.yml && echo '==> Copied profiles.example.yml to profiles.yml'; }

clean: ## remove what was built: sample, warehouse, target, logs and caches (.venv and others like it, and profiles.yml, stay)
	rm -rf sample warehouse/*.duckdb* warehouse/spark target logs .pytest_cache .mypy_cache .ruff_cache .hypothesis
