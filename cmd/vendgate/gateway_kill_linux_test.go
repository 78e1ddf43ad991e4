package main

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"math/rand/v2"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"sync"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/vendgate/vendgate/fixtures/metersim"
)

// ticking is a meter whose clock goes on whenever it is asked: each of its readings
// is another one.
type ticking struct {
	mu     sync.Mutex
	number string
	at     time.Time
}

func (c *ticking) Snapshot() metersim.State {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.at = c.at.Add(time.Second)
	return metersim.State{Number: c.number, Time: c.at, ValveOpen: true}
}

// street is some lines with meters, reached over TCP, and the gateway that reads them.
type street struct {
	*testing.T
	dsn, config string
	env         []string
}

const linesOfStreet, metersOfLine = 4, 4

func newStreet(t *testing.T) *street {
	dir := t.TempDir()
	s := &street{T: t, dsn: books.New(t), config: filepath.Join(dir, "gateway.json")}
	s.env = append(os.Environ(), "DATABASE_URL="+s.dsn, "DATA_DIR="+dir)
	c := map[string]any{"calendar": map[string]any{"from": 1, "to": 31, "at": "00:00"}, "spool": filepath.Join(dir, "spool")}
	var lines []any
	for l := range linesOfStreet {
		var meters []any
		var slaves []metersim.Slave
		for m := range metersOfLine {
			number := fmt.Sprintf("8801000000%02d%02d", l, m)
			s.vendgate("customer", "open", "--no", fmt.Sprint(1001+l*metersOfLine+m), "--name", "王芳", "--meter", number)
			meters = append(meters, map[string]any{"number": number, "model": "cjt188-gas"})
			slaves = append(slaves, &metersim.CJT188{Type: metersim.Gas, Meter: &ticking{number: number, at: time.Now().Add(-12 * time.Hour)}})
		}
		lines = append(lines, map[string]any{"tcp": s.line(slaves), "baud": 115200, "meters": meters})
	}
	c["lines"] = lines
	b, err := json.Marshal(c)
	if err == nil {
		err = os.WriteFile(s.config, b, 0o600)
	}
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// line serves meters at an address. Whoever connects has the bus.
func (s *street) line(slaves []metersim.Slave) string {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		s.Fatal(err)
	}
	s.Cleanup(func() { _ = l.Close() })
	go func() {
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			bus := metersim.NewBus(metersim.Line{Baud: 115200, Think: time.Millisecond, Log: io.Discard, Seed: 1})
			bus.Join(slaves...)
			go func() { _ = bus.Serve(c) }() // ends with its master
		}
	}()
	return l.Addr().String()
}

func (s *street) vendgate(args ...string) {
	s.Helper()
	cmd := exec.CommandContext(s.Context(), "vendgate", args...)
	cmd.Env = s.env
	if out, err := cmd.CombinedOutput(); err != nil {
		s.Fatalf("vendgate %v: %v\n%s", args, err, out)
	}
}

// reading is one that the gateway says it has: a meter, and its clock.
type reading struct{ meter, at string }

var readLine = regexp.MustCompile(`msg=read line=\S+ meter=(\d+) meter_time=(\S+)`)

// run starts the gateway; said is called with the number of readings that it has
// said, and each of them. It returns how to end it.
func (s *street) run(said func(n int, r reading)) (end func(os.Signal), ended <-chan struct{}) {
	n := 0
	return s.logs(func(text string) {
		if m := readLine.FindStringSubmatch(text); m != nil {
			n++
			said(n, reading{m[1], m[2]})
		}
	})
}

// logs starts the gateway; line is called with each line that it logs. It returns how to signal it.
func (s *street) logs(line func(text string)) (end func(os.Signal), ended <-chan struct{}) {
	cmd := exec.Command("vendgate", "gateway", "--config", s.config, "-v")
	cmd.Env = s.env
	errs, err := cmd.StderrPipe()
	if err == nil {
		err = cmd.Start()
	}
	if err != nil {
		s.Fatal(err)
	}
	done := make(chan struct{})
	go func() {
		defer close(done)
		for lines := bufio.NewScanner(errs); lines.Scan(); {
			line(lines.Text())
		}
		_ = cmd.Wait() // killed
	}()
	return func(sig os.Signal) { _ = cmd.Process.Signal(sig) }, done
}

// drain runs the gateway until all of these are in the books.
func (s *street) drain(said map[reading]bool) (stored map[reading]bool) {
	end, ended := s.run(func(int, reading) {})
	tick, late := time.NewTicker(50*time.Millisecond), time.After(2*waiting)
	defer tick.Stop()
	for missing := true; missing; {
		select {
		case <-tick.C:
		case <-late:
			end(os.Kill)
		case <-ended:
			return s.stored()
		}
		stored, missing = s.stored(), false
		for r := range said {
			missing = missing || !stored[r]
		}
	}
	end(os.Interrupt)
	<-ended
	return s.stored()
}

// stored is what is in the books, each once.
func (s *street) stored() map[reading]bool {
	conn, err := pgx.Connect(s.Context(), s.dsn)
	if err != nil {
		s.Fatal(err)
	}
	defer func() { _ = conn.Close(context.Background()) }()
	rows, err := conn.Query(s.Context(), `select meter_no, to_char(meter_time at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.000"Z"') from report`)
	if err != nil {
		s.Fatal(err)
	}
	out := map[reading]bool{}
	var r reading
	if _, err := pgx.ForEachRow(rows, []any{&r.meter, &r.at}, func() error {
		if out[r] {
			s.Errorf("%v is there twice", r)
		}
		out[r] = true
		return nil
	}); err != nil {
		s.Fatal(err)
	}
	return out
}

// The gateway is killed while readings flow, a hundred times with SOAK: each that it said it has is in the books in the
// end, and none is there twice.
func TestSoakGatewayKilled(t *testing.T) {
	t.Parallel()
	kills := 6
	if os.Getenv("SOAK") != "" {
		kills = 100
	}
	s, said, seed := newStreet(t), map[reading]bool{}, rand.Uint64()
	random := rand.New(rand.NewPCG(seed, 0))
	for range kills {
		after, ready := 1+random.IntN(linesOfStreet*metersOfLine), make(chan struct{})
		end, ended := s.run(func(n int, r reading) {
			if said[r] = true; n == after {
				close(ready)
			}
		})
		select {
		case <-ready:
			end(os.Kill)
			<-ended
		case <-ended:
			t.Error("the gateway ended by itself")
		}
	}
	stored, lost := s.drain(said), 0
	for r := range said {
		if !stored[r] {
			lost++
			t.Errorf("%v was read and is not in the books", r)
		}
	}
	t.Logf("%d kills, %d readings said, %d stored, %d lost (seed %d)", kills, len(said), len(stored), lost, seed)
	s.vendgate("ledger", "check")
}

// The books are away: readings wait on disk, and are there when the books are back.
func TestReadingsWaitForTheBooks(t *testing.T) {
	t.Parallel()
	s, said, away := newStreet(t), map[reading]bool{}, make(chan struct{})
	s.env = append(s.env, "DATABASE_URL=postgres://nobody@127.0.0.1:1/nothing?connect_timeout=1")
	end, ended := s.run(func(n int, r reading) {
		if said[r] = true; n == linesOfStreet*metersOfLine {
			close(away)
		}
	})
	select {
	case <-away:
	case <-ended:
	case <-time.After(2 * waiting):
		t.Error("not all were read")
	}
	end(os.Interrupt)
	<-ended
	if n := len(s.stored()); n != 0 || len(said) != linesOfStreet*metersOfLine {
		t.Errorf("%d stored, %d read", n, len(said))
	}
	s.env = append(s.env, "DATABASE_URL="+s.dsn)
	stored := s.drain(said)
	for r := range said {
		if !stored[r] {
			t.Errorf("%v is lost", r)
		}
	}
}

// A meter behind a DTU is read by the calendar, and by a command that borrows the line of the gateway.
func TestLineIsBorrowedOfTheGateway(t *testing.T) {
	t.Parallel()
	const number = "88010000009901"
	dir := t.TempDir()
	s := &street{T: t, dsn: books.New(t), config: filepath.Join(dir, "gateway.json")}
	s.env = append(os.Environ(), "DATABASE_URL="+s.dsn, "DATA_DIR="+dir)
	s.vendgate("customer", "open", "--no", "1001", "--name", "王芳", "--meter", number)
	s.vendgate("meter", "add", "--read-only", "--meter", number, "--line", "dtu://42")
	door, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	address := door.Addr().String()
	_ = door.Close()
	config := fmt.Sprintf(`{"books": true, "calendar": {"from": 1, "to": 31, "at": "00:00"},
		"dtus": {"listen": %q, "registration": "REG(?P<id>[0-9]+);"}}`, address)
	if err := os.WriteFile(s.config, []byte(config), 0o600); err != nil {
		t.Fatal(err)
	}
	read := make(chan struct{})
	var once sync.Once
	end, ended := s.run(func(int, reading) { once.Do(func() { close(read) }) })
	defer func() { end(os.Interrupt); <-ended }()
	var dialling sync.WaitGroup
	defer dialling.Wait()
	ctx, hangUp := context.WithCancel(t.Context())
	defer hangUp()
	dialling.Go(func() {
		meter := &metersim.CJT188{Type: metersim.Gas, Meter: &ticking{number: number, at: time.Now().Add(-time.Hour)}}
		for ctx.Err() == nil {
			dialUp(ctx, address, meter)
		}
	})
	select {
	case <-read:
	case <-ended:
	case <-time.After(2 * waiting):
		t.Fatal("the meter behind the DTU was not read")
	}
	for range 3 {
		s.vendgate("meter", "read", "--meter", number)
	}
	if n := len(s.stored()); n < 3 {
		t.Errorf("%d readings are in the books", n)
	}
}

// dialUp is one connection of DTU 42.
func dialUp(ctx context.Context, address string, meter metersim.Slave) {
	c, err := net.Dial("tcp", address)
	if err != nil {
		return
	}
	defer c.Close()
	defer context.AfterFunc(ctx, func() { _ = c.Close() })()
	if _, err := io.WriteString(c, "REG42;"); err != nil {
		return
	}
	bus := metersim.NewBus(metersim.Line{Baud: 115200, Think: time.Millisecond, Log: io.Discard, Seed: 1})
	bus.Join(meter)
	_ = bus.Serve(c)
}
