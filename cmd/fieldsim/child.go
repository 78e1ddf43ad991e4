package main

import (
	"os/exec"
	"runtime"
	"syscall"
	"time"
)

// child is a program that does not outlive this one.
type child struct {
	cmd  *exec.Cmd
	done chan struct{} // closed when it has ended
	err  error         // how; read after done
}

// startChild forks and waits on one locked thread: the kernel ties "die with your
// parent" to the thread that forked.
func startChild(cmd *exec.Cmd) (*child, error) {
	bind(cmd)
	cmd.WaitDelay = time.Second // for what it may have left holding our pipes
	c := &child{cmd: cmd, done: make(chan struct{})}
	started := make(chan error, 1)
	go func() {
		runtime.LockOSThread()
		defer close(c.done)
		err := cmd.Start()
		started <- err
		if err == nil {
			c.err = cmd.Wait()
		}
	}()
	return c, <-started
}

func (c *child) pid() int { return c.cmd.Process.Pid }

// kill is SIGKILL. It may have ended already.
func (c *child) kill() {
	_ = c.cmd.Process.Kill()
	<-c.done
}

// stop asks first, and waits so long.
func (c *child) stop(patience time.Duration) {
	_ = c.cmd.Process.Signal(syscall.SIGTERM)
	select {
	case <-c.done:
	case <-time.After(patience):
		c.kill()
	}
}
