package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"time"

	"github.com/spf13/cobra"
)

func demoCommand(a *app) *cobra.Command {
	return &cobra.Command{
		Use:   "demo",
		Short: "Play the whole story once in a directory of its own (make demo)",
		Long: `Play the whole story once: open a customer, issue a card, top it up, take it to
the meter, burn gas, read the meter, reconcile, kill the service. Exit 0 means
that every command ended as it should and every figure was right.

It plays in a new directory that it removes; one named with --dir must be empty,
and stays.`,
		Args: noArgs,
		RunE: func(c *cobra.Command, _ []string) error { return runDemo(c.Context(), a) },
	}
}

// demoTime ends a demo in which something hangs.
const demoTime = 3 * time.Minute

func runDemo(ctx context.Context, a *app) (err error) {
	ctx, cancel := context.WithTimeout(ctx, demoTime)
	defer cancel()
	path, err := a.findGate()
	if err != nil {
		return err
	}
	dir, leave, err := a.stage(ctx)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, leave()) }()
	log, err := os.Create(filepath.Join(dir, "service.log"))
	if err != nil {
		return err
	}
	defer log.Close()
	s := &story{dir: dir, path: path, log: log}
	defer func() { err = errors.Join(err, s.end()) }()
	if err := s.play(ctx, a.out); err != nil {
		s.tellLog(a.errs)
		return err
	}
	return nil
}

// stage makes the demo's directory and knows how to leave it.
func (a *app) stage(ctx context.Context) (dir string, leave func() error, err error) {
	if a.dir != "" {
		dir, err := a.settle(ctx)
		if err != nil {
			return "", nil, err
		}
		if found, err := os.ReadDir(dir); err != nil || len(found) > 0 {
			return "", nil, errors.Join(err, usageError{fmt.Errorf("%s is not empty: the story begins with nothing", dir)})
		}
		return dir, func() error { return nil }, nil
	}
	dir, err = os.MkdirTemp("", "fieldsim-")
	if err != nil {
		return "", nil, err
	}
	leave = func() error { return os.RemoveAll(dir) }
	if err := errors.Join(os.Chmod(dir, 0o755), prepare(ctx, dir)); err != nil {
		return "", nil, errors.Join(err, leave())
	}
	return dir, leave, nil
}

// step is one thing that happens in the story. tell says with which figures it
// ended; it fails unless they are the expected ones.
type step struct {
	name string
	tell func(context.Context) (string, error)
}

// play prints each step with its time, and stops at the first that fails.
func (s *story) play(ctx context.Context, out io.Writer) error {
	begin := time.Now()
	for i, step := range s.steps() {
		at := time.Now()
		figures, err := step.tell(ctx)
		took := time.Since(at).Milliseconds()
		if err != nil {
			fmt.Fprintf(out, "%2d %6d ms  FAILED: %s\n", i+1, took, step.name)
			return fmt.Errorf("step %d, %s: %w", i+1, step.name, err)
		}
		fmt.Fprintf(out, "%2d %6d ms  %s\n              %s\n", i+1, took, step.name, figures)
	}
	fmt.Fprintf(out, "done in %.1f s: ledger, card and meter agree\n", time.Since(begin).Seconds())
	return nil
}

// tellLog shows what the service logged, for whoever has to find out why.
func (s *story) tellLog(w io.Writer) {
	if b, err := os.ReadFile(s.log.Name()); err == nil && len(b) > 0 {
		fmt.Fprintf(w, "the service's log:\n%s", b)
	}
}
