package counter_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log"
	"os"
	"os/exec"
	"path/filepath"
	"sync/atomic"
	"syscall"
	"testing"

	"github.com/vendgate/vendgate/cardio"
	"github.com/vendgate/vendgate/cardio/sam"
	"github.com/vendgate/vendgate/vending/counter"
)

// childEnv makes this test binary a terminal that kills itself.
const childEnv = "VENDGATE_TEST_SUICIDE"

const (
	childPass       = "a passphrase of a test"
	childWorkFactor = 10
)

// suicide is the order to such a child: one top-up, killed at one place.
type suicide struct {
	DSN, Socket, Reader, Keys string
	Request                   counter.TopUpRequest
	Command, Commit           int // where; -1: not there
	Before                    bool
}

func TestMain(m *testing.M) {
	if order := os.Getenv(childEnv); order != "" {
		log.Fatal(child(order)) // it should be dead by now
	}
	if order := os.Getenv(cashierEnv); order != "" {
		if err := cashier(order); err != nil {
			log.Fatal(err)
		}
		return
	}
	code := m.Run()
	if hall := open.Load(); hall != nil {
		hall.close()
	}
	os.Exit(code)
}

func die() {
	syscall.Kill(os.Getpid(), syscall.SIGKILL)
	select {}
}

func child(order string) error {
	var o suicide
	if err := json.Unmarshal([]byte(order), &o); err != nil {
		return err
	}
	keys, err := sam.LoadFile(o.Keys, childPass)
	if err != nil {
		return err
	}
	w, db := &world{dsn: o.DSN, keys: keys}, new(wire)
	s, err := w.open(context.Background(), db)
	if err != nil {
		return err
	}
	db.arm(o.Commit, func(c *cutConn, b []byte) error {
		if !o.Before {
			if _, err := c.Conn.Write(b); err != nil {
				return err
			}
			if _, err := c.Conn.Read(make([]byte, 64)); err != nil {
				return err
			}
		}
		die()
		return nil
	})
	on := onCommand{seen: new(atomic.Int32), nth: int32(o.Command)}
	if o.Before {
		on.before = die
	} else {
		on.after = die
	}
	t := w.pcsc(&seat{name: o.Reader}, func(r cardio.Reader) cardio.Reader { on.Reader = r; return on })
	_, err = w.desk(s).TopUp(context.Background(), t, o.Request)
	return fmt.Errorf("not killed: %w", err)
}

// TestGridOfSIGKILL kills a real process before and after every command to the
// card and every commit of a top-up, through the real pcscd.
func TestGridOfSIGKILL(t *testing.T) {
	w := newWorld(t)
	path := filepath.Join(t.TempDir(), "keys.age")
	var err error
	if w.keys, err = sam.GenerateFile(path, childPass, childWorkFactor); err != nil {
		t.Fatal(err)
	}
	n := w.measure(t)
	hall, err := theHall()
	if err != nil {
		t.Fatal(err)
	}
	order := suicide{DSN: w.dsn, Socket: hall.daemon.Socket(), Keys: path, Command: -1, Commit: -1}
	killed := 0
	t.Run("killed", func(t *testing.T) {
		for _, before := range []bool{true, false} {
			for i := range n.commands + n.commits {
				o := order
				o.Before = before
				name := fmt.Sprintf("command %d, before: %t", i, before)
				if o.Command = i; i >= n.commands {
					o.Command, o.Commit = -1, i-n.commands
					name = fmt.Sprintf("commit %d, before: %t", o.Commit, before)
				}
				killed++
				t.Run(name, func(t *testing.T) {
					t.Parallel()
					failAll(t, name, w.suicide(t, hall, o))
				})
			}
		}
	})
	t.Logf("%d processes killed", killed)
}

func (w *world) suicide(t *testing.T, hall *hall, o suicide) []string {
	ctx, cancel := context.WithTimeout(t.Context(), 2*waiting)
	defer cancel()
	h := w.household(t)
	s := hall.seat(h)
	defer s.leave()
	a := &aftermath{world: w, home: h, slot: s.Slot, req: request(topUpFen), terminal: w.pcsc(s, direct)}
	if _, err := contents(ctx, a.terminal); err != nil {
		t.Fatal(err)
	}
	o.Reader, o.Request = s.name, a.req
	text, err := json.Marshal(o)
	if err != nil {
		t.Fatal(err)
	}
	c := exec.CommandContext(ctx, os.Args[0])
	c.Env = append(os.Environ(), childEnv+"="+string(text), "PCSCLITE_CSOCK_NAME="+o.Socket)
	out, err := c.CombinedOutput()
	var exit *exec.ExitError
	if !errors.As(err, &exit) || exit.Sys().(syscall.WaitStatus).Signal() != syscall.SIGKILL {
		t.Fatalf("child was not killed: %v\n%s", err, out)
	}
	a.err = err // nobody was told anything
	a.check(ctx)
	return a.faults
}
