package terminal

import (
	"bytes"
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/coder/websocket"
	"github.com/google/uuid"

	"github.com/vendgate/vendgate/fixtures/wirecut"
	"github.com/vendgate/vendgate/vending"
)

// A PC is let in by a code, keeps its key in a file that is for nobody else, and is
// known from then on.
func TestEnrol(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	id := r.enrol("2")
	path := IdentityFile(filepath.Join(t.TempDir(), "new"))
	if _, err := LoadIdentity(path); !errors.Is(err, vending.ErrNotEnrolled) {
		t.Errorf("before: %v", err)
	}
	if err := id.Save(path); err != nil {
		t.Fatal(err)
	}
	info, err := os.Stat(path)
	if err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("%v, %v", info.Mode(), err)
	}
	again, err := LoadIdentity(path)
	if err != nil {
		t.Fatal(err)
	}
	at := r.terminal(id)
	if at.Till != "2" || at.Host != "PC-3" || at.By != "chief" || again.Till != "2" {
		t.Errorf("%+v", at)
	}
	x := r.run(again)
	r.online(at)
	x.stop()
	if shown := fmt.Sprintf("%v %+v %#v", id, id, id.Key); strings.Contains(shown, fmt.Sprint([]byte(id.Key))) {
		t.Error("an identity prints its key")
	}
	for name, spoil := range map[string]func([]byte) []byte{
		"cut":        func(b []byte) []byte { return b[:len(b)/2] },
		"other key":  func(b []byte) []byte { return bytes.Replace(b, []byte(`"key":"`), []byte(`"key":"AAAA`), 1) },
		"no key":     func(b []byte) []byte { return []byte(`{}`) },
		"no scripts": func(b []byte) []byte { return bytes.Replace(b, []byte(`"scripts":"`), []byte(`"scripts":"AAAA`), 1) },
	} {
		b, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		spoilt := filepath.Join(t.TempDir(), "terminal.json")
		if err := os.WriteFile(spoilt, spoil(b), 0o600); err != nil {
			t.Fatal(err)
		}
		if _, err := LoadIdentity(spoilt); !errors.Is(err, errIdentity) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// Every code that does not let in is refused by its own name, and nothing is stored.
func TestCodesThatDoNotLetIn(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	other, err := OpenAuthority(t.TempDir(), time.Now())
	if err != nil {
		t.Fatal(err)
	}
	unknown, _ := r.authority.NewCode("2", "chief", time.Now())
	foreign, _ := other.NewCode("2", "chief", time.Now())
	used := r.code("1")
	if _, err := Enrol(t.Context(), r.service(), used, "PC-1"); err != nil {
		t.Fatal(err)
	}
	expired := r.code("2")
	r.off.Store(int64(vending.EnrolTime + time.Second))
	enrolled := len(r.chest.terminals)
	for _, c := range []struct {
		name, service, code string
		want                error
	}{
		{"wrong", r.service(), unknown, vending.ErrCodeWrong},
		{"used", r.service(), used, vending.ErrCodeUsed},
		{"expired", r.service(), expired, vending.ErrCodeExpired},
		{"another service's", r.service(), foreign, vending.ErrServiceUnknown},
		{"cut short", r.service(), used[:10], vending.ErrCodeSpelling},
		{"no code", r.service(), "PASSWORD", vending.ErrCodeSpelling},
		{"no service there", "wss://127.0.0.1:1", unknown, vending.ErrServiceAway},
		{"https", "https://127.0.0.1:8461", unknown, vending.ErrServiceAddress},
		{"no port", "wss://127.0.0.1", unknown, vending.ErrServiceAddress},
		{"a path", "wss://127.0.0.1:8461/terminal", unknown, vending.ErrServiceAddress},
	} {
		_, err := Enrol(t.Context(), c.service, c.code, "PC-2")
		if !errors.Is(err, c.want) {
			t.Errorf("%s: %v, want %v", c.name, err, c.want)
		}
		if err != nil && strings.Contains(err.Error(), c.code) {
			t.Errorf("%s: the error holds the code: %v", c.name, err)
		}
	}
	if len(r.chest.terminals) != enrolled {
		t.Error("somebody was let in")
	}
}

// Whoever tries codes is slowed down, and a good code waits its turn too.
func TestCodesAreNotGuessed(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	good := r.code("2")
	for i := range tryBurst {
		wrong, _ := r.authority.NewCode("2", "chief", r.clock())
		if _, err := Enrol(t.Context(), r.service(), wrong, "PC"); !errors.Is(err, vending.ErrCodeWrong) {
			t.Errorf("try %d: %v", i, err)
		}
	}
	if _, err := Enrol(t.Context(), r.service(), good, "PC"); !errors.Is(err, vending.ErrCodeTries) {
		t.Errorf("%v", err)
	}
	r.off.Add(int64(tryEvery))
	if _, err := Enrol(t.Context(), r.service(), good, "PC"); err != nil {
		t.Errorf("after a while: %v", err)
	}
}

// People type codes in small letters, with and without what stands between.
func TestCodesAsTyped(t *testing.T) {
	t.Parallel()
	c := newCode([32]byte{1, 2, 3})
	for _, typed := range []string{c.String(), strings.ToLower(c.String()), strings.ReplaceAll(c.String(), "-", ""),
		" " + strings.ReplaceAll(c.String(), "-", " ") + " "} {
		if got, err := parseCode(typed); err != nil || got != c {
			t.Errorf("%q: %v", typed, err)
		}
	}
	one, other := newCode([32]byte{}), newCode([32]byte{})
	if !c.of([32]byte{1, 2, 3}) || c.of([32]byte{1, 2, 4}) || one.hash() == other.hash() {
		t.Error("codes do not tell authorities, or are all the same")
	}
}

// A revoked terminal is refused from its next card on, ends, and is refused again.
func TestRevoked(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	id := r.enrol("2")
	x := r.run(id)
	at := r.terminal(id)
	r.online(at)
	r.chest.revoke(id.ID)
	if _, err := r.hub.Reader(at).Connect(t.Context()); !errors.Is(err, vending.ErrTerminalRevoked) {
		t.Errorf("%v", err)
	}
	x.ends(t, vending.ErrTerminalRevoked)
	if x.card.powers != 0 {
		t.Error("its card was powered")
	}
	r.run(id).ends(t, vending.ErrTerminalRevoked)
}

// A second agent with the same identity is refused while the first is there, and the
// first goes on. After that has gone the second may.
func TestSecondAgent(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	id := r.enrol("2")
	first := r.run(id)
	at := r.terminal(id)
	r.online(at)
	r.run(id).ends(t, vending.ErrTerminalBusy)
	if err := sell(t.Context(), r.hub.Reader(at)); err != nil || first.card.count() != sellCommands {
		t.Errorf("%v, %d commands", err, first.card.count())
	}
	first.stop()
	third := r.run(id)
	if err := sell(t.Context(), r.hub.Reader(at)); err != nil || third.card.count() != sellCommands {
		t.Errorf("%v, %d commands", err, third.card.count())
	}
}

// Who shows no certificate of ours, or one whose terminal nobody knows, has no line.
func TestStrangers(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	id := r.enrol("2")
	other := id // a certificate of ours for that terminal, with a key that was never enrolled
	other.Key = testKey(9).Seed()
	var err error
	if other.Certificate, err = r.authority.terminal(id.ID, public(testKey(9)), time.Now()); err != nil {
		t.Fatal(err)
	}
	r.run(other).ends(t, vending.ErrNotEnrolled)
	r.chest.mu.Lock()
	delete(r.chest.terminals, id.ID)
	r.chest.mu.Unlock()
	r.run(id).ends(t, vending.ErrNoTerminal)

	client := pinned(func(der []byte) bool { return sha256.Sum256(der) == r.authority.fingerprint() })
	client.Timeout = 0
	_, response, err := websocket.Dial(t.Context(), r.service()+"/terminal", &websocket.DialOptions{HTTPClient: client, Subprotocols: []string{protocol}})
	if err == nil || response == nil || !errors.Is(refusalFrom(response), vending.ErrNotEnrolled) {
		t.Errorf("without a certificate: %v", err)
	}
	if r.authority, err = OpenAuthority(t.TempDir(), time.Now()); err != nil {
		t.Fatal(err)
	} // its file was lost, and made anew
	r.restart()
	r.run(id).ends(t, vending.ErrServiceUnknown)
}

// An hour between the clocks is borne and told; a clock that is wrong by days is named.
func TestClocks(t *testing.T) {
	t.Parallel()
	for _, off := range []time.Duration{time.Hour, -time.Hour} {
		r := newRig(t)
		r.off.Store(int64(off))
		r.restart()
		id := r.enrol("2")
		x := r.run(id)
		r.online(r.terminal(id))
		if err := sell(t.Context(), r.hub.Reader(r.terminal(id))); err != nil {
			t.Error(err)
		}
		if !strings.Contains(x.log.String(), "set it") || !strings.Contains(x.log.String(), "1h0m") {
			t.Errorf("%s off is not told: %s", off, x.log)
		}
	}
	r := newRig(t)
	id := r.enrol("2")
	r.off.Store(int64(3 * 24 * time.Hour))
	r.restart()
	r.run(id).trouble(t, vending.ErrClockWrong)
	if _, err := Enrol(t.Context(), r.service(), r.code("3"), "PC"); !errors.Is(err, vending.ErrClockWrong) {
		t.Errorf("%v", err)
	}
}

// raw is a line of somebody who holds a certificate and says what he likes.
func (r *rig) raw(id Identity) *websocket.Conn {
	r.t.Helper()
	client := clientOf(id.tls())
	client.Timeout = 0
	conn, _, err := websocket.Dial(r.t.Context(), r.service()+"/terminal", &websocket.DialOptions{HTTPClient: client, Subprotocols: []string{protocol}})
	if err != nil {
		r.t.Fatal(err)
	}
	r.t.Cleanup(func() { _ = conn.CloseNow() })
	return conn
}

// What an agent says that is not ours ends its line, by name, and the service lives.
func TestGarbageFromAnAgent(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	id := r.enrol("2")
	hello := Message{Hello: &Hello{Run: uuid.New()}}.Encode()
	for name, c := range map[string]struct {
		kind websocket.MessageType
		said [][]byte
		want *vending.Error
	}{
		"no greeting":       {websocket.MessageText, [][]byte{Message{Inserted: true}.Encode()}, vending.ErrFrame},
		"garbage":           {websocket.MessageText, [][]byte{hello, []byte("\x00\xff{")}, vending.ErrFrame},
		"binary":            {websocket.MessageBinary, [][]byte{hello}, vending.ErrFrame},
		"oversized":         {websocket.MessageText, [][]byte{hello, make([]byte, maxFrame+1)}, vending.ErrFrameTooBig},
		"greeting twice":    {websocket.MessageText, [][]byte{hello, hello}, vending.ErrFrame},
		"two in one":        {websocket.MessageText, [][]byte{hello, append(bytes.Clone(hello), hello...)}, vending.ErrFrame},
		"a frame, reversed": {websocket.MessageText, [][]byte{hello, frames[0].Encode()}, vending.ErrFrame},
	} {
		conn := r.raw(id)
		for _, b := range c.said {
			if err := conn.Write(t.Context(), c.kind, b); err != nil {
				t.Fatal(name, err)
			}
		}
		ctx, cancel := context.WithTimeout(t.Context(), waiting)
		_, _, err := conn.Read(ctx)
		cancel()
		var closed websocket.CloseError
		if !errors.As(err, &closed) || closed.Reason != c.want.Code && closed.Code != websocket.StatusMessageTooBig {
			t.Errorf("%s: %v, want %s", name, err, c.want.Code)
		}
	}
	x := r.run(id)
	if err := sell(t.Context(), r.hub.Reader(r.terminal(id))); err != nil || x.card.count() != sellCommands {
		t.Errorf("afterwards: %v", err)
	}
}

// What comes to an agent that is not ours ends the line, is told, and does nothing.
func TestGarbageToAnAgent(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	id := r.enrol("2")
	x := r.run(id)
	at := r.terminal(id)
	for _, c := range []struct {
		said string
		want error
	}{
		{"garbage", vending.ErrFrame},
		{`{"insertion":"00000000-0000-4000-8000-000000000001","n":1,"kind":"erase"}`, vending.ErrFrame},
		{strings.Repeat(" ", maxFrame+1), vending.ErrFrameTooBig},
	} {
		r.online(at)
		l, _ := r.hub.seat(at).now()
		if err := write(t.Context(), l.conn, []byte(c.said)); err != nil {
			t.Fatal(err)
		}
		x.trouble(t, c.want)
		<-l.gone
	}
	if err := sell(t.Context(), r.hub.Reader(at)); err != nil || x.card.count() != sellCommands {
		t.Errorf("afterwards: %v, %d commands", err, x.card.count())
	}
}

// The authority's file is one, for the service alone, and a spoilt one is not used.
func TestAuthorityFile(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	first, err := OpenAuthority(dir, time.Now())
	if err != nil {
		t.Fatal(err)
	}
	again, err := OpenAuthority(dir, time.Now())
	if err != nil || again.fingerprint() != first.fingerprint() || !again.Scripts.Equal(first.Scripts) {
		t.Errorf("opened again it is another one: %v", err)
	}
	path := filepath.Join(dir, "terminals.pem")
	if info, err := os.Stat(path); err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("%v, %v", info, err)
	}
	b, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, b[:len(b)/2], 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := OpenAuthority(dir, time.Now()); !errors.Is(err, errAuthority) {
		t.Errorf("%v", err)
	}
}

// Metrics have closed labels, and count round trips and repeats; nothing of cards is in
// the log of an agent.
func TestMetricsAndLog(t *testing.T) {
	t.Parallel()
	r, x, at := connected(t)
	r.proxy.Arm(wirecut.Cut{Direction: wirecut.In, Record: 2})
	if err := sell(t.Context(), r.hub.Reader(at)); err != nil {
		t.Fatal(err)
	}
	got := map[string]float64{}
	families, err := r.registry.Gather()
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range families {
		for _, m := range f.Metric {
			name := f.GetName()
			for _, l := range m.Label {
				name += " " + l.GetValue()
			}
			got[name] = m.GetCounter().GetValue() + m.GetGauge().GetValue()
		}
	}
	for name, want := range map[string]float64{
		"vendgate_terminal_frames_total connect done":  1,
		"vendgate_terminal_frames_total transmit done": 3,
		"vendgate_terminal_frames_total script done":   2,
		"vendgate_terminal_frames_repeated_total":      1,
		"vendgate_terminal_lines_total up":             2,
		"vendgate_terminals_online":                    1,
	} {
		if got[name] != want {
			t.Errorf("%s is %v, want %v", name, got[name], want)
		}
	}
	if len(got) != 12+1+2+1 {
		t.Errorf("%d series: %v", len(got), got)
	}
	x.clean(t, "04d68100", "d681", "BNaBAAI")
}
