//go:build linux

package cluster

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"strings"
	"syscall"
	"time"

	"github.com/jackc/pgx/v5/pgconn"
)

// up starts the server if nothing of it lives, and waits until it answers. The caller holds start.lock.
func (c *Cluster) up(ctx context.Context) error {
	var ended <-chan error // how the server that we started ended, if it did; nil if we started none
	err := poll(ctx, func() (_ bool, err error) {
		select {
		case err := <-ended:
			return false, c.startFailure(err)
		default:
		}
		if ended == nil {
			if ended, err = c.launchIfDown(); err != nil {
				return false, err
			}
		}
		return c.answers(ctx)
	})
	if err != nil {
		return fmt.Errorf("starting the private PostgreSQL server: %w", err)
	}
	return nil
}

// launchIfDown starts the server if no process of it lives, be it one of ours (server.lock) or one that somebody started by
// hand (postmaster.pid).
func (c *Cluster) launchIfDown() (ended <-chan error, err error) {
	alive, err := c.home.tryLock(serverLock, exclusive)
	if err != nil || alive == nil {
		return nil, err
	}
	defer alive.Close() // the server holds it on
	if c.home.postmaster() != 0 {
		return nil, nil
	}
	c.sweepStale()
	return c.launch(alive)
}

// launch starts the postmaster, which inherits alive. What it says before its own log is open goes to start.log.
func (c *Cluster) launch(alive *os.File) (ended <-chan error, err error) {
	out, err := os.OpenFile(c.home.path(startLogName), os.O_WRONLY|os.O_CREATE|os.O_TRUNC, 0o600)
	if err != nil {
		return nil, err
	}
	defer out.Close()
	cmd := c.as.command(context.Background(), string(c.home), c.bin.path("postgres"), c.serverArgs()...)
	cmd.Stdout, cmd.Stderr = out, out
	cmd.ExtraFiles = []*os.File{alive}
	c.log.Info("starting the private PostgreSQL server", "dir", c.home)
	if err := cmd.Start(); err != nil {
		return nil, err
	}
	end := make(chan error, 1)
	go func() { end <- cmd.Wait() }()
	return end, nil
}

// startFailure says why the server ended instead of answering.
func (c *Cluster) startFailure(err error) error {
	said, _ := os.ReadFile(c.home.path(startLogName)) // without it the exit status must do
	return fmt.Errorf("it ended (%v): %s; see %s", err, strings.TrimSpace(string(said)), c.home.path(logName))
}

// The server's own words for "not now" (PostgreSQL, appendix A).
const (
	cannotConnectNow   = "57P03"
	adminShutdown      = "57P01"
	crashShutdown      = "57P02"
	tooManyConnections = "53300"
)

// answers reports whether the server takes a connection. Starting up, recovering and shutting down are not errors: it will.
func (c *Cluster) answers(ctx context.Context) (bool, error) {
	ctx, cancel := context.WithTimeout(ctx, 5*time.Second)
	defer cancel()
	conn, err := pgconn.Connect(ctx, c.DSN())
	if err == nil {
		return true, conn.Close(ctx)
	}
	var said *pgconn.PgError
	if errors.As(err, &said) {
		switch said.Code {
		case tooManyConnections:
			return true, nil
		case cannotConnectNow, adminShutdown, crashShutdown:
			return false, nil
		}
		return false, err
	}
	if errors.Is(err, fs.ErrPermission) {
		return false, err
	}
	if errors.Is(err, fs.ErrNotExist) && c.home.saysReady() && c.home.postmaster() != 0 && !exists(socketFile(c.socket)) {
		return false, fmt.Errorf("its socket %s was removed; end every vendgate that uses it and start again", socketFile(c.socket))
	}
	return false, nil
}

// stopImmediate lets the server drop everything and waits until nothing of it lives. The caller holds start.lock.
func (c *Cluster) stopImmediate(ctx context.Context) error {
	return poll(ctx, func() (bool, error) {
		dead, err := c.home.tryLock(serverLock, exclusive)
		if dead != nil {
			return true, dead.Close()
		}
		if pid := c.home.postmaster(); pid != 0 && err == nil {
			err = syscall.Kill(pid, syscall.SIGQUIT)
		}
		if errors.Is(err, syscall.ESRCH) {
			err = nil
		}
		return false, err
	})
}
