//go:build linux

package cluster

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"sync"
)

// Cluster is one use of the private server of a data directory. The server runs until the last use is closed or its
// process has ended. It must be closed; one that nobody holds is collected as garbage, and the use with it.
type Cluster struct {
	home   home
	bin    install
	as     account
	socket string // directory
	log    *slog.Logger

	close sync.Once
	users *os.File // users.lock, shared
}

// Open uses the private server of the data directory dir, creating and starting it if need be. It returns when the server
// answers: within a second or two, or after as long as it takes to recover; ctx bounds that. Any number of processes may do
// so at once.
//
// Errors: ErrNoPostgres, ErrVersion, ErrUnreachableDir, ErrBadDir, or why the server did not start.
func Open(ctx context.Context, dir string, log *slog.Logger) (*Cluster, error) {
	h, err := enter(dir)
	if err != nil {
		return nil, err
	}
	as, err := serverAccount()
	if err != nil {
		return nil, err
	}
	c := &Cluster{home: h, as: as, log: log}
	if c.users, err = h.lock(ctx, usersLock, shared); err != nil {
		return nil, err
	}
	err = c.starting(ctx, func() error {
		if err := c.prepare(ctx); err != nil {
			return err
		}
		if err := c.bring(ctx); err != nil {
			return err
		}
		return c.repair(ctx)
	})
	if err != nil {
		return nil, errors.Join(err, c.Close())
	}
	return c, nil
}

// Start starts the server again if it has ended under its users, and waits until it answers. Open has done so already.
func (c *Cluster) Start(ctx context.Context) error {
	return c.starting(ctx, func() error { return c.bring(ctx) })
}

// starting does something about the server while nobody else does.
func (c *Cluster) starting(ctx context.Context, do func() error) error {
	start, err := c.home.lock(ctx, startLock, exclusive)
	if err != nil {
		return err
	}
	defer start.Close()
	return do()
}

// bring brings the server to where it answers, and has somebody who will stop it. The caller holds start.lock.
func (c *Cluster) bring(ctx context.Context) error {
	if err := c.ensureReaper(); err != nil {
		return fmt.Errorf("starting the reaper: %w", err)
	}
	return c.up(ctx)
}

// prepare finds the binaries for the data, and makes whatever is missing in the home.
func (c *Cluster) prepare(ctx context.Context) error {
	want, err := c.home.version()
	if err != nil {
		return err
	}
	if c.bin, err = choose(installs(ctx, binPatterns), want, c.home.data()); err != nil {
		return err
	}
	if err := c.as.admit(string(c.home), 0o710); err != nil {
		return err
	}
	if err := c.as.reach(ctx, c.home); err != nil {
		return err
	}
	if err := c.as.mkdir(c.home.path(logName)); err != nil {
		return err
	}
	if err := c.findSocket(); err != nil {
		return err
	}
	if err := c.create(ctx); err != nil {
		return err
	}
	return c.writeConf(ctx)
}

// DSN names the server for pgx: a Unix socket, role and database vendgate.
func (c *Cluster) DSN() string { return c.dsn(Role, Database) }

// SuperuserDSN names the server for repairs and for tests that make databases of their own.
func (c *Cluster) SuperuserDSN() string { return c.dsn(Superuser, "postgres") }

func (c *Cluster) dsn(role, database string) string {
	return fmt.Sprintf("host=%s port=%s user=%s dbname=%s connect_timeout=5", c.socket, port, role, database)
}

// StopImmediate stops the server as a power cut would (pg_ctl's mode "immediate"), for whoever wants to see what is left.
// Start brings it back. It returns when no process of the server lives.
func (c *Cluster) StopImmediate(ctx context.Context) error {
	return c.starting(ctx, func() error { return c.stopImmediate(ctx) })
}

// Close ends this use. If it was the last, the server is stopped soon after, by the reaper. It may be called again.
func (c *Cluster) Close() (err error) {
	c.close.Do(func() { err = c.users.Close() })
	return err
}
