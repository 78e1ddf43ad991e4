package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"time"
)

// gate is vendgate as a program: its commands, run against one data directory
// and one pcscd.
type gate struct {
	path    string // of the binary
	dataDir string
	socket  string // of pcscd
	utility uint32 // on the field's cards
	chip    string // of memory cards, which do not all say what they are; "": CPU cards
}

// flags are those that each of its commands needs.
func (g gate) flags() []string {
	flags := []string{"--data-dir", g.dataDir, "--utility", strconv.FormatUint(uint64(g.utility), 10)}
	if g.chip != "" {
		flags = append(flags, "--chips", g.chip)
	}
	return flags
}

// stopTime is more than vendgate takes to finish what it is doing.
const stopTime = 20 * time.Second

// answer is what one command said.
type answer struct {
	out, errs string
	code      int
}

// findGate is the named binary, or the one beside this one.
func (a *app) findGate() (string, error) {
	path := a.vendgate
	if path == "" {
		self, err := os.Executable()
		if err != nil {
			return "", err
		}
		path = filepath.Join(filepath.Dir(self), "vendgate")
	}
	path, err := exec.LookPath(path)
	if err != nil {
		return "", fmt.Errorf("no vendgate to start: %w; build it beside fieldsim, or name it with --vendgate", err)
	}
	return filepath.Abs(path)
}

// command prepares one. A database and a pcscd that the caller's environment
// names are not the field's.
func (g gate) command(args ...string) *exec.Cmd {
	cmd := exec.Command(g.path, slices.Concat(g.flags(), []string{"--lang", "en"}, args)...)
	for _, v := range os.Environ() {
		if name, _, _ := strings.Cut(v, "="); name != "DATABASE_URL" && name != socketVariable {
			cmd.Env = append(cmd.Env, v)
		}
	}
	cmd.Env = append(cmd.Env, socketVariable+"="+g.socket)
	return cmd
}

// socketVariable names the pcscd to use to every PC/SC program.
const socketVariable = "PCSCLITE_CSOCK_NAME"

// run runs one command to its end. It fails when the command cannot be run, not
// when it exits with another code than 0.
func (g gate) run(ctx context.Context, args ...string) (answer, error) {
	var out, errs bytes.Buffer
	cmd := g.command(args...)
	cmd.Stdout, cmd.Stderr = &out, &errs
	c, err := startChild(cmd)
	if err != nil {
		return answer{}, err
	}
	select {
	case <-c.done:
	case <-ctx.Done():
		c.stop(stopTime)
		return answer{}, ctx.Err()
	}
	var exit *exec.ExitError
	if c.err != nil && !errors.As(c.err, &exit) {
		return answer{}, c.err
	}
	return answer{out.String(), strings.TrimSpace(errs.String()), cmd.ProcessState.ExitCode()}, nil
}

// ask runs a command that must exit with 0 and decodes what it prints.
func (g gate) ask(ctx context.Context, into any, args ...string) (answer, error) {
	said, err := g.run(ctx, append([]string{"-o", "json"}, args...)...)
	if err != nil {
		return said, err
	}
	if said.code != exitOK {
		return said, fmt.Errorf("vendgate %s: exit %d: %s", strings.Join(args, " "), said.code, said.errs)
	}
	if err := json.Unmarshal([]byte(said.out), into); err != nil {
		return said, fmt.Errorf("vendgate %s printed %q: %w", strings.Join(args, " "), said.out, err)
	}
	return said, nil
}
