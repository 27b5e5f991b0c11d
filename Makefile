PYTHON = .venv/bin/python
COMPILE = .venv/bin/uv pip compile -q --universal --generate-hashes --no-emit-index-url --python-version 3.11 --no-header --extra demo --extra postgres pyproject.toml

lock:  ## write requirements/*.txt anew from pyproject.toml
	$(COMPILE) -o requirements/production.txt
	$(COMPILE) --group dev -o requirements/development.txt
