package cluster

import "errors"

// What callers branch on. Each is wrapped with what to do.
var (
	// ErrUnsupported: this operating system has no private cluster; name a server.
	ErrUnsupported = errors.New("no private PostgreSQL on this system")
	// ErrNoPostgres: no server binaries are installed, or no OS user to run them as.
	ErrNoPostgres = errors.New("PostgreSQL is not installed")
	// ErrVersion: the data was written by another major version of PostgreSQL than those installed.
	ErrVersion = errors.New("the data belongs to another version of PostgreSQL")
	// ErrUnreachableDir: started as root, and the OS user that runs the server cannot enter the directory.
	ErrUnreachableDir = errors.New("the server's user cannot enter the directory")
	// ErrBadDir: what is there is not a cluster of ours, belongs to somebody else, or has lost its data.
	ErrBadDir = errors.New("not a data directory of vendgate")
	// ErrServing: another process serves this data directory.
	ErrServing = errors.New("already running")
)
