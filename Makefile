# Everything here can be typed by hand too; make only remembers the order.

.DEFAULT_GOAL := help
.PHONY: help setup run build generate migrate schema seed test race browser fuzz lint fresh check bench clean

SOURCES  := cmd db domain handlers hub internal static views
ASSETS   := $(shell find static/build static/css static/icons static/img static/js -type f 2>/dev/null)
FUZZTIME ?= 30s

help: ## this list
	@awk -F ':.*## ' '/^[a-z]+:.*## / { printf "  make %-9s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

setup: node_modules/.package-lock.json static/dist/manifest.json ## fetch what is needed from npm and Go, build scripts and styles

# npm writes this file itself, last.
node_modules/.package-lock.json: package.json package-lock.json
	@command -v npm >/dev/null || { echo "npm was not found: install Node.js 20 or newer" >&2; exit 1; }
	npm ci --ignore-scripts --no-audit --no-fund
	@touch $@

static/dist/manifest.json: node_modules/.package-lock.json go.sum $(ASSETS)
	@command -v go >/dev/null || { echo "go was not found: install Go" >&2; exit 1; }
	go mod download
	go run ./static/build
	@touch $@

run: setup ## run the whole portal here, with its own Postgres and Redis; Ctrl-C ends it
	@CGO_ENABLED=0 go build -buildvcs=false -o .veche/bin/dev ./cmd/dev
	@.veche/bin/dev

build: setup ## static programs in bin/
	CGO_ENABLED=0 go build -trimpath -ldflags '-s -w' -o bin/ ./cmd/portal ./cmd/sim

generate: ## Go code from the .templ files
	go tool templ generate -log-level error

migrate: setup ## bring the database of VECHE_DATABASE_URL to the newest migration
	go run ./cmd/portal migrate

schema: ## db/schema.sql, for reading, from the migrations
	go run ./cmd/dev schema

seed: migrate ## demonstration data into the database of VECHE_DATABASE_URL
	go run ./cmd/portal seed

test: setup ## everything CI asks for; installs what the tests need where it can
	@.ci/packages
	@$(MAKE) --no-print-directory fresh lint
	go test -race -p 2 -timeout 20m ./...

race: setup ## the tests alone, under the race detector
	go test -race ./...

browser: setup ## the tests in Chromium alone
	@files=$$(find cmd handlers hub -name '*browser_test.go') && \
	tests=$$(grep -ho '^func Test[A-Za-z0-9]*' $$files | cut -c6- | paste -sd '|' -) && \
	go test -race -count 1 -run "^($$tests)$$" $$(dirname $$files | sort -u | sed 's,^,./,')

fuzz: ## every fuzz test for FUZZTIME (30s) each
	@go list ./... | while read -r package; do \
		for test in $$(go test -list '^Fuzz' "$$package" | grep '^Fuzz'); do \
			go test -run '^$$' -fuzz "^$$test\$$" -fuzztime $(FUZZTIME) "$$package" || exit 1; \
		done; \
	done

lint: ## formatting, go vet, staticcheck
	@unformatted=$$(gofmt -l $(SOURCES)) && test -z "$$unformatted" || { echo "not formatted by gofmt:" $$unformatted >&2; exit 1; }
	go vet ./...
	go tool staticcheck ./...

fresh: ## fail when generated files do not belong to their sources
	@before=$$(find views -name '*_templ.go' -exec cksum {} + | sort) && \
	go tool templ generate -log-level error && \
	after=$$(find views -name '*_templ.go' -exec cksum {} + | sort) && \
	test "$$before" = "$$after" || { echo "generated files were stale; they are fresh now: commit them" >&2; exit 1; }

check: test ## the same as test: what CI runs

bench: setup ## benchmarks of the hub, then what the portal's spine costs beside the least it could
	go test -run '^$$' -bench . -benchmem ./hub/
	go run ./cmd/bench

clean: ## remove what was built and fetched; the database in .veche stays
	rm -rf node_modules static/dist bin .veche/bin
