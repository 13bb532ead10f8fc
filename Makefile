# Everything one does with the platform. Each target does its own set-up; `make run` and `make test` are enough.

# The first of these that is Python 3.11; `make PYTHON=/path/to/python3.11` names another one.
PYTHON ?= $(shell for name in python3.11 python3 python; do \
  $$name -c 'import sys; sys.exit(sys.version_info[:2] != (3, 11))' 2>/dev/null && echo $$name && break; done)
PY := .venv/bin/python
ARGS ?=
# How many test processes: one per core unless said otherwise.
JOBS ?= auto
# A file's tests stay together, in order: what a file sets up (a platform, a browser, a year) is set up once.
SPREAD := --dist loadfile --no-loadscope-reorder

# Compiled modules are kept, whatever the environment says: every process would compile the whole product anew.
unexport PYTHONDONTWRITEBYTECODE

# What follows is done to each template of ours.
TEMPLATES := git ls-files -z --cached --others --exclude-standard -- '*.html' | xargs -0 -r

.PHONY: help run test soak check fmt bench lock install install-dev

help:
	@echo "make run     装好并启动全部（Ctrl-C 结束）"
	@echo "make test    装好并跑全部测试（ARGS=… 只跑一部分，JOBS=0 单进程）"
	@echo "make soak    同 make test，另把长跑的（杀进程、随机输入、隔离）全部跑完"
	@echo "make check   代码检查：格式、类型、依赖方向、迁移"
	@echo "make fmt     整理格式"
	@echo "make bench   性能对比"
	@echo "make lock    重新锁定依赖"

run: install
	@exec $(PY) -m runtime run

test: install-dev
	@$(PY) -m runtime.machine
	@$(PY) -m runtime.assets --dev
	@exec $(PY) -m pytest -n $(JOBS) $(SPREAD) $(ARGS)

# The same tests; the long runs in full instead of a share of each (tests/scale.py).
soak: export SOAK = 1
soak: test

check: install-dev
	@test ! -e platform/__init__.py || { echo "platform/ 不能有 __init__.py：它会挡住标准库的 platform 模块。" >&2; exit 1; }
	$(PY) -m ruff check .
	$(PY) -m ruff format --check .
	$(PY) -m mypy
	$(PY) -m mypy --config-file apps/sandbox/mypy.ini
	.venv/bin/lint-imports --no-logo
	$(TEMPLATES) .venv/bin/djade --target-version 5.2 --check
	$(TEMPLATES) .venv/bin/djangofmt --quiet --check
	$(PY) manage.py makemigrations --check --dry-run
	@DJANGO_SETTINGS_MODULE=apps.sandbox.settings_check $(PY) -W ignore -m django makemigrations --check --dry-run
	@echo "检查通过。"

fmt: install-dev
	$(PY) -m ruff check --fix --quiet . || true
	$(PY) -m ruff format .
	$(TEMPLATES) .venv/bin/djangofmt --quiet
	$(TEMPLATES) .venv/bin/djade --target-version 5.2 || true

bench: install-dev
	@exec $(PY) -m benchmarks $(ARGS)

# Ranges in pyproject.toml → exact versions with hashes. No host addresses: every machine uses its own index.
LOCK := $(PY) -m uv pip compile --quiet --generate-hashes --no-emit-index-url --no-header --python-version 3.11
lock: install-dev
	$(LOCK) pyproject.toml --output-file requirements.lock
	$(LOCK) pyproject.toml --extra dev --extra retail --constraints requirements.lock --output-file requirements-dev.lock

install:
	@$(call python,)

install-dev:
	@$(call python,--dev)

define python
"$(PYTHON)" -c '' 2>/dev/null || { \
  echo "没有找到 Python 3.11：请先安装它，或者用 make PYTHON=/路径/python3.11 指定。" >&2; exit 1; }; \
"$(PYTHON)" -I platform/runtime/install.py $(1)
endef
