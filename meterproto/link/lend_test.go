package link_test

import (
	"context"
	"errors"
	"net"
	"testing"
	"testing/synctest"
	"time"

	"github.com/vendgate/vendgate/meterproto"
	"github.com/vendgate/vendgate/meterproto/link"
)

// lent is a line over which p's line is lent.
func lent(p *peer) (borrowed *link.Line, ended <-chan error) {
	near, far := net.Pipe()
	done := make(chan error, 1)
	go func() { done <- p.line.Lend(p.Context(), near) }()
	l, err := link.Borrow("lent", link.Mode{Baud: 2400}, func() (net.Conn, error) { return far, nil })
	if err != nil {
		p.Fatal(err)
	}
	return l, done
}

func TestLentLineIsALine(t *testing.T) {
	t.Parallel()
	onCable(t, func(p *peer) {
		borrowed, ended := lent(p)
		for range 3 {
			p.say(100*time.Millisecond, "ans")
			p.say(150*time.Millisecond, "wer")
			if seen, err := ask(p.T, borrowed); err != nil || seen[len(seen)-1] != "answer" {
				p.Errorf("saw %q, %v", seen, err)
			}
		}
		// Meanwhile nobody else has it.
		ctx, cancel := context.WithTimeout(p.Context(), time.Second)
		defer cancel()
		if err := p.line.Exchange(ctx, nil, protocol(), nil); !errors.Is(err, context.DeadlineExceeded) {
			p.Errorf("two have the line: %v", err)
		}
		if err := borrowed.Close(); err != nil {
			p.Error(err)
		}
		if err := <-ended; err != nil {
			p.Errorf("handed back: %v", err)
		}
		p.say(100*time.Millisecond, "answer")
		if _, _, err := p.ask("request", "answer"); err != nil {
			p.Errorf("after the loan: %v", err)
		}
	})
}

// A loan ends: with the line, and after a while.
func TestLoansEnd(t *testing.T) {
	t.Parallel()
	onCable(t, func(p *peer) {
		borrowed, ended := lent(p)
		time.AfterFunc(time.Second, p.cable.Cut)
		if err := <-ended; !errors.Is(err, meterproto.ErrLineGone) {
			p.Errorf("the line is cut: %v", err)
		}
		if _, err := ask(p.T, borrowed); !errors.Is(err, meterproto.ErrLineGone) {
			p.Errorf("on a line that is cut: %v", err)
		}
	})
	onCable(t, func(p *peer) {
		_, ended := lent(p)
		start := time.Now()
		if err := <-ended; !errors.Is(err, context.DeadlineExceeded) || time.Since(start) > link.MaxLoan+time.Second {
			p.Errorf("lent for %v: %v", time.Since(start), err)
		}
		synctest.Wait()
	})
}
