# vendgate. "make help" lists what can be asked for.

FUZZTIME ?= 1m
SOAK     ?= 30m
# How many meters the benchmark of the month's close closes: a million take some 20 GB of disk.
CLOSE_METERS ?= 1000000

# What "make test-secrets" runs, and where it keeps what it looks through.
TESTS ?= ./...
KEPT  := $(CURDIR)/.run/secrets

STATICCHECK := honnef.co/go/tools/cmd/staticcheck@v0.8.2
ROOMS       := cmd vending cardio meterproto ledger fixtures

# Whatever the shell that called us has set must not change what is built. PC/SC is a C library.
export GOFLAGS :=
export CGO_ENABLED := 1

# Go's caches and the tests' browser want a home that can be written to.
ifneq ($(shell test -n "$$HOME" && test -w "$$HOME" && echo yes),yes)
export HOME := $(CURDIR)/.run/home
endif

# The revision goes into the binary if git will tell it (it will not, to a user who does not own the tree).
VCS := $(shell git rev-parse HEAD >/dev/null 2>&1 && echo auto || echo false)

.DEFAULT_GOAL := help
.PHONY: help run demo build test test-secrets check bench fuzz soak deps

help: ## this list
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-13s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

run: build ## start the service with simulated cards and meters, and print its address; FIELD="--chip sle4442 --dir .run/sle4442" for other cards
	bin/fieldsim run $(FIELD)

demo: build ## play the whole story once: open, issue, top up, load the meter, read it, reconcile
	bin/fieldsim demo

build: ## build bin/vendgate and bin/fieldsim, installing what is missing (Debian, as root)
	@fixtures/house/deps.sh run
	go build -buildvcs=$(VCS) -o bin/ ./cmd/...

test: ## run every test, installing what is missing (Debian, as root)
	@fixtures/house/deps.sh test
	go test -timeout 20m -parallel 6 ./vending/counter ./... # the longest first; the bound is for what hangs

test-secrets: ## run every test, or those of TESTS, and look for keys, codes and PINs in all that they said and stored
	@fixtures/house/deps.sh test
	@rm -rf $(KEPT) && mkdir -p $(KEPT) && chmod 1777 $(KEPT) # some tests run programs as nobody
	@VENDGATE_TEST_SECRETS=$(KEPT) go test -count 1 -v -timeout 30m -parallel 4 $(TESTS) >$(KEPT)/said.txt 2>&1; \
		status=$$?; grep -E '^(ok|FAIL|---? FAIL)' $(KEPT)/said.txt; go run ./fixtures/secrets/grep $(KEPT) && exit $$status

check: ## gofmt, vet, staticcheck, and the build for Windows
	@fixtures/house/deps.sh run
	@unformatted=$$(gofmt -l $(ROOMS)); test -z "$$unformatted" || { echo "gofmt: $$unformatted"; exit 1; }
	go vet ./...
	go run $(STATICCHECK) ./...
	GOOS=windows CGO_ENABLED=0 go build -o /dev/null ./cmd/vendgate

bench: ## measure, among others, one top-up: time in the database, time at the card, APDUs, bytes
	@fixtures/house/deps.sh run
	CLOSE_METERS=$(CLOSE_METERS) go test -timeout 0 -run '^$$' -bench . -benchmem ./...

fuzz: ## run every fuzz target for FUZZTIME (1m)
	@fixtures/house/deps.sh run
	fixtures/house/fuzz.sh $(FUZZTIME)

soak: ## run the long tests (TestSoak...) for SOAK (30m) each, and every cut of the grids
	@fixtures/house/deps.sh test
	SOAK=$(SOAK) go test -run 'Soak|Grid' -count 1 -timeout 0 -v ./...

deps: ## install what is missing (Debian, as root), or say how
	@fixtures/house/deps.sh test
