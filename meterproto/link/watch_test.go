package link_test

import (
	"context"
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/vendgate/vendgate/meterproto"
)

// What belongs together comes together, and nothing is sent.
func TestWatchTellsBurstsApart(t *testing.T) {
	t.Parallel()
	onCable(t, func(p *peer) {
		p.say(100*time.Millisecond, "one ")
		p.say(120*time.Millisecond, "burst")
		p.say(300*time.Millisecond, "another")
		p.say(time.Second, strings.Repeat("~", 4000))
		p.say(1010*time.Millisecond, strings.Repeat("~", 4000))
		var bursts []string
		var times []time.Duration
		start := time.Now()
		ctx, cancel := context.WithTimeout(p.Context(), 2*time.Second)
		defer cancel()
		err := p.line.Watch(ctx, 50*time.Millisecond, func(at time.Time, b []byte) error {
			bursts, times = append(bursts, string(b)), append(times, at.Sub(start))
			return nil
		})
		if !errors.Is(err, context.DeadlineExceeded) || p.sent != 0 {
			p.Errorf("%v, %d sent", err, p.sent)
		}
		if len(bursts) != 4 || !slices.Equal(bursts[:2], []string{"one burst", "another"}) || len(bursts[2])+len(bursts[3]) != 8000 ||
			times[0] != 100*time.Millisecond || times[1] != 300*time.Millisecond {
			p.Errorf("%.60q at %v", bursts, times)
		}
	})
}

// What came before the line went is not lost.
func TestWatchOfALineThatGoes(t *testing.T) {
	t.Parallel()
	onCable(t, func(p *peer) {
		var last string
		p.say(0, "last words")
		time.AfterFunc(10*time.Millisecond, p.cable.Cut)
		err := p.line.Watch(p.Context(), time.Second, func(_ time.Time, b []byte) error { last = string(b); return nil })
		if !errors.Is(err, meterproto.ErrLineGone) || last != "last words" {
			p.Errorf("%q, %v", last, err)
		}
	})
}
