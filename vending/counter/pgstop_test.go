package counter_test

import (
	"context"
	"fmt"
	"log/slog"
	"sync/atomic"
	"testing"

	"github.com/vendgate/vendgate/fixtures/pgtest"
	"github.com/vendgate/vendgate/vending/store/cluster"
)

// TestPostgresStopped stops the private PostgreSQL as a power cut would, at
// every command to the card and around every commit of a top-up.
func TestPostgresStopped(t *testing.T) {
	server, err := cluster.Open(t.Context(), pgtest.DataDir(t), slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { server.Close() })
	w := worldOn(t, server.DSN())
	n := w.measure(t)
	for i := range n.commands {
		name := fmt.Sprintf("PostgreSQL stopped at command %d", i)
		failAll(t, name, w.stopped(t, server, i, -1, nil))
	}
	for i := range n.commits {
		for _, c := range commitCuts[:2] {
			name := fmt.Sprintf("PostgreSQL stopped at commit %d, %s", i, c.name)
			failAll(t, name, w.stopped(t, server, -1, i, c.do))
		}
	}
	t.Logf("PostgreSQL stopped %d times", n.commands+2*n.commits)
}

// stopped is one top-up in the middle of which the server stops.
func (w *world) stopped(t *testing.T, server *cluster.Cluster, command, commit int, cut func(*cutConn, []byte) error) []string {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 2*waiting)
	defer cancel()
	stop := func() {
		if err := server.StopImmediate(ctx); err != nil {
			t.Error(err)
		}
	}
	h := w.household(t)
	slot, db := slotWith(h), new(wire)
	a := &aftermath{world: w, home: h, slot: slot, req: request(topUpFen), terminal: w.terminal(slot)}
	s, err := w.open(ctx, db)
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	db.arm(commit, func(c *cutConn, b []byte) error {
		err := cut(c, b)
		stop()
		return err
	})
	on := onCommand{Reader: slot, seen: new(atomic.Int32), nth: int32(command), before: stop}
	a.claimed, a.err = w.desk(s).TopUp(ctx, w.terminal(on), a.req)
	if err := server.Start(ctx); err != nil {
		t.Fatal(err)
	}
	w.reopen(t)
	return a.check(ctx)
}
