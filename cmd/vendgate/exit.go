package main

import (
	"errors"

	"github.com/vendgate/vendgate/vending"
	"github.com/vendgate/vendgate/vending/words"
)

// Exit codes of every command (DESIGN.md §7).
const (
	exitOK          = 0
	exitFailure     = 1
	exitUsage       = 2
	exitDifferences = 3
	exitNotAllowed  = 4
	exitInDoubt     = 5
	exitLocked      = 6
)

// remark ends a command that did its work and has something to say about it.
type remark struct {
	code int
	text string
}

func (r *remark) Error() string { return r.text }

// usageError is a command line that cannot be read.
type usageError struct{ error }

func (u usageError) Unwrap() error { return u.error }

func exitCode(err error) int {
	var r *remark
	var u usageError
	switch {
	case err == nil:
		return exitOK
	case errors.As(err, &r):
		return r.code
	case errors.As(err, &u):
		return exitUsage
	}
	kind, _, _ := words.Explain(err)
	switch kind {
	case vending.Invalid:
		return exitUsage
	case vending.NotAllowed:
		return exitNotAllowed
	case vending.Doubtful:
		return exitInDoubt
	case vending.Locked:
		return exitLocked
	default:
		return exitFailure
	}
}

func unforeseen(err error) bool {
	_, code, _ := words.Explain(err)
	return code == "unforeseen"
}
