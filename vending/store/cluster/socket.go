//go:build linux

package cluster

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
)

// port is part of the socket's name; nothing listens on the network.
const port = "5432"

// maxSocketPath is what sockaddr_un holds, less the final zero byte (unix(7)).
const maxSocketPath = 107

func socketFile(dir string) string { return filepath.Join(dir, ".s.PGSQL."+port) }

// socketFits: short enough, and free of what PostgreSQL and a DSN take for separators (a comma in a DSN's host means two
// hosts).
func socketFits(dir string) bool {
	return len(socketFile(dir)) <= maxSocketPath && !strings.ContainsAny(dir, ",'\"\\ \t\r\n")
}

// findSocket decides on the socket's directory and makes it: in the home, or, if its path is too long for a socket, a
// private one in the temporary directory, which is noted in the home for the other users. The caller holds start.lock.
func (c *Cluster) findSocket() error {
	c.socket = c.home.path(runName)
	if socketFits(c.socket) {
		return c.as.mkdir(c.socket)
	}
	note := c.home.path(socketName)
	b, err := os.ReadFile(note)
	if err == nil && c.as.ownsPrivate(string(b)) {
		c.socket = string(b)
		return nil
	}
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	if c.socket, err = c.as.tempDir(); err != nil {
		return err
	}
	c.log.Info("the data directory's path is too long for a socket", "socket", c.socket)
	return os.WriteFile(note, []byte(c.socket), 0o600)
}

func (c *Cluster) socketIsTemp() bool { return c.socket != c.home.path(runName) }

// tempDir makes a private directory with a short name that nobody can guess beforehand.
func (a account) tempDir() (string, error) {
	parent := os.TempDir()
	if !socketFits(filepath.Join(parent, "vendgate-0123456789")) {
		parent = "/tmp"
	}
	dir, err := os.MkdirTemp(parent, "vendgate-")
	if err != nil {
		return "", fmt.Errorf("making a directory for the socket: %w", err)
	}
	return dir, os.Chown(dir, a.uid, a.gid)
}

// ownsPrivate: it is a directory, and only the account may enter it.
func (a account) ownsPrivate(dir string) bool {
	info, err := os.Lstat(dir)
	return err == nil && info.IsDir() && info.Mode().Perm() == 0o700 && ownerOf(info) == a.uid
}
