# The commands of this project. Each one brings what it needs by itself; `make help` lists them.

PORT ?= 8000
python := .venv/bin/python

# Many images forbid Python to keep what it compiled. Every command starts several processes, the tests some hundred, and
# compiling everything anew costs each of them twice what it costs to start.
unexport PYTHONDONTWRITEBYTECODE

.DEFAULT_GOAL := help
.PHONY: bench-acceptance bench-memory bench-pages bench-verifying help demo wheel image stack test chaos drill fuzz bench-notices check format requirements screenshots

help:  ## Show this list
	@sed -n 's/^\([a-z-]*\):.*## /\1\t/p' Makefile | expand -t 16

demo:  ## Run the product with demo data, PORT=8000; RESET=1 starts over
	@scripts/install demo
	@exec $(python) -m policysite demo --port $(PORT) $(if $(RESET),--reset)

wheel:  ## Build dist/*.whl, its bill of materials (CycloneDX) and the list of licenses
	@scripts/install development
	@exec $(python) -m scripts.wheel

image:  ## Build the image without a registry, as root, by buildah and mmdebstrap; BASE= takes another base
	@scripts/install development
	@exec $(python) -m scripts.image $(if $(BASE),--base $(BASE))

stack:  ## Run the production topology here, PORT=8000, with demo data: PostgreSQL, Redis, web, two workers, beat
	@scripts/install development
	@exec $(python) -m scripts.stack --port $(PORT) $(if $(EMPTY),--empty)

test:  ## Run every test on real services; ARGS="-k publish" picks some
	@scripts/install development
	@$(python) -m scripts.chromium
	@exec $(python) -m scripts.test $(ARGS)

chaos:  ## Kill, freeze and crash the stack while a notice is sent: 5 seeds, 3,000 people each (about 20 minutes)
	@scripts/install development
	@CHAOS_SEEDS=1,2,3,4,5 CHAOS_PEOPLE=3000 CHAOS_KILLS=30 CHAOS_CRASHES=3 \
		exec $(python) -m pytest tests/chaos/test_nemesis.py -s -p no:randomly $(ARGS)

drill:  ## Deploy, build and run the image, back up, restore on a new machine, upgrade, change keys, restart (some minutes)
	@scripts/install development
	@DRILL=whole exec $(python) -m pytest tests/drills tests/chaos/test_restored.py tests/chaos/test_marks.py \
		tests/test_stack_command.py -p no:randomly $(ARGS)

bench-notices:  ## Measure sending and enqueueing beside django-post_office and django-mailer (about 15 minutes)
	@scripts/install development
	@exec $(python) -m bench.notices

bench-acceptance:  ## Measure the gate, answering, sealing and verifying on a PostgreSQL of its own
	@scripts/install development
	@POLICYSITE_DEMO=1 exec $(python) bench/acceptance.py $(ARGS)

bench-verifying:  ## Measure "Verify everything" beside a loop that only reads the same rows and hashes them
	@scripts/install development
	@POLICYSITE_DEMO=1 exec $(python) bench/verifying.py

bench-pages:  ## Measure public pages beside nginx, a bare WSGI callable and a plain Django view (needs nginx and wrk)
	@scripts/install development
	@exec $(python) -m bench.pages

bench-memory:  ## Measure what a small site (policysite all) takes of memory
	@scripts/install development
	@exec $(python) -m bench.memory

fuzz:  ## Send 50,000 odd requests to every address and call (about half an hour); SEED=2, REQUESTS=1000
	@scripts/install development
	@FUZZ_REQUESTS=$(or $(REQUESTS),50000) FUZZ_SEED=$(or $(SEED),1) exec $(python) -m pytest tests/fuzz -s $(ARGS)

check:  ## Format, lint, types, layers, templates, migrations, deployment settings
	@scripts/install development
	@exec scripts/check

format:  ## Format and fix what can be fixed mechanically
	@scripts/install development
	@scripts/format

requirements:  ## Compile requirements/*.txt again; UPGRADE=1 takes newer releases
	@scripts/install development
	@scripts/compile-requirements $(if $(UPGRADE),--upgrade)

screenshots:  ## Take the pictures of the pages again
	@scripts/install development
	@$(python) -m scripts.chromium
	@exec $(python) -m scripts.screenshots
