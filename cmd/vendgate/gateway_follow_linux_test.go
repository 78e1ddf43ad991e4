package main

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/vendgate/vendgate/fixtures/metersim"
)

// following is a street whose gateway runs, and what it logs.
type following struct {
	*choreStreet
	signal func(os.Signal)
	more   chan struct{} // holds one where something was logged since

	mu   sync.Mutex
	said []string
}

func newFollowing(t *testing.T) *following {
	f := &following{choreStreet: newChoreStreet(t, 0, 31, 1), more: make(chan struct{}, 1)}
	end, ended := f.logs(func(text string) {
		f.mu.Lock()
		defer f.mu.Unlock()
		f.said = append(f.said, text)
		select {
		case f.more <- struct{}{}:
		default:
		}
	})
	t.Cleanup(func() { end(os.Interrupt); <-ended })
	f.signal = end
	return f
}

// count is how often something was said.
func (f *following) count(pattern string) (n int) {
	f.mu.Lock()
	defer f.mu.Unlock()
	for _, text := range f.said {
		if regexp.MustCompile(pattern).MatchString(text) {
			n++
		}
	}
	return n
}

// says waits until it is said.
func (f *following) says(pattern string) {
	f.Helper()
	late := time.After(2 * waiting)
	for f.count(pattern) == 0 {
		select {
		case <-f.more:
		case <-late:
			f.Fatalf("%q is not said:\n%s", pattern, strings.Join(f.said, "\n"))
		}
	}
}

// hangs puts a meter of the books on a line.
func (f *following) hangs(h *home, line, baud, model string) {
	f.Helper()
	f.vendgate("meter", "add", "--read-only", "--meter", h.number, "--line", line, "--baud", baud, "--model", model)
}

// describes describes the model tidy.
func (f *following) describes(text string, how ...string) {
	f.Helper()
	file := filepath.Join(f.TempDir(), "tidy.json")
	if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
		f.Fatal(err)
	}
	f.vendgate(append([]string{"meter", "model", "add", "tidy", "--staff", "chief", "--file", file}, how...)...)
}

// A gateway that runs follows what meter add, meter model add and its file say, without a restart: it begins with no meter at all. What
// cannot be it says once, all else goes on, and nobody is read anew for what became of another.
func TestGatewayFollowsTheBooks(t *testing.T) {
	t.Parallel()
	f := newFollowing(t)
	f.says("no meter is on a line yet")
	var homes []*home
	var slaves []metersim.Slave
	for _, n := range []string{"1", "2", "3", "4", "5"} {
		h := f.home("8801000000000"+n, false)
		homes, slaves = append(homes, h), append(slaves, h)
		f.vendgate("customer", "open", "--no", "100"+n, "--name", "王芳", "--meter", h.number)
	}
	homes[0].Slave.(*metersim.CJT188).UnitFirst = true
	line, other := f.serves(slaves[:3], lineBaud, 1), f.serves(slaves[3:], lineBaud, 2)

	f.describes(`{"base": "cjt188-gas"}`)
	f.hangs(homes[0], line, "115200", "tidy")
	f.says("set aside.* meter=88010000000001")
	f.describes(`{"base": "cjt188-gas", "layout": ["unit-first"]}`, "--replace", "--why", "as its makers say")
	f.says("msg=read .*meter=88010000000001")
	f.hangs(homes[1], line, "115200", "cjt188-gas")
	f.says("msg=read .*meter=88010000000002")

	f.hangs(homes[2], "dtu://42", "115200", "cjt188-gas")
	f.says("line stays as it was.*DTU 42 has nowhere to dial")
	f.hangs(homes[3], other, "115200", "cjt188-gas")
	f.says("msg=read .*meter=88010000000004")
	f.hangs(homes[2], line, "115200", "cjt188-gas")
	f.says("msg=read .*meter=88010000000003")
	f.says("line is as it is to be again")

	if err := os.WriteFile(f.config, []byte("{"), 0o600); err != nil {
		t.Fatal(err)
	}
	f.signal(syscall.SIGHUP)
	f.says("the file is not taken.*unexpected EOF")
	f.writes(f.config, map[string]any{"books": true, "lines": []any{map[string]any{"tcp": strings.TrimPrefix(other, "tcp://"), "baud": lineBaud,
		"meters": []any{map[string]any{"number": homes[4].number, "model": "cjt188-gas"}}}}})
	f.signal(syscall.SIGHUP)
	f.says("msg=read .*meter=88010000000005")
	for _, h := range homes {
		if n := f.count("msg=read .*meter=" + h.number); n != 1 {
			t.Errorf("meter %s was read %d times", h.number, n)
		}
	}
	if said, opened := f.count("line stays as it was"), f.count("line opened"); said != 1 || opened != 2 {
		t.Errorf("what cannot be was said %d times, %d lines were opened", said, opened)
	}
}
