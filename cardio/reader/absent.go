//go:build !cgo && !windows

package reader

import (
	"context"

	"github.com/vendgate/vendgate/cardio"
)

// Reader stands in for the real one in a build without cgo: it only explains itself.
type Reader struct{ name string }

var _ cardio.Reader = (*Reader)(nil)

// New names a reader that cannot be connected.
func New(name string, _ Options) *Reader { return &Reader{name: name} }

// Name is the name given to New.
func (r *Reader) Name() string { return r.name }

// Stuck is always false.
func (r *Reader) Stuck() bool { return false }

// GivenUp is always zero.
func (r *Reader) GivenUp() uint64 { return 0 }

// Connect fails with ErrNotBuiltIn.
func (r *Reader) Connect(context.Context) (cardio.Link, error) { return nil, ErrNotBuiltIn }

// Monitor fails with ErrNotBuiltIn.
func Monitor(context.Context) (<-chan Event, error) { return nil, ErrNotBuiltIn }
