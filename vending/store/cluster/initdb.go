//go:build linux

package cluster

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
)

// Role and Database are what the service connects with and to. ServiceRole is what it then works as: it owns nothing, so it
// cannot change what was written. Superuser repairs roles when the cluster is opened; nothing else of ours connects with it.
const (
	Role        = "vendgate"
	ServiceRole = "vendgate_service"
	Database    = "vendgate"
	Superuser   = "postgres"
)

// createSQL runs in a single-user server: a statement ends at an empty line.
const createSQL = "create role " + Role + " login;\n\n" +
	"create role " + ServiceRole + " nologin;\n\ngrant " + ServiceRole + " to " + Role + ";\n\ncreate database " + Database + " owner " + Role + ";\n\n"

// version is the major version that wrote the data, 0 if there is none yet.
func (h home) version() (int, error) {
	path := filepath.Join(h.data(), "PG_VERSION")
	b, err := os.ReadFile(path)
	if errors.Is(err, fs.ErrNotExist) && !exists(h.data()) {
		return 0, nil
	}
	if err != nil {
		return 0, err
	}
	major, err := strconv.Atoi(strings.TrimSpace(string(b)))
	if err != nil || major <= 0 {
		return 0, fmt.Errorf("%w: %s is damaged", ErrBadDir, path)
	}
	return major, nil
}

// create makes the cluster if there is none: in a folder beside its place, renamed when it is complete and on disk. The
// caller holds start.lock.
func (c *Cluster) create(ctx context.Context) error {
	note := c.home.path(noteName)
	if exists(c.home.data()) {
		return touch(note)
	}
	if exists(note) {
		return fmt.Errorf("%w: %s is gone; restore it from a backup, or remove %s to begin with empty books",
			ErrBadDir, c.home.data(), c.home)
	}
	if err := c.sweepUnfinished(ctx); err != nil {
		return err
	}
	c.log.Info("creating the private PostgreSQL cluster", "dir", c.home, "version", c.bin.major)
	tmp, err := os.MkdirTemp(string(c.home), initPrefix)
	if err != nil {
		return err
	}
	if err := c.fill(ctx, tmp); err != nil {
		os.RemoveAll(tmp) // else the next start does it
		return err
	}
	if err := errors.Join(os.Rename(tmp, c.home.data()), syncDir(string(c.home))); err != nil {
		return err
	}
	return touch(note)
}

// fill runs initdb, creates role and database and marks the result as ours.
func (c *Cluster) fill(ctx context.Context, tmp string) error {
	if err := os.Chown(tmp, c.as.uid, c.as.gid); err != nil {
		return err
	}
	initdb := c.as.command(ctx, string(c.home), c.bin.path("initdb"), "-D", tmp, "-U", Superuser, "--auth-local=trust",
		"--auth-host=reject", "--encoding=UTF8", "--locale=C.UTF-8", "--data-checksums", "--no-instructions")
	if err := runBound(initdb); err != nil {
		return err
	}
	single := c.as.command(ctx, string(c.home), c.bin.path("postgres"), "--single", "-j", "-D", tmp, "postgres")
	single.Stdin = strings.NewReader(createSQL)
	if err := runBound(single); err != nil {
		return err
	}
	if err := c.as.write(ctx, filepath.Join(tmp, markName), nil); err != nil {
		return err
	}
	return syncDir(tmp)
}

// sweepUnfinished removes what a killed start has left. A child of its initdb may still be writing there, for an instant.
func (c *Cluster) sweepUnfinished(ctx context.Context) error {
	left, err := filepath.Glob(c.home.path(initPrefix + "*"))
	if err != nil {
		return err
	}
	for _, dir := range left {
		err := poll(ctx, func() (bool, error) {
			err := os.RemoveAll(dir)
			if errors.Is(err, syscall.ENOTEMPTY) {
				return false, nil
			}
			return true, err
		})
		if err != nil {
			return fmt.Errorf("removing %s: %w", dir, err)
		}
	}
	return nil
}

func touch(path string) error {
	f, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE, 0o644)
	if err != nil {
		return err
	}
	return f.Close()
}

func syncDir(dir string) error {
	d, err := os.Open(dir)
	if err != nil {
		return err
	}
	return errors.Join(d.Sync(), d.Close())
}
