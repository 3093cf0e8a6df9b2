# "make help" lists the targets. The work is done by the programs in build/ and test/.

GO       ?= go
BIN      := .cache/bin
FUZZTIME ?= 30s
STATIC   := honnef.co/go/tools/cmd/staticcheck@v0.7.0
MODULES  := . build test
WEB_DIRS := $(patsubst %/package.json,%,$(wildcard webapp/package.json test/webhost/package.json))

.DEFAULT_GOAL := help
.PHONY: help run reset test test-fast test-store test-e2e test-web test-react test-compat test-databases torture abuse bench fuzz audit dist release check check-go check-web ci deploy watch gen fmt clean

help: ## List the targets
	@awk -F ':.*## ' '/^[a-z0-9-]+:.*## / {printf "  %-14s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

# Programs that handle signals are built and then replace the shell, so that
# Ctrl-C and kill reach them and not something in between.
define program
	@$(GO) -C $(1) build -o $(CURDIR)/$(BIN)/$(2) ./$(2)
	@exec $(BIN)/$(2) $(3)
endef

run: ## Start Mattermost with the plugin and examples (PORT, PG_PORT, MM_CLIENT_DIR, MM_DIST, RUN_POSTGRES_DSN)
	$(call program,test,run,)

reset: ## Throw the data of "make run" away
	$(call program,test,run,reset)

test: ## Run everything: unit, store, end-to-end and web tests
	$(call program,test,suite,)

test-fast: ## Run the tests that need no servers
	$(call program,test,suite,unit web-unit)

test-store: ## Run the store tests on PostgreSQL and MariaDB (RUN=TestStages)
	$(call program,test,suite,store)

test-e2e: ## Run the end-to-end tests on a real Mattermost server (MM_SERVER=5.39.3, RUN=TestSmoke)
	$(call program,test,suite,e2e)

test-compat: ## Run the end-to-end tests on every Mattermost server (SERVERS="5.28.0 11.4.0", RUN=TestSmoke)
	$(call program,test,compat,servers)

test-databases: ## Run the store tests and a smoke on every PostgreSQL and on MariaDB (DATABASES="12 MariaDB")
	$(call program,test,compat,databases)

torture: ## Kill and cut everything while clients work, then check (DURATION=10m, SEED=n, DRIVER=postgres|mysql|both, RACE=1)
	$(call program,test,torture,)

test-web: ## Run the web part's tests, in a browser too
	$(call program,test,suite,web-unit web-size web-browser)

test-react: ## Run the web part's component tests with React 18 and 19
	@npm --prefix webapp run --silent test:react

fuzz: ## Send anything to everything that reads input (FUZZTIME, for each target)
	@set -e; for package in $$($(GO) list ./server/...); do \
		for target in $$($(GO) test -list '^Fuzz' $$package | grep '^Fuzz' || true); do \
			echo "--- $$package $$target"; $(GO) test -run '^$$' -fuzz "^$$target\$$" -fuzztime $(FUZZTIME) -fuzzminimizetime 10x $$package; done; done

audit: ## Look for known vulnerabilities in what we ship
	$(call program,build,pluginctl,audit)

abuse: ## Let one member do their worst, and print memory and a bystander's latency (ABUSE="-driver mysql -only 'playbooks|exports' -bundle FILE")
	$(call program,test,abuse,$(ABUSE))

bench: ## Measure beside an empty plugin, with 1,000 and 100,000 incidents (BENCH="-quick -driver mysql -out docs/performance.md")
	$(call program,test,bench,$(BENCH))

dist: ## Pack the plugin into dist/: one archive for Linux, one for each platform
	$(call program,build,pluginctl,dist)

release: ## Pack, sign and describe a release in dist/release/ (RELEASE_KEY, RELEASE_URL); see docs/releasing.md
	$(call program,build,pluginctl,release)

check: check-go check-web ## Check formats, vet, staticcheck, generated files, modules, web lint and types

check-go:
	@unformatted=$$(gofmt -l $$(git ls-files -co --exclude-standard '*.go')); \
		if [ -n "$$unformatted" ]; then echo "run \"make fmt\":"; echo "$$unformatted"; exit 1; fi
	@set -e; for module in $(MODULES); do echo "--- Go module $$module"; \
		$(GO) -C $$module mod tidy -diff; \
		$(GO) -C $$module vet -tags store,e2e ./...; \
		(cd $$module && $(GO) run $(STATIC) -tags store,e2e ./...); done
	$(GO) -C build run ./pluginctl fresh

check-web:
	$(GO) -C build run ./pluginctl npm
	$(GO) test ./server/i18n
	@set -e; for dir in $(WEB_DIRS); do for script in lint types check-types i18n-check; do \
		npm --prefix $$dir run --silent --if-present $$script; done; done

ci: ## Run "make check" and "make test" beside each other
	$(call program,test,suite,ci)

deploy: ## Build and install into a running server (MM_SERVICESETTINGS_SITEURL, MM_ADMIN_TOKEN)
	$(call program,build,pluginctl,deploy)

watch: ## Deploy again with each change of a source
	$(call program,build,pluginctl,watch)

gen: ## Write the sources that are generated
	$(GO) -C build run ./pluginctl gen
	$(GO) generate ./...

fmt: ## Format the Go sources
	gofmt -w $$(git ls-files -co --exclude-standard '*.go')

clean: ## Delete what builds have made
	rm -rf $(BIN) dist server/dist webapp/dist test/webhost/dist
