//go:build linux

package cluster

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/user"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
)

// What else lies in the home, beside the locks.
const (
	dataName     = "data"        // PGDATA
	markName     = "VENDGATE"    // in PGDATA: this cluster was made by us
	noteName     = "INITIALISED" // in the home: there has been a cluster
	logName      = "log"
	startLogName = "start.log" // what the server says before its log is open
	runName      = "run"       // the socket, if its path is short enough
	socketName   = "socket"    // else where the socket is
	initPrefix   = "initdb-"
)

// home is the folder "postgres" of a data directory, absolute and without symbolic links.
type home string

func (h home) path(name string) string { return filepath.Join(string(h), name) }
func (h home) data() string            { return h.path(dataName) }

// enter makes the home if there is none and checks that it is ours. It writes nothing into a folder it does not know.
func enter(dir string) (home, error) {
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return "", err
	}
	dir, err := filepath.Abs(dir)
	if err != nil {
		return "", err
	}
	if dir, err = filepath.EvalSymlinks(dir); err != nil {
		return "", err
	}
	if exists(filepath.Join(dir, "PG_VERSION")) {
		return "", fmt.Errorf("%w: %s is a PostgreSQL cluster itself; name an empty directory", ErrBadDir, dir)
	}
	h := home(filepath.Join(dir, "postgres"))
	if err := os.Mkdir(string(h), 0o700); err != nil && !errors.Is(err, fs.ErrExist) {
		return "", err
	}
	return h, h.check()
}

// check refuses a home that somebody else owns or that holds what is not ours.
func (h home) check() error {
	info, err := os.Lstat(string(h))
	if err != nil {
		return err
	}
	if !info.IsDir() {
		return fmt.Errorf("%w: %s is not a directory", ErrBadDir, h)
	}
	if owner := ownerOf(info); owner != os.Geteuid() {
		return fmt.Errorf("%w: %s belongs to %s; run vendgate as that user", ErrBadDir, h, userName(owner))
	}
	if exists(h.data()) && !exists(filepath.Join(h.data(), markName)) {
		return fmt.Errorf("%w: %s was not made by vendgate; name another directory", ErrBadDir, h.data())
	}
	return h.checkNames()
}

// checkNames looks for anything that we do not put there.
func (h home) checkNames() error {
	entries, err := os.ReadDir(string(h))
	if err != nil {
		return err
	}
	for _, e := range entries {
		switch name := e.Name(); name {
		case serveLock, usersLock, startLock, reaperLock, serverLock, dataName, noteName, logName, startLogName, runName, socketName:
		default:
			if !strings.HasPrefix(name, initPrefix) {
				return fmt.Errorf("%w: %s is not vendgate's; name another directory", ErrBadDir, h.path(name))
			}
		}
	}
	return nil
}

func exists(path string) bool {
	_, err := os.Lstat(path)
	return err == nil
}

func ownerOf(info fs.FileInfo) int {
	return int(info.Sys().(*syscall.Stat_t).Uid)
}

func userName(uid int) string {
	id := strconv.Itoa(uid)
	if u, err := user.LookupId(id); err == nil {
		return "user " + u.Username
	}
	return "uid " + id
}
