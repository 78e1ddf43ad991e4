//go:build !linux

package cluster

import (
	"context"
	"fmt"
	"log/slog"
)

// Cluster cannot exist on this system.
type Cluster struct{}

func unsupported() error {
	return fmt.Errorf("%w: name a server with --database", ErrUnsupported)
}

// Open always fails with ErrUnsupported.
func Open(context.Context, string, *slog.Logger) (*Cluster, error) { return nil, unsupported() }

// LockService always fails with ErrUnsupported.
func LockService(string) (unlock func(), err error) { return nil, unsupported() }

// DSN is empty.
func (*Cluster) DSN() string { return "" }

// Start always fails with ErrUnsupported.
func (*Cluster) Start(context.Context) error { return unsupported() }

// Keep always fails with ErrUnsupported.
func (*Cluster) Keep(context.Context) error { return unsupported() }

// StopImmediate always fails with ErrUnsupported.
func (*Cluster) StopImmediate(context.Context) error { return unsupported() }

// Close does nothing.
func (*Cluster) Close() error { return nil }
