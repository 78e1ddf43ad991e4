package store_test

import (
	"context"
	"errors"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/uuid"

	"github.com/vendgate/vendgate/vending"
	"github.com/vendgate/vendgate/vending/store"
)

// Codes live by the database's clock too: it forgets old ones.
var today = time.Now().Truncate(time.Second)

var chief = vending.Actor{Staff: "chief", Role: vending.RoleSupervisor, From: "test"}

// code stores a code for a till.
func (d *database) code(t *testing.T, n byte, till string) vending.EnrolCode {
	t.Helper()
	c := vending.EnrolCode{Hash: [32]byte{n}, Till: till, By: "chief", Issues: n == 1, Expires: today.Add(vending.EnrolTime)}
	must(t, d.ForCompany(t.Context(), vending.Deed{Kind: "terminal code", By: chief, At: today},
		func(tx *store.Tx) error { return tx.AddCode(t.Context(), c) }))
	return c
}

func pc(n byte) vending.Terminal {
	return vending.Terminal{ID: uuid.UUID{n, 15: 1}, Host: "PC-3", Key: [32]byte{n}, Enrolled: today}
}

func (d *database) revoke(t *testing.T, id uuid.UUID) error {
	return d.ForCompany(t.Context(), vending.Deed{Kind: "terminal revoked", By: chief},
		func(tx *store.Tx) error { return tx.RevokeTerminal(t.Context(), id) })
}

// A code lets one PC in, for its till and as who let it be shown; what is revoked
// stays, and its till is free.
func TestTerminals(t *testing.T) {
	t.Parallel()
	d := open(t)
	one, two := d.code(t, 1, "7"), d.code(t, 2, "7")
	got, err := d.EnrolTerminal(t.Context(), one.Hash, pc(1), today)
	if err != nil || got.Till != "7" || got.By != "chief" {
		t.Fatal(got, err)
	}
	at, err := d.TerminalAt(t.Context(), "7")
	if err != nil || at.ID != got.ID || at.Key != got.Key || at.Host != "PC-3" || !at.MayIssue || !at.Revoked.IsZero() {
		t.Errorf("%+v, %v", at, err)
	}
	if _, err := d.EnrolTerminal(t.Context(), two.Hash, pc(2), today); !errors.Is(err, vending.ErrTillHasTerminal) {
		t.Errorf("a second at the till: %v", err)
	}
	must(t, d.revoke(t, got.ID))
	must(t, d.revoke(t, got.ID)) // again changes nothing
	if _, err := d.TerminalAt(t.Context(), "7"); !errors.Is(err, vending.ErrNoTerminal) {
		t.Errorf("revoked, and still there: %v", err)
	}
	if old, err := d.Terminal(t.Context(), got.ID); err != nil || old.Revoked.IsZero() {
		t.Errorf("%+v, %v", old, err)
	}
	if _, err := d.EnrolTerminal(t.Context(), two.Hash, pc(2), today); err != nil {
		t.Errorf("the code of a refusal is not used up: %v", err)
	}
	if err := d.revoke(t, uuid.New()); !errors.Is(err, vending.ErrNoTerminal) {
		t.Errorf("%v", err)
	}
	if list, err := d.Terminals(t.Context()); err != nil || len(list) != 2 {
		t.Error(list, err)
	}
	d.wantClean(t)
}

// A code that is wrong, used or too old lets nobody in, and nothing is stored.
func TestCodesThatDoNotLetIn(t *testing.T) {
	t.Parallel()
	d := open(t)
	good, late := d.code(t, 1, "1"), d.code(t, 2, "2")
	if _, err := d.EnrolTerminal(t.Context(), good.Hash, pc(1), today.Add(vending.EnrolTime)); err != nil {
		t.Fatal("at its last moment:", err)
	}
	for _, c := range []struct {
		hash [32]byte
		at   time.Time
		want error
	}{
		{[32]byte{9}, today, vending.ErrCodeWrong},
		{good.Hash, today, vending.ErrCodeUsed},
		{late.Hash, today.Add(vending.EnrolTime + time.Second), vending.ErrCodeExpired},
	} {
		if _, err := d.EnrolTerminal(t.Context(), c.hash, pc(3), c.at); !errors.Is(err, c.want) {
			t.Errorf("%v, want %v", err, c.want)
		}
	}
	if list, err := d.Terminals(t.Context()); err != nil || len(list) != 1 {
		t.Error(list, err)
	}
}

// Of many who use one code at the same moment one is let in.
func TestOneCodeManyHands(t *testing.T) {
	t.Parallel()
	d := open(t)
	c := d.code(t, 1, "1")
	var in atomic.Int32
	var hands sync.WaitGroup
	for n := range byte(8) {
		hands.Go(func() {
			_, err := d.EnrolTerminal(context.WithoutCancel(t.Context()), c.Hash, pc(n), today)
			if err == nil {
				in.Add(1)
			} else if !errors.Is(err, vending.ErrCodeUsed) {
				t.Error(err)
			}
		})
	}
	hands.Wait()
	if in.Load() != 1 {
		t.Errorf("%d were let in", in.Load())
	}
}
