//go:build linux

package cluster

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"os/user"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"
	"syscall"
)

// account is the OS user that the server runs as: ourselves, or "postgres" when we are root (PostgreSQL refuses root).
type account struct {
	name     string
	uid, gid int
	switched bool // we are root and it is not
}

func serverAccount() (account, error) {
	if os.Geteuid() != 0 {
		return account{name: userName(os.Geteuid()), uid: os.Geteuid(), gid: os.Getegid()}, nil
	}
	u, err := user.Lookup("postgres")
	if err != nil {
		return account{}, fmt.Errorf("%w: as root the server runs as OS user postgres, and there is none: %v", ErrNoPostgres, err)
	}
	uid, err := strconv.Atoi(u.Uid)
	if err != nil {
		return account{}, err
	}
	gid, err := strconv.Atoi(u.Gid)
	return account{name: "user postgres", uid: uid, gid: gid, switched: true}, err
}

// command prepares a program that runs as the account, in dir, in a session of its own (a Ctrl-C at our terminal is not for
// it), with an environment in which no PG variable of the caller's can lead it astray.
func (a account) command(ctx context.Context, dir, program string, args ...string) *exec.Cmd {
	cmd := exec.CommandContext(ctx, program, args...)
	cmd.Dir = dir
	cmd.Env = []string{"PATH=/usr/local/bin:/usr/bin:/bin", "LC_ALL=C.UTF-8"}
	cmd.SysProcAttr = &syscall.SysProcAttr{Setsid: true}
	if a.switched {
		cmd.SysProcAttr.Credential = &syscall.Credential{Uid: uint32(a.uid), Gid: uint32(a.gid)}
	}
	return cmd
}

// runBound runs a command that must not outlive us: it is killed should we be. Its output is the error's text.
func runBound(cmd *exec.Cmd) error {
	var out bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &out
	cmd.SysProcAttr.Pdeathsig = syscall.SIGKILL
	runtime.LockOSThread() // the death signal is sent when the starting thread ends
	defer runtime.UnlockOSThread()
	if err := cmd.Run(); err != nil {
		return fmt.Errorf("%s: %w: %s", filepath.Base(cmd.Path), err, strings.TrimSpace(out.String()))
	}
	return nil
}

// mkdir makes a directory that is private to the account, or finishes one that a killed start has left to root.
func (a account) mkdir(path string) error {
	if err := os.Mkdir(path, 0o700); err != nil && !errors.Is(err, fs.ErrExist) {
		return err
	}
	info, err := os.Lstat(path)
	if err != nil || ownerOf(info) == a.uid {
		return err
	}
	return os.Lchown(path, a.uid, a.gid)
}

// admit lets the account's group at something of root's.
func (a account) admit(path string, mode os.FileMode) error {
	if !a.switched {
		return nil
	}
	if err := os.Lchown(path, -1, a.gid); err != nil {
		return err
	}
	return os.Chmod(path, mode)
}

// write replaces a file in a directory of the account's. The account does it: root writing there could be led elsewhere by
// a link.
func (a account) write(ctx context.Context, path string, content []byte) error {
	cmd := a.command(ctx, "/", "/bin/sh", "-c", `umask 077 && cat >"$1.new" && mv "$1.new" "$1"`, "sh", path)
	cmd.Stdin = bytes.NewReader(content)
	return runBound(cmd)
}

// reach checks that the account can enter the home, and names the first directory on the way that it cannot.
func (a account) reach(ctx context.Context, h home) error {
	if !a.switched || a.canEnter(ctx, string(h)) {
		return nil
	}
	for _, dir := range ancestors(string(h)) {
		if !a.canEnter(ctx, dir) {
			return fmt.Errorf("%w: %s cannot pass %s; choose a data directory elsewhere, such as /var/lib/vendgate",
				ErrUnreachableDir, a.name, dir)
		}
	}
	return ctx.Err()
}

// canEnter tries it, since mode bits alone would not know of access lists.
func (a account) canEnter(ctx context.Context, dir string) bool {
	return a.command(ctx, "/", "/bin/sh", "-c", `cd -- "$1"`, "sh", dir).Run() == nil
}

// ancestors lists the directories from the root down to dir.
func ancestors(dir string) []string {
	if dir == "/" {
		return []string{dir}
	}
	return append(ancestors(filepath.Dir(dir)), dir)
}
