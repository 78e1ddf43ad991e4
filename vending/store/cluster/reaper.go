//go:build linux

package cluster

import (
	"context"
	"os"
)

// reaperScript runs when flock(1) has got users.lock for it. It gives up reaper.lock (3) at once, so that whoever finds that
// held knows that a reaper is still to act. Then it stops the server until server.lock (4) is free: a server whose starter
// was killed may not have its postmaster.pid yet. $3 is a socket directory to remove, or empty.
const reaperScript = `exec 3>&-
until flock --nonblock 4; do
  "$1" stop -D "$2" -m fast -t 30 || "$1" stop -D "$2" -m immediate -t 30 || sleep 0.05
done
[ -z "$3" ] || rmdir "$3"`

// ensureReaper starts a reaper unless one is waiting: one process, so that killing it gives back all it holds. The caller
// holds start.lock and is a user.
func (c *Cluster) ensureReaper() error {
	alone, err := c.home.tryLock(reaperLock, exclusive)
	if err != nil || alone == nil {
		return err
	}
	defer alone.Close() // the reaper holds it on
	server, err := openLock(c.home.path(serverLock))
	if err != nil {
		return err
	}
	defer server.Close()
	users := c.home.path(usersLock)
	if err := c.as.admit(users, 0o640); err != nil {
		return err
	}
	temp := ""
	if c.socketIsTemp() {
		temp = c.socket
	}
	cmd := c.as.command(context.Background(), "/", "flock", "--exclusive", "--no-fork", users,
		"/bin/sh", "-c", reaperScript, "vendgate-reaper", c.bin.path("pg_ctl"), c.home.data(), temp)
	cmd.ExtraFiles = []*os.File{alone, server}
	if err := cmd.Start(); err != nil {
		return err
	}
	go cmd.Wait() // its end is of no interest, but it shall not stay a zombie
	return nil
}
