package main

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/vendgate/vendgate/fixtures/executable"
)

// scripted is a vendgate that does what a shell script says.
func scripted(t *testing.T, script string) gate {
	t.Helper()
	path := filepath.Join(t.TempDir(), "vendgate")
	executable.Write(t, path, "#!/bin/sh\n"+script+"\n")
	return gate{path: path, dataDir: "/data dir", socket: "/s", utility: 7}
}

func TestAskWantsExitZeroAndJSON(t *testing.T) {
	t.Parallel()
	for script, want := range map[string]string{
		`echo '{}'; exit 5`:                 "exit 5",
		`echo '{}'; echo sorry >&2; exit 3`: "sorry",
		`echo nothing`:                      "nothing",
		`[ "$*" = "--data-dir /data dir --utility 7 --lang en -o json card read" ] || exit 4; echo '{}'`: "",
		`[ "$PCSCLITE_CSOCK_NAME" = /s ] && [ -z "$DATABASE_URL" ] || exit 4; echo '{}'`:                 "",
	} {
		var got struct{}
		_, err := scripted(t, script).ask(t.Context(), &got, "card", "read")
		if want == "" && err != nil || want != "" && (err == nil || !strings.Contains(err.Error(), want)) {
			t.Errorf("%s: %v", script, err)
		}
	}
}

// A command that is cut short by Ctrl-C is asked to end, and does not live on.
func TestRunEndsWithItsContext(t *testing.T) {
	t.Parallel()
	mark := filepath.Join(t.TempDir(), "asked")
	ctx, cancel := context.WithCancel(t.Context())
	g := scripted(t, `trap 'echo >`+mark+`; exit 0' TERM; cancelled= ; echo $$ >`+mark+`.pid; while :; do sleep 0.01; done`)
	go func() {
		await(t, "the script to run", func() bool { _, err := os.Stat(mark + ".pid"); return err == nil })
		cancel()
	}()
	if _, err := g.run(ctx); !errors.Is(err, context.Canceled) {
		t.Errorf("got %v", err)
	}
	if _, err := os.Stat(mark); err != nil {
		t.Error("it was not asked to end:", err)
	}
}

func TestServiceThatDoesNotStart(t *testing.T) {
	t.Parallel()
	for script, want := range map[string]string{
		`echo "no database" >&2; exit 1`:     "no database",
		`echo "hello"; exec sleep 60`:        `"hello"`,
		`trap '' TERM; echo vendgate serves`: `"vendgate serves"`,
		`printf "vendgate serves http://x/"`: "did not start",
	} {
		var log lastWords
		s := &service{gate: scripted(t, script), listen: "127.0.0.1:0", log: &log}
		if _, err := s.start(t.Context()); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v", script, err)
		}
	}
}

// A service that ends again and again is given up, and at the address it had.
func TestServiceIsGivenUp(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	g := scripted(t, `echo "$*" >>`+dir+`/calls; [ -e `+dir+`/twice ] && exit 1; [ -e `+dir+`/once ] && >`+dir+`/twice; >`+dir+`/once
echo "vendgate serves http://127.0.0.1:4711/"`)
	var log lastWords
	s := &service{gate: g, listen: "127.0.0.1:0", log: &log, pause: time.Millisecond}
	now, err := s.start(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	restarts := 0
	err = s.keep(t.Context(), now, func(string, ...any) {}, func(*serving) { restarts++ })
	if err == nil || !strings.Contains(err.Error(), "giving up") || restarts != 1 {
		t.Errorf("%d restarts, %v", restarts, err)
	}
	calls, _ := os.ReadFile(dir + "/calls")
	if n := strings.Count(string(calls), "--listen 127.0.0.1:4711"); n != 1+maxRestarts {
		t.Errorf("%d starts at the old address:\n%s", n, calls)
	}
}
