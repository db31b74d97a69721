# Every task of the project. `make help` lists the targets.
.DEFAULT_GOAL := help
.PHONY: help build pages install deb faults fuzz sanitize demo train retrieval test bench calibrate oracles format site reference tutorials clean

EARSHOT := .build/release/earshot
SOURCES := Package.swift $(shell find Sources -type f)
SOUNDS := studies/demo/sounds
PORT ?= 8080

help: ## show this list
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-10s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

.build/setup-%: setup.sh
	@./setup.sh $*
	@mkdir -p .build && touch $@

# Statically linked with Swift's own libraries, so that it runs where Swift is not installed.
RELEASE := swift build -c release --static-swift-stdlib --disable-local-rpath --product

$(EARSHOT): $(SOURCES) | .build/setup-demo
	$(RELEASE) earshot
	@touch $@

# Minified pages for listeners' browsers. The server sends them while the sources that `made-from` lists are unchanged.
COMPACT := Public/compact
PAGES := $(shell find Public -path $(COMPACT) -prune -o -type f -print | LC_ALL=C sort)
MINIFY := esbuild --minify --charset=utf8 --log-level=warning

$(COMPACT)/made-from: $(PAGES) Makefile | .build/setup-demo
	rm -rf $(COMPACT)
	$(MINIFY) Public/scripts/main.js --bundle --splitting --format=esm --target=chrome85,firefox90,safari15 --outdir=$(COMPACT)/scripts
	$(MINIFY) Public/scripts/browser-check.js --target=es5 --outdir=$(COMPACT)/scripts
	$(MINIFY) Public/styles/base.css Public/styles/listening.css --outdir=$(COMPACT)/styles
	cd Public && sha256sum $(PAGES:Public/%=%) >compact/made-from

pages: $(COMPACT)/made-from ## minify the listeners' pages

build: $(EARSHOT) pages ## build a release binary in .build/release/earshot

PREFIX ?= /usr/local
ROOT = $(DESTDIR)$(PREFIX)

install: build ## install program, pages, manual, completions, systemd unit: PREFIX=/usr/local
	install -d $(ROOT)/bin $(ROOT)/share/earshot/models $(ROOT)/share/man/man1 $(ROOT)/lib/systemd/system \
	  $(ROOT)/share/bash-completion/completions $(ROOT)/share/zsh/site-functions $(ROOT)/share/fish/vendor_completions.d
	install -m 755 $(EARSHOT) $(ROOT)/bin/earshot
	cp -R Public $(ROOT)/share/earshot/
	find studies -type f -not -path 'studies/*/data/*' -not -path 'studies/*/sounds/*' -exec cp --parents -t $(ROOT)/share/earshot/ {} +
	cp models/conditional.safetensors $(ROOT)/share/earshot/models/
	$(EARSHOT) help man >$(ROOT)/share/man/man1/earshot.1
	$(EARSHOT) --generate-completion-script bash | sed '1{/^#!/d}' >$(ROOT)/share/bash-completion/completions/earshot
	$(EARSHOT) --generate-completion-script zsh >$(ROOT)/share/zsh/site-functions/_earshot
	$(EARSHOT) --generate-completion-script fish >$(ROOT)/share/fish/vendor_completions.d/earshot.fish
	sed 's|/usr/local|$(PREFIX)|' deploy/earshot@.service >$(ROOT)/lib/systemd/system/earshot@.service

deb: build | .build/setup-deb ## build a Debian package in .build/deb and check it with lintian
	deploy/deb $(EARSHOT)

# The sounds are made once. To make them again, remove studies/demo/sounds.
$(SOUNDS)/library/library.csv: | $(EARSHOT)
	$(EARSHOT) library build --set demo --out $(SOUNDS)/library

$(SOUNDS)/mixes/mixes.csv: $(SOUNDS)/library/library.csv
	$(EARSHOT) mix --library $(SOUNDS)/library --out $(SOUNDS)/mixes --count 12 --seed 1

$(SOUNDS)/rankings.csv: $(SOUNDS)/mixes/mixes.csv models/conditional.safetensors
	$(EARSHOT) rank --library $(SOUNDS)/library --mixes $(SOUNDS)/mixes --out $@

demo: build $(SOUNDS)/rankings.csv ## install, build, make sounds and rankings, serve the demo: PORT=8080
	@$(EARSHOT) serve studies/demo --port $(PORT)

# Training has its own build folder, so that the other build stays up to date, and keeps its sounds in a folder outside of both.
TRAINER := .build-train/release/earshot
WORLD ?= world
KIND ?= conditional
MINUTES ?= 60

$(TRAINER): $(SOURCES) | .build/setup-train
	swift build -c release --product EarshotTorch --traits LibTorch --scratch-path .build-train
	swift build -c release --product earshot --traits LibTorch --scratch-path .build-train
	@touch $@

$(WORLD)/library/library.csv: | $(TRAINER)
	$(TRAINER) library build --set full --per-class 96 --out $(WORLD)/library

$(WORLD)/validation/mixes.csv: $(WORLD)/library/library.csv
	$(TRAINER) mix --library $(WORLD)/library --split validation --chain hard --count 160 --seed 5 --out $(WORLD)/validation

$(WORLD)/test/mixes.csv: $(WORLD)/library/library.csv
	$(TRAINER) mix --library $(WORLD)/library --split test --chain hard --count 160 --seed 3 --out $(WORLD)/test

# Songs, which are made by other code than the mixes for training.
$(WORLD)/songs-validation/mixes.csv: $(WORLD)/library/library.csv | .build/setup-retrieval
	/usr/bin/python3 analysis/retrieval/songs.py $(WORLD)/library $(WORLD)/songs-validation --split validation --songs 100 --seed 9

$(WORLD)/songs/mixes.csv: $(WORLD)/library/library.csv | .build/setup-retrieval
	/usr/bin/python3 analysis/retrieval/songs.py $(WORLD)/library $(WORLD)/songs

train: $(TRAINER) $(WORLD)/validation/mixes.csv ## build with libtorch, make sounds, train a model: MINUTES=60 KIND=conditional
	$(TRAINER) train --library $(WORLD)/library --mixes $(WORLD)/validation --kind $(KIND) --minutes $(MINUTES) \
	  --out $(WORLD)/$(KIND).safetensors $(TRAIN)

retrieval: $(TRAINER) $(foreach set,validation test songs-validation songs,$(WORLD)/$(set)/mixes.csv) ## recompute the figures of docs/retrieval.md (hours)
	EARSHOT=$(TRAINER) analysis/retrieval/run $(WORLD)

# These tests record frame by frame what the browser plays, so no more than two may run at the same time.
LISTENED := Tests/Browser/test_playback.py Tests/Browser/test_versions.py Tests/Browser/test_long.py Tests/Browser/test_other_browsers.py

# All tests, and the programs that they start, use one debug build with libtorch, in which the rooms that work on numbers are
# optimised (see Package.swift). It is compiled faster without what debuggers need.
TESTED := .build-train/debug/earshot
TESTING := --traits LibTorch --scratch-path .build-train -debug-info-format none
# On a clean clone, modules are compiled faster as a whole. Where one file has changed, they are not.
ifdef CI
TESTING += $(addprefix -Xswiftc ,-disable-batch-mode -whole-module-optimization -num-threads 2 -no-emit-module-separately-wmo)
endif
PYTEST := EARSHOT_BIN=$(CURDIR)/$(TESTED) EARSHOT_TRAIN_BIN=$(CURDIR)/$(TESTED) timeout --verbose 20m .venv/bin/python -m pytest -q --dist loadfile -n

test: .build/setup-test pages ## install and run every check and test
	swift format lint --strict --parallel --recursive Package.swift Sources Tests
	tsc && tsc -p Sources
	.venv/bin/biome lint --error-on-warnings
	.venv/bin/ruff check --quiet
	swift build --build-tests $(TESTING) --explicit-target-dependency-import-check error
	@mkdir -p .build-train
	bash -o pipefail -c 'timeout --verbose 20m swift test --skip-build $(TESTING) 2>&1 | tee .build-train/tests.log'
	@echo "$$(grep -c '^➜ .* skipped' .build-train/tests.log) Swift tests and suites were skipped:"; \
	  grep '^➜ .* skipped' .build-train/tests.log || true
	$(PYTEST) 2 $(LISTENED)
	$(PYTEST) 4 $(LISTENED:%=--ignore=%) Tests/EndToEnd Tests/Browser

EACH ?= 60
ROUNDS ?= 5000
SEED ?= 1
FUZZ := .build-fuzz/debug/Fuzz

# Inputs that libFuzzer found interesting are kept in .build-fuzz/corpus, those that break a reader in .build-fuzz/found.
fuzz: | .build/setup-demo ## fuzz every reader of outside data: EACH=60 (seconds) ROUNDS=5000 SEED=1
	swift build --product Fuzz --sanitize=fuzzer -Xswiftc -DLIBFUZZER --scratch-path .build-fuzz
	mkdir -p .build-fuzz/found
	for target in $$($(FUZZ)); do \
	  FUZZ_TARGET=$$target $(FUZZ) .build-fuzz/corpus/$$target -max_total_time=$(EACH) -max_len=4096 -timeout=10 -rss_limit_mb=3000 \
	    -artifact_prefix=.build-fuzz/found/$$target- -print_final_stats=1 >.build-fuzz/$$target.log 2>&1 \
	    || { tail -n 40 .build-fuzz/$$target.log; exit 1; }; \
	  echo "== $$target"; tail -n 6 .build-fuzz/$$target.log; \
	done
	swift build --build-tests
	EARSHOT_FUZZ_ROUNDS=$(ROUNDS) EARSHOT_FUZZ_SEED=$(SEED) swift test --skip-build --filter FuzzTests

KILLS ?= 200
LISTENERS ?= 200

faults: | .build/setup-test ## cause faults while listeners save: KILLS=200 LISTENERS=200 (disk faults need root)
	swift build --build-tests
	EARSHOT_KILLS=$(KILLS) EARSHOT_LISTENERS=$(LISTENERS) swift test --skip-build --filter 'FaultTests|SeveralServersTests|FarDatabaseTests'

SANITIZED := 'HTTPTests|RecordsTests|StudyTests|SoundTests|StimuliTests|BasicsTests|FuzzTests'

# The compiler excludes data races (strict concurrency). The thread sanitizer does not know the lock of Swift's Mutex, and
# reports everything that it guards as a race. Leaks are not checked, since XCTest has some.
sanitize: | .build/setup-demo ## test what reads and serves outside data with the address sanitizer
	ASAN_OPTIONS=detect_leaks=0 swift test --sanitize=address --scratch-path .build-address --filter $(SANITIZED)

.venv-site/stamp: Tests/EndToEnd/site-requirements.txt
	./setup.sh site

site: .venv-site/stamp ## build the documentation site in .build/site
	.venv-site/bin/zensical build --strict --clean

REFERENCE_AT ?= /
# The symbol graphs' command fails on the test bundle, after writing all others. The next line
# says what is missing.
reference: | .build/setup-demo ## build the API reference in .build/reference: REFERENCE_AT=/path (on its host)
	-swift package dump-symbol-graph --minimum-access-level public --skip-synthesized-members
	python3 analysis/reference.py .build/$(shell uname -m)-unknown-linux-gnu/symbolgraph .build/reference $(REFERENCE_AT)

tutorials: .build/setup-test $(EARSHOT) ## run the commands of every tutorial (minutes)
	EARSHOT_BIN=$(CURDIR)/$(EARSHOT) .venv/bin/python -m pytest -q Tests/EndToEnd/tutorials.py

bench: .build/setup-bench $(EARSHOT) ## compare speed with that of peers, in one run
	Tests/Bench/run

calibrate: ## simulate how often intervals and verdicts are right: docs/calibration.md (hours)
	$(RELEASE) Calibration
	.build/release/Calibration | tee docs/calibration.md

oracles: .build/setup-oracles ## compare the statistics with independent implementations
	analysis/oracles/run

format: ## format the Swift code
	swift format -i --parallel --recursive Package.swift Sources Tests

clean: ## remove everything that was built, but no collected data
	rm -rf .build .build-train .build-fuzz .build-address .venv .venv-bench .venv-otree .venv-oracles .venv-site $(COMPACT)
