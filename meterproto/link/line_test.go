package link_test

import (
	"bytes"
	"context"
	"errors"
	"io"
	"testing"
	"testing/synctest"
	"time"

	"github.com/vendgate/vendgate/fixtures/metersim"
	"github.com/vendgate/vendgate/meterproto"
	"github.com/vendgate/vendgate/meterproto/link"
)

const char = 11 * time.Second / 2400

// protocol is a timing with round numbers.
func protocol() meterproto.Timing {
	return meterproto.Timing{Idle: 30 * time.Millisecond, Answer: 500 * time.Millisecond, AnswerChars: 30, ReplyChars: 100}
}

// peer is the other end of the line under test.
type peer struct {
	*testing.T
	cable  *metersim.Cable
	line   *link.Line
	opened int
	sent   int // requests
}

// Send counts; the rest of the wire is the cable's.
func (p *peer) Send(b []byte) error { p.sent++; return p.cable.Send(b) }

func (p *peer) Receive(b []byte, wait time.Duration) (int, error) { return p.cable.Receive(b, wait) }
func (p *peer) Close() error                                      { return p.cable.Close() }

// onCable runs a test in a bubble: its clock stands while anybody works, and every
// Sleep in these tests is of that clock and takes no time.
func onCable(t *testing.T, test func(*peer)) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		p := &peer{T: t, cable: metersim.NewCable()}
		var err error
		p.line, err = link.New("cable", link.Mode{Baud: 2400}, func() (link.Wire, error) { p.opened++; return p, nil })
		if err != nil {
			t.Fatal(err)
		}
		test(p)
		synctest.Wait()
	})
}

// say sends bytes to the master after a while.
func (p *peer) say(after time.Duration, b string) {
	go func() {
		time.Sleep(after)
		_, _ = io.WriteString(p.cable.Meters(), b)
	}()
}

// until is an accept that wants this answer and keeps what it was shown.
func until(want string, seen *[]string) func([]byte) ([]byte, bool) {
	return func(stream []byte) ([]byte, bool) {
		*seen = append(*seen, string(stream))
		return stream, bytes.HasSuffix(stream, []byte(want))
	}
}

// ask is one exchange: what accept saw, how long it took, how it ended.
func (p *peer) ask(request, want string) (seen []string, took time.Duration, err error) {
	start := time.Now()
	err = p.line.Exchange(p.Context(), []byte(request), protocol(), until(want, &seen))
	return seen, time.Since(start), err
}

func TestAnswerIsTaken(t *testing.T) {
	t.Parallel()
	onCable(t, func(p *peer) {
		p.say(100*time.Millisecond, "ans")
		p.say(200*time.Millisecond, "wer")
		seen, took, err := p.ask("request", "answer")
		if err != nil || took != 200*time.Millisecond || len(seen) != 2 || seen[0] != "ans" || seen[1] != "answer" {
			p.Errorf("saw %q in %v, %v", seen, took, err)
		}
		got := make([]byte, 99)
		if n, err := p.cable.Meters().Read(got); err != nil || string(got[:n]) != "request" {
			p.Errorf("sent %q, %v", got[:n], err)
		}
	})
}

func TestOwnEchoIsDropped(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		pieces []string
		saw    string
		err    error
	}{
		"before the answer":    {[]string{"requestanswer"}, "answer", nil},
		"in pieces":            {[]string{"re", "quest", "answer"}, "answer", nil},
		"alone":                {[]string{"request"}, "", meterproto.ErrNoAnswer},
		"cut short":            {[]string{"requ"}, "", meterproto.ErrGarbage},
		"an answer like it":    {[]string{"reqanswer"}, "reqanswer", nil},
		"only the first is":    {[]string{"requestrequestanswer"}, "requestanswer", nil},
		"not behind the noise": {[]string{"~requestanswer"}, "~requestanswer", nil},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			onCable(t, func(p *peer) {
				for i, s := range c.pieces {
					p.say(time.Duration(40+10*i)*time.Millisecond, s)
				}
				seen, _, err := p.ask("request", "answer")
				if !errors.Is(err, c.err) || c.saw == "" && len(seen) > 0 || c.saw != "" && (len(seen) == 0 || seen[len(seen)-1] != c.saw) {
					p.Errorf("saw %q, %v", seen, err)
				}
			})
		})
	}
}

func TestWhatCameBeforeTheRequestIsDropped(t *testing.T) {
	t.Parallel()
	onCable(t, func(p *peer) {
		p.say(0, "answer")
		p.say(20*time.Millisecond, "answer")
		p.say(45*time.Millisecond, "answer")
		seen, took, err := p.ask("request", "answer")
		// 75 ms pass until the line has been quiet for 30.
		want := 75*time.Millisecond + 7*char + 500*time.Millisecond + 30*char + 50*time.Millisecond
		if len(seen) != 0 || took != want || !errors.Is(err, meterproto.ErrNoAnswer) {
			p.Errorf("saw %q in %v, want %v; %v", seen, took, want, err)
		}
	})
}

func TestLineThatIsNeverQuiet(t *testing.T) {
	t.Parallel()
	onCable(t, func(p *peer) {
		quiet := make(chan struct{})
		go func() {
			defer close(quiet)
			for range 500 {
				_, _ = io.WriteString(p.cable.Meters(), "~")
				time.Sleep(10 * time.Millisecond)
			}
		}()
		_, took, err := p.ask("request", "answer")
		if !errors.Is(err, meterproto.ErrGarbage) || took > 2*time.Second {
			p.Errorf("took %v, %v", took, err)
		}
		if <-quiet; p.sent != 0 {
			p.Error("a request was sent into the noise")
		}
	})
}

// Noise alone ends when the longest answer would have ended, not earlier and
// not later.
func TestNoiseEndsInGarbage(t *testing.T) {
	t.Parallel()
	onCable(t, func(p *peer) {
		p.say(600*time.Millisecond, "~")
		seen, took, err := p.ask("request", "answer")
		want := 30*time.Millisecond + 7*char + 500*time.Millisecond + 130*char + 50*time.Millisecond
		if !errors.Is(err, meterproto.ErrGarbage) || took != want || len(seen) != 1 {
			p.Errorf("saw %q in %v, want %v; %v", seen, took, want, err)
		}
	})
}

func TestPendingHasALimit(t *testing.T) {
	t.Parallel()
	onCable(t, func(p *peer) {
		p.say(40*time.Millisecond, string(make([]byte, link.MaxPending+1)))
		if seen, took, err := p.ask("request", "answer"); !errors.Is(err, meterproto.ErrGarbage) || took > 50*time.Millisecond {
			p.Errorf("saw %d pieces in %v, %v", len(seen), took, err)
		}
	})
}

func TestUnpluggedLineIsOpenedAgain(t *testing.T) {
	t.Parallel()
	onCable(t, func(p *peer) {
		go func(cut *metersim.Cable) {
			time.Sleep(100 * time.Millisecond)
			cut.Cut()
		}(p.cable)
		_, took, err := p.ask("request", "answer")
		gone, ok := errors.AsType[*link.GoneError](err)
		if !ok || gone.Line != "cable" || !errors.Is(err, meterproto.ErrLineGone) || took != 100*time.Millisecond {
			p.Errorf("took %v, %v", took, err)
		}
		if _, _, err := p.ask("request", "answer"); !errors.Is(err, io.ErrClosedPipe) {
			p.Errorf("still cut: %v", err)
		}
		p.cable = metersim.NewCable()
		p.say(50*time.Millisecond, "answer")
		if _, _, err := p.ask("request", "answer"); err != nil || p.opened != 3 {
			p.Errorf("opened %d times, %v", p.opened, err)
		}
	})
}

func TestCloseEndsAnExchange(t *testing.T) {
	t.Parallel()
	onCable(t, func(p *peer) {
		go func() {
			time.Sleep(100 * time.Millisecond)
			if err := p.line.Close(); err != nil {
				p.Error(err)
			}
		}()
		_, took, err := p.ask("request", "answer")
		if !errors.Is(err, link.ErrClosed) || !errors.Is(err, meterproto.ErrLineGone) || took > 150*time.Millisecond {
			p.Errorf("took %v, %v", took, err)
		}
		synctest.Wait()
		if _, _, err := p.ask("request", "answer"); !errors.Is(err, link.ErrClosed) || p.opened != 1 {
			p.Errorf("opened %d times after it, %v", p.opened, err)
		}
		if err := p.line.Close(); err != nil {
			p.Errorf("closed twice: %v", err)
		}
	})
}

func TestExchangesQueueUp(t *testing.T) {
	t.Parallel()
	onCable(t, func(p *peer) {
		done := make(chan error, 2)
		for range 2 {
			go func() { _, _, err := p.ask("request", "answer"); done <- err }()
		}
		synctest.Wait()
		ctx, cancel := context.WithTimeout(p.Context(), 10*time.Millisecond)
		defer cancel()
		err := p.line.Exchange(ctx, nil, protocol(), until("", new([]string)))
		if !errors.Is(err, context.DeadlineExceeded) {
			p.Errorf("waited too long: %v", err)
		}
		p.say(100*time.Millisecond, "answer")
		if first := <-done; first != nil {
			p.Error(first)
		}
		p.say(100*time.Millisecond, "answer")
		if second := <-done; second != nil {
			p.Error(second)
		}
	})
}

func TestModeIsChecked(t *testing.T) {
	t.Parallel()
	for _, m := range []link.Mode{{}, {Baud: -1}, {Baud: link.MaxBaud + 1}, {Baud: 2400, Parity: 3}, {Baud: 2400, Patience: -1}} {
		if l, err := link.New("x", m, nil); err == nil {
			t.Errorf("%+v became %v", m, l)
		}
	}
	for want, m := range map[string]link.Mode{
		"x 2400 8E1": {Baud: 2400}, "x 1200 8N1": {Baud: 1200, Parity: link.None}, "x 9600 8O1": {Baud: 9600, Parity: link.Odd},
	} {
		if l, err := link.New("x", m, nil); err != nil || l.String() != want {
			t.Errorf("got %v, %v; want %s", l, err, want)
		}
	}
}

func TestPatienceStretchesTheWait(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		cable := metersim.NewCable()
		mode := link.Mode{Baud: 2400, Parity: link.None, Patience: 3}
		line, err := link.New("cable", mode, func() (link.Wire, error) { return cable, nil })
		if err != nil {
			t.Fatal(err)
		}
		start := time.Now()
		err = line.Exchange(t.Context(), []byte("request"), protocol(), nil)
		short := 10 * time.Second / 2400 // no parity: ten bits
		want := 30*time.Millisecond + 7*short + 3*(500*time.Millisecond+30*short) + 50*time.Millisecond
		if took := time.Since(start); took != want || !errors.Is(err, meterproto.ErrNoAnswer) {
			t.Errorf("took %v, want %v; %v", took, want, err)
		}
	})
}

// quick is a peer whose rate can change.
type quick struct {
	*peer
	rates []int
}

func (q *quick) SetBaud(baud int) error { q.rates = append(q.rates, baud); return nil }

// The request goes out at the old rate, the answer is waited for at the new one.
func TestRateChangesBehindTheRequest(t *testing.T) {
	t.Parallel()
	onCable(t, func(p *peer) {
		q := &quick{peer: p}
		line, err := link.New("quick", link.Mode{Baud: 2400}, func() (link.Wire, error) { return q, nil })
		if err != nil {
			p.Fatal(err)
		}
		timing := protocol()
		timing.Baud = 24_000
		start := time.Now()
		err = line.Exchange(p.Context(), []byte("request"), timing, until("answer", new([]string)))
		want := 30*time.Millisecond + 7*char + 500*time.Millisecond + 3*char + 50*time.Millisecond
		if took := time.Since(start); (took-want).Abs() > time.Microsecond || !errors.Is(err, meterproto.ErrNoAnswer) || len(q.rates) != 1 || q.rates[0] != 24_000 {
			p.Errorf("took %v, want %v; rates %v, %v", took, want, q.rates, err)
		}
		// A wire with one rate is asked before anything is sent.
		p.sent = 0
		if err := p.line.Exchange(p.Context(), []byte("request"), timing, nil); !errors.Is(err, meterproto.ErrSpeed) || p.sent != 0 {
			p.Errorf("%v, %d sent", err, p.sent)
		}
	})
}
