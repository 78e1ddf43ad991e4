//go:build cgo || windows

package reader

import (
	"context"
	"fmt"
)

// process holds what the PC/SC client library and ebfe/scard allow once per
// process, which is why it belongs to no Reader.
var process = struct {
	listing    chan struct{} // full while someone lists: a frozen service costs one thread, not one per question
	monitoring chan struct{} // full while a Monitor runs
}{make(chan struct{}, 1), make(chan struct{}, 1)}

// List names the readers of this machine, in the service's order; none is not
// an error. It returns ErrNotAllowed or ErrNoService, the latter also when the
// service does not answer before ctx ends.
func List(ctx context.Context) ([]string, error) {
	select {
	case process.listing <- struct{}{}:
	case <-ctx.Done():
		return nil, fmt.Errorf("%w (%w)", ErrNoService, ctx.Err())
	}
	type result struct {
		names []string
		err   error
	}
	done := make(chan result, 1)
	go func() {
		defer func() { <-process.listing }()
		names, err := listOnce()
		done <- result{names, err}
	}()
	select {
	case r := <-done:
		return r.names, r.err
	case <-ctx.Done():
		return nil, fmt.Errorf("%w (%w)", ErrNoService, ctx.Err())
	}
}

func listOnce() ([]string, error) {
	ctx, err := establish()
	if err != nil {
		return nil, err
	}
	defer ctx.Release() // nothing follows from a failure
	return listReaders(ctx)
}
