//go:build linux

package cluster

import (
	"context"
	"time"
)

// keepEvery is how often Keep looks.
const keepEvery = 500 * time.Millisecond

// Keep starts the server again whenever it has ended, and the reaper too, until ctx ends. For the service: commands are too
// short to care. What cannot be mended now (a full disk, say) is logged and tried again.
func (c *Cluster) Keep(ctx context.Context) error {
	tick := time.NewTicker(keepEvery)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-tick.C:
		}
		if err := c.mend(ctx); err != nil && ctx.Err() == nil {
			c.log.Error("the private PostgreSQL server is down", "err", err)
		}
	}
}

// mend looks and acts under start.lock, since looking takes the other locks for a moment. If somebody else has it, the
// server is being seen to.
func (c *Cluster) mend(ctx context.Context) error {
	start, err := c.home.tryLock(startLock, exclusive)
	if err != nil || start == nil {
		return err
	}
	defer start.Close()
	for _, name := range []string{serverLock, reaperLock} {
		held, err := c.home.held(name)
		if err != nil {
			return err
		}
		if !held {
			return c.bring(ctx)
		}
	}
	return nil
}

// held reports whether somebody holds the lock.
func (h home) held(name string) (bool, error) {
	f, err := h.tryLock(name, exclusive)
	if err != nil || f == nil {
		return err == nil, err
	}
	return false, f.Close()
}
