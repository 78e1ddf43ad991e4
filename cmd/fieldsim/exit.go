package main

import "errors"

// Exit codes, as vendgate's (DESIGN.md §7).
const (
	exitOK      = 0
	exitFailure = 1
	exitUsage   = 2
	exitLocked  = 6
)

// usageError is a command line that cannot be read.
type usageError struct{ error }

func (u usageError) Unwrap() error { return u.error }

// errRuns: one field in one directory.
var errRuns = errors.New("a field runs in this directory already")

func exitCode(err error) int {
	var u usageError
	switch {
	case err == nil:
		return exitOK
	case errors.As(err, &u):
		return exitUsage
	case errors.Is(err, errRuns):
		return exitLocked
	default:
		return exitFailure
	}
}
