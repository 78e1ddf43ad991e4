package main

import (
	"bytes"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/vendgate/vendgate/fixtures/field"
)

// TestControl drives a field over its socket, through the commands that people use.
func TestControl(t *testing.T) {
	t.Parallel()
	dir := openDir(t, os.Geteuid())
	c := siteOptions{readers: 1, cards: 2, meters: 2, baud: 9600, utility: 3, chip: usualChip}.config(dir, &keyFile{dir: dataDir(dir)}, &lastWords{})
	s, err := open(patience(t), dir, c)
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	if _, err := open(patience(t), dir, c); !errors.Is(err, errRuns) || exitCode(err) != exitLocked {
		t.Errorf("a second field in the directory: %v", err)
	}
	socket, err := os.Stat(filepath.Join(dir, controlName))
	if err != nil || socket.Mode().Perm() != 0o600 {
		t.Errorf("the socket: %v, %v", socket.Mode(), err)
	}
	for _, order := range []struct{ line, want string }{
		{"card status", "Virtual Reader A 00 00  card 1"},
		{"card insert", field.ErrTaken.Error()},
		{"card insert --reader 2", field.ErrElsewhere.Error()},
		{"card swap", "Virtual Reader A 00 00  card 2"},
		{"card fault --kind tear --on update --bytes 3", "1 faults to come"},
		{"card fault --kind melt", "unknown fault"},
		{"card fault --on 1XX", "unknown command"},
		{"card pull", "Virtual Reader A 00 00  empty"},
		{"card pull", field.ErrEmpty.Error()},
		{"card insert --card 9", field.ErrNoCard.Error()},
		{"card insert --reader 9", field.ErrNoReader.Error()},
		{"card insert --card 2 --reader 2", "Virtual Reader A 00 01  card 2"},
		{"card to-meter --reader 2", "meter: the card is blank"},
		{"card status", "Virtual Reader A 00 01  card 2"}, // back, though the meter refused it
		{"meter burn 100", "remaining       0.000 m³"},
		{"meter days 2 --meter 88010000000002", "88010000000002"},
		{"meter days 0", "choose 1 to"},
		{"meter show --meter 1", field.ErrNoMeter.Error()},
		{"env", "export PCSCLITE_CSOCK_NAME=" + s.Socket() + "\n"},
		{"env", "--utility 3 "},
		{"card status -o json", `"commands": 0`},
	} {
		if got := command(t, dir, order.line); !strings.Contains(got, order.want) {
			t.Errorf("%s: %q, want %q", order.line, got, order.want)
		}
	}
}

// command runs a command line in this process and returns what it says.
func command(t *testing.T, dir, line string) string {
	t.Helper()
	var out bytes.Buffer
	root := rootCommand(&app{out: &out, errs: &out})
	root.SetArgs(append([]string{"--dir", dir}, strings.Fields(line)...))
	if err := root.ExecuteContext(patience(t)); err != nil {
		out.WriteString(err.Error())
	}
	return out.String()
}

func TestCommandLinesThatCannotBeRead(t *testing.T) {
	t.Parallel()
	for _, line := range []string{
		"run now", "run --cards 0", "run --baud fast", "field --baud 1", "field --meters -1", "field --readers 17", "meter burn", "meter burn much",
		"meter days 1 2", "card insert 1", "demo --readers 2", "card status -o csv",
	} {
		root := rootCommand(&app{out: &lastWords{}, errs: &lastWords{}})
		root.SetArgs(append([]string{"--dir", t.TempDir()}, strings.Fields(line)...))
		if err := root.ExecuteContext(t.Context()); exitCode(err) != exitUsage {
			t.Errorf("%s: %v", line, err)
		}
	}
}

func TestNoFieldRuns(t *testing.T) {
	t.Parallel()
	if got := command(t, t.TempDir(), "card pull"); !strings.Contains(got, "fieldsim run") {
		t.Errorf("got %q", got)
	}
}
