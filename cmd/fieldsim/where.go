package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
)

// maxDir leaves room for the sockets in it: a Unix socket's path has 107 bytes.
const maxDir = 90

const controlName = "control.sock"

// places are where a field may be when none is named, the first choice first.
func places() []string {
	var out []string
	if here, err := os.Getwd(); err == nil {
		out = append(out, filepath.Join(here, ".run"))
	}
	if os.Geteuid() == 0 {
		return append(out, "/var/lib/vendgate-field")
	}
	if state := os.Getenv("XDG_STATE_HOME"); state != "" {
		out = append(out, filepath.Join(state, "vendgate-field"))
	}
	if home, err := os.UserHomeDir(); err == nil {
		out = append(out, filepath.Join(home, ".local", "state", "vendgate-field"))
	}
	return out
}

// settle makes the field's directory: the named one, or the first place that
// will do. It says why when that is not the first.
func (a *app) settle(ctx context.Context) (string, error) {
	if a.dir != "" {
		dir, err := filepath.Abs(a.dir)
		if err != nil {
			return "", err
		}
		return dir, prepare(ctx, dir)
	}
	var first error
	for _, dir := range places() {
		err := prepare(ctx, dir)
		if err == nil {
			if first != nil {
				fmt.Fprintf(a.errs, "fieldsim: %v; the field is in %s\n", first, dir)
			}
			return dir, nil
		}
		if first == nil {
			first = err
		}
	}
	return "", fmt.Errorf("%w; name a directory with --dir", first)
}

// prepare makes a directory and sees whether a field can be in it.
func prepare(ctx context.Context, dir string) error {
	if len(dir) > maxDir {
		return fmt.Errorf("%s is too long a path for a socket: %d bytes at most", dir, maxDir)
	}
	if !databaseReaches(ctx, existing(dir)) {
		return fmt.Errorf("%s cannot be reached by PostgreSQL, which runs as user postgres when started by root", dir)
	}
	if err := makeDir(dir); err != nil {
		return err
	}
	probe, err := os.CreateTemp(dir, ".probe-*")
	if err != nil {
		return err
	}
	return errors.Join(probe.Close(), os.Remove(probe.Name()))
}

// existing is the part of a path that is there.
func existing(dir string) string {
	for {
		if _, err := os.Stat(dir); err == nil || dir == filepath.Dir(dir) {
			return dir
		}
		dir = filepath.Dir(dir)
	}
}

// makeDir makes a directory that others may pass through, whatever the umask.
func makeDir(dir string) error {
	if _, err := os.Stat(dir); err == nil {
		return nil
	}
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return err
	}
	return os.Chmod(dir, 0o755)
}

// running is the directory of the field that runs: the named one, or the first
// place with one in it.
func (a *app) running() (string, error) {
	if a.dir != "" {
		return filepath.Abs(a.dir)
	}
	for _, dir := range places() {
		if _, err := os.Stat(filepath.Join(dir, controlName)); err == nil {
			return dir, nil
		}
	}
	return "", fmt.Errorf("no field runs in %v: start one with fieldsim run, or name its directory with --dir", places())
}
