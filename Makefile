# Two commands for a new user: `make demo` and `make test`. Both set the project up first.
export UV_PYTHON_DOWNLOADS = never
PYTHON ?= python3
BIN = .venv/bin
READY = .venv/.ready

.PHONY: demo test lint types walls unit bench golden lock clean

$(READY): requirements.lock pyproject.toml
	$(PYTHON) -m venv .venv
	$(BIN)/python -m pip install --quiet --disable-pip-version-check uv
	$(BIN)/uv pip sync --quiet --require-hashes requirements.lock
	$(BIN)/uv pip install --quiet --no-deps --editable .
	touch $@

demo: $(READY)
	$(BIN)/haidang check content/examples/facts --advisories content/examples/advisories \
	    --letter content/examples/letter.txt --intel content/examples/intel --agencies content/examples/agencies.csv \
	    --on 2026-02-23 --out demo/check || [ $$? -eq 10 ]  # 10: flaws are open
	$(BIN)/haidang check content/examples/botnet/danh-sach-02-2026.csv --networks content/examples/facts \
	    --agencies content/examples/agencies.csv --before content/examples/botnet/danh-sach-01-2026.txt \
	    --nat content/examples/botnet/nat-so-xay-dung.csv content/examples/botnet/dhcp-so-xay-dung.csv --skew 5 \
	    --on 2026-02-23 --out demo/botnet || [ $$? -eq 10 ]  # 10: addresses are open
	$(BIN)/haidang hunt content/examples/logs --indicators content/examples/indicators --agency so-y-te \
	    --canary canary-2f6c1d.haidang.example --on 2026-02-23 --out demo/hunt || [ $$? -eq 10 ]  # 10: found
	$(BIN)/haidang judge content/examples/letter.txt --agencies content/examples/agencies.csv \
	    --facts content/examples/facts --intel content/examples/intel --intel demo/check/intel \
	    --on 2026-02-23 --out demo/judge

test: lint types walls unit

lint: $(READY)
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/deptry --config pyproject.toml src

types: $(READY)
	$(BIN)/mypy

walls: $(READY)
	$(BIN)/lint-imports

unit: $(READY)
	$(BIN)/pytest -n auto

bench: $(READY)
	$(BIN)/python -m bench

# Rewrites every golden `expected`; read the diff before you commit it.
golden: $(READY)
	HAIDANG_REWRITE_GOLDEN=1 $(BIN)/pytest -q tests -k golden

# Pins every library by version and hash, without naming where it is fetched from.
lock: pyproject.toml
	$(BIN)/uv pip compile --quiet --universal --generate-hashes --no-header --all-extras --group dev \
	    --no-emit-index-url --output-file requirements.lock pyproject.toml

clean:
	rm -rf .venv demo build dist
