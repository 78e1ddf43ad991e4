package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"github.com/vendgate/vendgate/fixtures/metersim"
	"github.com/vendgate/vendgate/meterproto/cjt188"
)

// home is a household whose meter hangs on a line. A meter that counts money waits for a price, the others for what becomes of a
// purchase.
type home struct {
	metersim.Slave
	number   string
	money    bool
	meter    *metersim.Meter
	purchase string
	heard    func() // is called at each request

	// rig says what the meter does with the next order: it takes it ("done"), or not ("lost"), and is mute from then on; or it declines
	// all ("declines").
	rig    atomic.Value
	mute   atomic.Bool
	orders atomic.Int64 // that it heard
}

// unwilling is a meter that takes no orders.
type unwilling struct{ metersim.Snapshotter }

// Answer answers, where the meter can.
func (h *home) Answer(request []byte) []byte {
	h.heard()
	rig, _ := h.rig.Load().(string)
	f, err := cjt188.Decode(request)
	if order := err == nil && f.Control == cjt188.WriteData; order {
		h.orders.Add(1)
		if rig == "declines" {
			return (&metersim.CJT188{Type: metersim.Gas, Meter: unwilling{h.meter}, Fen: h.money}).Answer(request)
		}
		h.mute.Store(rig != "")
	}
	if rig == "lost" && h.mute.Load() {
		return nil
	}
	answer := h.Slave.Answer(request)
	if h.mute.Load() {
		return nil
	}
	return answer
}

// wake has the meter answer as ever.
func (h *home) wake() { h.rig.Store(""); h.mute.Store(false) }

// chores is a street of such homes.
type choreStreet struct {
	*street
	homes []*home
	rough atomic.Bool  // one answer in four goes wrong
	asks  atomic.Int64 // requests so far
	mark  atomic.Pointer[mark]
}

const moneyFile = `{"code": "gas-money", "class": "residential", "from": "2000-01-01", "commodity": "CNY", "measures": "L", "step": 1,
	"tiers": [{"from": 0, "to": 350000, "price_fen": 263}, {"from": 350000, "price_fen": 316}]}`

// newChoreStreet has so many lines, each with a meter that counts money and one that counts volume. They are read by the calendar up to that
// day of the month.
func newChoreStreet(t *testing.T, lines, to int, seed uint64) *choreStreet {
	dir := t.TempDir()
	s := &choreStreet{street: &street{T: t, dsn: books.New(t), config: filepath.Join(dir, "gateway.json")}}
	s.env = append(os.Environ(), "DATABASE_URL="+s.dsn, "DATA_DIR="+dir)
	s.writes(s.config, map[string]any{"books": true, "calendar": map[string]any{"from": 1, "to": to, "at": "00:00"},
		"chores": map[string]any{"each": "20ms", "doubt": "1ms"}})
	money := filepath.Join(dir, "money.json")
	if err := os.WriteFile(money, []byte(moneyFile), 0o600); err != nil {
		t.Fatal(err)
	}
	s.vendgate("tariff", "add", money, "--staff", "finance")
	s.vendgate("shift", "open", "--till", "1")
	for l := range lines {
		var slaves []metersim.Slave
		for _, money := range []bool{true, false} {
			h := s.home(fmt.Sprintf("8801000000%02d%02d", l, len(slaves)), money)
			s.homes, slaves = append(s.homes, h), append(slaves, h)
		}
		s.joins(s.serves(slaves, lineBaud, seed+uint64(l)), lineBaud, s.homes[len(s.homes)-len(slaves):])
	}
	return s
}

func (s *choreStreet) writes(path string, v any) {
	b, err := json.Marshal(v)
	if err == nil {
		err = os.WriteFile(path, b, 0o600)
	}
	if err != nil {
		s.Fatal(err)
	}
}

func (s *choreStreet) home(number string, money bool) *home {
	meter, err := metersim.New(metersim.Config{Number: number, Start: time.Now()})
	if err != nil {
		s.Fatal(err)
	}
	return &home{number: number, money: money, meter: meter, purchase: uuid.NewString(), heard: s.heard,
		Slave: &metersim.CJT188{Type: metersim.Gas, Meter: meter, Fen: money}}
}

// mark is a number of requests, and what happens when it is reached.
type mark struct {
	at      int64
	reached func()
}

// heard counts a request.
func (s *choreStreet) heard() {
	if n, m := s.asks.Add(1), s.mark.Load(); m != nil && n >= m.at {
		m.reached()
	}
}

// after is closed at the nth request from now.
func (s *choreStreet) after(n int) <-chan struct{} {
	due := make(chan struct{})
	s.mark.Store(&mark{s.asks.Load() + int64(n), sync.OnceFunc(func() { close(due) })})
	return due
}

// serves puts meters on a line at an address. Whoever connects has a bus of its own.
func (s *choreStreet) serves(slaves []metersim.Slave, baud int, seed uint64) string {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		s.Fatal(err)
	}
	s.Cleanup(func() { _ = l.Close() })
	spoilt := metersim.OneInOf(4, metersim.HardFaults())
	plan := func(r *rand.Rand) metersim.Fault {
		if s.rough.Load() {
			return spoilt(r)
		}
		return metersim.NoFault
	}
	go func() {
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			seed++
			bus := metersim.NewBus(metersim.Line{Baud: baud, Think: time.Millisecond, Log: io.Discard, Seed: seed, Faults: plan})
			bus.Join(slaves...)
			go func() { _ = bus.Serve(c) }() // ends with its master
		}
	}()
	return "tcp://" + l.Addr().String()
}

// joins opens the accounts of homes on a line and puts their meters there.
func (s *choreStreet) joins(line string, baud int, homes []*home) {
	for _, h := range homes {
		open := []string{"customer", "open", "--no", "10" + h.number[10:], "--name", "王芳", "--meter", h.number}
		if h.money {
			open = append(open, "--tariff", "gas-money", "--max-credit", "100000")
		}
		s.vendgate(open...)
		s.vendgate("meter", "add", "--meter", h.number, "--line", line, "--baud", fmt.Sprint(baud))
	}
}

// ends runs vendgate and wants this exit code.
func (s *choreStreet) ends(code int, args ...string) {
	cmd := exec.CommandContext(s.Context(), "vendgate", args...)
	cmd.Env = s.env
	out, err := cmd.CombinedOutput()
	var exit *exec.ExitError
	if code != cmd.ProcessState.ExitCode() || err != nil && !errors.As(err, &exit) {
		s.Errorf("vendgate %v: %v, want %d\n%s", args, err, code, out)
	}
}

// doubts leaves a purchase in doubt on each meter that counts volume: half of them have taken it.
func (s *choreStreet) doubts() {
	var buying sync.WaitGroup
	for i, h := range s.homes {
		if h.money {
			continue
		}
		h.rig.Store([]string{"lost", "done"}[i/2%2])
		buying.Go(func() {
			s.ends(exitInDoubt, "meter", "topup", "--meter", h.number, "--amount", "20", "--id", h.purchase)
		})
	}
	buying.Wait()
	for _, h := range s.homes {
		h.wake()
	}
}

// waits holds what the books say against a condition, again and again; whoever was set aside is due at once.
func (s *choreStreet) waits(what, sql string) {
	s.Helper()
	conn, err := pgx.Connect(s.Context(), s.dsn)
	if err != nil {
		s.Fatal(err)
	}
	defer func() { _ = conn.Close(context.Background()) }()
	tick, late := time.NewTicker(50*time.Millisecond), time.After(3*waiting)
	defer tick.Stop()
	for so := false; ; {
		if err := conn.QueryRow(s.Context(), sql).Scan(&so); err != nil || so {
			if err != nil {
				s.Fatal(err)
			}
			return
		}
		if _, err := conn.Exec(s.Context(), `update meter_chore set not_before = now() where tries > 0`); err != nil {
			s.Fatal(err)
		}
		select {
		case <-tick.C:
		case <-late:
			s.Fatalf("waited in vain: %s", what)
		}
	}
}

const allDone = `select not exists (select from purchase where state = 'pending') and (select count(*) from meter where commodity = 'CNY') =
	(select count(*) from price_order o join meter_chore c using (customer_no, meter_no) where o.state = 'confirmed' and c.kind = 'price' and c.tries = 0)`

// anew has every meter that counts money asked again. byHand is what somebody has set it to; 0 leaves it.
func (s *choreStreet) anew(byHand int64) {
	conn, err := pgx.Connect(s.Context(), s.dsn)
	if err == nil {
		_, err = conn.Exec(s.Context(), `delete from meter_chore`)
		err = errors.Join(err, conn.Close(s.Context()))
	}
	for _, h := range s.homes {
		if h.money && byHand > 0 {
			err = errors.Join(err, h.meter.Change(func(m *metersim.State) { m.Prices[0] = byHand }))
		}
	}
	if err != nil {
		s.Fatal(err)
	}
}

// wantDone holds the meters against the books: each price is in its meter, and each purchase once.
func (s *choreStreet) wantDone() {
	s.Helper()
	for _, h := range s.homes {
		is := h.meter.Snapshot()
		if h.money && (is.Prices != [3]int64{263, 316, 316} || is.Steps[0] != 350) {
			s.Errorf("meter %s charges %v from %v", h.number, is.Prices, is.Steps)
		}
		if !h.money && (is.Count != 1 || is.Loaded == 0) {
			s.Errorf("meter %s has taken %d purchases, %d litres", h.number, is.Count, is.Loaded)
		}
	}
	s.waits("one purchase a meter, loaded, and one order a meter", `select (select count(*) from purchase where state = 'loaded' and count = 1) = (select count(*) from purchase)
		and (select count(*) from price_order) = (select count(*) from meter where commodity = 'CNY')`)
	s.vendgate("ledger", "check")
	s.vendgate("meter", "list", "--waiting")
}

// another is a second gateway of the same lines, on another machine.
func (s *choreStreet) another() *street {
	dir := s.TempDir()
	return &street{T: s.T, dsn: s.dsn, config: s.config, env: append(os.Environ(), "DATABASE_URL="+s.dsn, "DATA_DIR="+dir)}
}

// A meter that is dead and one that declines keep nobody waiting: neither the prices of the next one, nor a purchase, nor readings. The one
// is tried as long as it is dead, the other three times.
func TestChoresOfOneMeterKeepNobodyWaiting(t *testing.T) {
	t.Parallel()
	s := newChoreStreet(t, 3, 31, 1)
	dead, declines := s.homes[0], s.homes[2]
	s.doubts()
	declines.rig.Store("declines")
	dead.mute.Store(true)
	read, all := map[string]bool{}, make(chan struct{})
	end, ended := s.run(func(_ int, r reading) {
		if !read[r.meter] && len(read) == len(s.homes)-2 { // the last but the dead one
			close(all)
		}
		read[r.meter] = true
	})
	s.waits("purchases, and the price of the third", `select not exists (select from purchase where state = 'pending')
		and exists (select from price_order where state = 'confirmed' and meter_no like '%0200')`)
	select {
	case <-all:
	case <-time.After(waiting):
		t.Errorf("only %v were read", read)
	}
	s.waits("the first is tried, the second given up", `select exists (select from meter_chore where tries > 1 and not given_up and meter_no like '%0000')
		and exists (select from meter_chore where tries = 3 and given_up and meter_no like '%0100')`)
	dead.wake()
	s.waits("the first", `select exists (select from price_order where state = 'confirmed' and meter_no like '%0000')`)
	end(os.Interrupt)
	<-ended
	if n := declines.orders.Load(); n != 3 || dead.orders.Load() != 1 {
		t.Errorf("the meter that declines was told %d times, the one that was dead %d times", n, dead.orders.Load())
	}
	s.vendgate("ledger", "check")
}

// What the books say of a meter since the gateway started is not what it would be told by: nothing is sent in the old way.
func TestChoresOfMeterAskedOtherwiseWait(t *testing.T) {
	t.Parallel()
	s := newChoreStreet(t, 0, 1, 1)
	moved, stays := s.home("88010000000001", true), s.home("88010000000002", true)
	s.homes = []*home{moved, stays}
	s.joins(s.serves([]metersim.Slave{moved, stays}, lineBaud, 1), lineBaud, s.homes)
	end, ended := s.run(func(int, reading) {})
	s.waits("both charge it", allDone)
	s.waits("one is moved", `with moved as (update line_meter set address = '88010000000003' where meter_no = '88010000000001' returning 1) select true from moved`)
	orders := moved.orders.Load()
	s.anew(999)
	s.waits("the one behind it charges it again", `select exists (select from meter_chore where meter_no = '88010000000002' and tries = 0)`)
	end(os.Interrupt)
	<-ended
	if moved.orders.Load() != orders || moved.meter.Snapshot().Prices[0] != 999 || stays.meter.Snapshot().Prices[0] != 263 {
		t.Error("a meter was told prices in the old way, or the next one was not")
	}
}

// killed runs a gateway that is killed at the nth request from now. The other gateway may be quicker to do what there is: there is always more.
func (s *choreStreet) killed(n int) {
	s.Helper()
	due := s.after(n)
	end, ended := s.run(func(int, reading) {})
	tick, late := time.NewTicker(time.Second), time.After(3*waiting)
	defer tick.Stop()
	for {
		select {
		case <-due:
			end(os.Kill)
			<-ended
			return
		case <-ended:
			s.Fatal("the gateway ended by itself")
		case <-tick.C:
			s.anew(0)
		case <-late:
			end(os.Kill)
			s.Fatalf("no %d requests came", n)
		}
	}
}

// Killed at any request, on lines that lose one answer in four, beside a second gateway and a person who does the same: each price order
// ends once, and no purchase has a second count. With SOAK it is killed forty times.
func TestSoakGatewayKilledAmidChores(t *testing.T) {
	t.Parallel()
	kills, seed := 5, rand.Uint64()
	if os.Getenv("SOAK") != "" {
		kills = 40
	}
	t.Logf("seed %d", seed)
	random := rand.New(rand.NewPCG(seed, 0))
	s := newChoreStreet(t, 4, 1, seed)
	s.doubts()
	s.rough.Store(true)
	endOther, otherEnded := func(os.Signal) {}, (<-chan struct{})(nil)
	for n := range kills {
		requests := 20 // at least
		switch {
		case n < kills/2:
			s.anew(999)
		case n == kills/2:
			endOther, otherEnded = s.another().run(func(int, reading) {})
			person := exec.CommandContext(t.Context(), "vendgate", "meter", "prices", "--meter", s.homes[0].number)
			person.Env = s.env
			_ = person.Run() // it may be in doubt, as everybody
			fallthrough
		default:
			requests = 8
		}
		s.killed(1 + random.IntN(requests))
	}
	end, ended := s.run(func(int, reading) {})
	s.waits("all chores are done", allDone)
	for _, e := range []func(os.Signal){end, endOther} {
		e(os.Interrupt)
	}
	<-ended
	if otherEnded != nil {
		<-otherEnded
	}
	t.Logf("%d kills, %d requests", kills, s.asks.Load())
	s.wantDone()
}
