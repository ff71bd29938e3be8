# The two commands of the README are `make up` and `make test`.
# They need Go, Node 22.13 or newer, make and a C compiler (for the race detector).

# Where the machine's Node is older, npm brings a newer one for this folder.
export PATH := $(shell .ci/node/path)$(PATH)

# Packages that load jsii, which pays seconds a process and is slow to compile:
# they are tested once, without the race detector (jsii is single-threaded).
CDK_PACKAGES := . ./roomcastcdk/... ./stacks/...
PURE_PACKAGES := ./authorize/... ./client/... ./cmd/... ./internal/... ./lambdas/... ./publish/... ./roomcastclient/... ./roomcasttest/... ./web/...

.PHONY: up check test update audit sbom lint language test-go test-cdk fuzz test-e2e test-e2e-stack test-e2e-permissions test-e2e-import test-e2e-reference test-client test-browser docs benchmarks golden api screenshot

up: ## run the stack on this machine and serve the demo page
	go run ./cmd/roomcast up

check: lint client/node_modules web/node_modules ## before a commit: linters, pure Go tests without the race detector, TypeScript
	go test $(PURE_PACKAGES)
	cd client && npm run check
	cd web && npm run typecheck

# Go, CDK and TypeScript tests run at the same time: much of each is waiting.
test: lint ## all checks
	$(MAKE) -j3 --output-sync=target test-go test-cdk test-client
	$(MAKE) test-e2e
	$(MAKE) test-browser

# Tools in the versions of .ci/tools/go.mod, which no importer of Roomcast sees.
TOOL := go tool -modfile=$(CURDIR)/.ci/tools/go.mod

lint: ## formatting, linters, words of the glossary, the public API
	@test -z "$$(gofmt -l $$(git ls-files '*.go'))" || { gofmt -l $$(git ls-files '*.go'); echo "run gofmt -w on these files"; exit 1; }
	go mod verify
	go vet ./...
	$(TOOL) golangci-lint run
	go test ./internal/architecture -run 'Language|Glossary|Links|Docs'
	.ci/api
	cd examples/importing && go vet ./... && $(TOOL) golangci-lint run --config ../../.golangci.yml

language: ## find words that docs/glossary.md replaces
	@go test -count=1 ./internal/architecture -run 'TestLanguage'

test-go: ## pure Go tests: fast, with the race detector
	go test -race $(PURE_PACKAGES)

test-cdk: node_modules ## templates, constructs, the rules of cdk-nag and cfn-guard
	REQUIRE_GUARD=1 go test $(CDK_PACKAGES)

update: ## the newest versions of all dependencies, pinned exactly
	.ci/update

audit: ## known vulnerabilities in the dependencies, if their data are available
	.ci/audit

sbom: ## what the functions are made of, as roomcast.cdx.json
	go run ./cmd/roomcast sbom > roomcast.cdx.json

fuzz: ## every fuzz target for FUZZTIME, 10s if that is not set
	.ci/fuzz

test-e2e: test-e2e-stack test-e2e-permissions test-e2e-import ## everything over real sockets

test-e2e-stack: ## the whole stack on the local cloud
	go test -race -p 2 -timeout 20m -skip '^TestEvery' ./e2e/...

# By itself, because its some 100 stacks keep the machine busy.
test-e2e-permissions: ## takes each permission away, and something has to break
	go test -timeout 20m -run '^TestEvery' ./e2e

test-e2e-import: ## the importing example, and modules that import Roomcast
	go test -timeout 20m ./examples/...
	cd examples/importing && go test -timeout 20m ./...

# DynamoDB Local needs a Java development kit, version 17 or newer. CI runs this.
# What the command prints, which permission is needed and who is kept out does
# not depend on the engine, and this one is too slow for each client of the
# chaos run to roll over in time.
test-e2e-reference: ## the same, with AWS's DynamoDB Local instead of dynalite
	ROOMCAST_DYNAMODB=local go test -p 1 -count=1 -skip '^(TestEvery|TestUp|TestAKilledUp|TestBenchGateway|TestTorture$$)' ./e2e ./internal/local ./internal/local/engines ./internal/dynamo

test-client: client/node_modules web/node_modules ## TypeScript: types and unit tests
	cd client && npm run check
	cd web && npm run typecheck

# CI sets REQUIRE_BROWSER, so that nothing is skipped there.
CHROMIUM ?= $(shell command -v chromium || command -v chromium-browser || command -v google-chrome)
test-browser: web/node_modules ## the demo page, and the page of docs/guide/frontend.md, in Chromium
ifeq ($(CHROMIUM)$(REQUIRE_BROWSER),)
	@echo "***********************************************************************"
	@echo "* NOT TESTED: the demo page, because no Chromium was found. Install   *"
	@echo "* it (Debian: apt-get install chromium) or set CHROMIUM to its path.  *"
	@echo "***********************************************************************"
else
	cd web && CHROMIUM='$(CHROMIUM)' npm run e2e
endif

docs: docs/node_modules ## the pages of docs/ as a site, in docs/.vitepress/dist; fails at a dead link
	cd docs && npm run build

docs/node_modules: docs/package-lock.json
	cd docs && npm ci && touch node_modules

screenshot: web/node_modules ## the picture in the README
	cd web && ROOMCAST_SCREENSHOT=../docs/images/demo.png npm run e2e -- scene

node_modules: package-lock.json
	npm ci && touch node_modules

client/node_modules: client/package-lock.json
	cd client && npm ci && touch node_modules

web/node_modules: web/package-lock.json client/package-lock.json
	cd web && npm ci && touch node_modules

benchmarks: ## docs/benchmarks.md, from the files in docs/results
	go run ./cmd/roomcast-lab report

golden: ## accept the template and the commands' JSON as they are now
	go test . -run Golden -update
	go test ./cmd/roomcast -run TestJSONOfCommands -update

api: ## accept the exported Go API of the public packages as it is now
	.ci/api accept
