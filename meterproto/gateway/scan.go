package gateway

import (
	"context"
	"errors"
	"fmt"

	"github.com/vendgate/vendgate/meterproto"
	"github.com/vendgate/vendgate/meterproto/cjt188"
)

// MaxScan is how many numbers one scan may try: at a second each, a night.
const MaxScan = 30_000

// Found is a meter that answered a scan.
type Found struct {
	Address string
	Kind    string // what it says it is
}

// Prober is a Driver that can ask whether somebody is there, with one request
// that changes nothing. Silence is meterproto.ErrNoAnswer; where several answer at
// once, it is usually meterproto.ErrGarbage.
type Prober interface {
	Probe(ctx context.Context, line Line, address string) (Found, error)
}

// Range is every address of as many digits from first to last, both included.
func Range(first, last string) ([]string, error) {
	n, err := countable(first, last)
	if err != nil {
		return nil, err
	}
	out := make([]string, 0, n)
	for a := first; ; a = following(a) {
		out = append(out, a)
		if a == last {
			return out, nil
		}
	}
}

// countable is how many addresses there are.
func countable(first, last string) (int, error) {
	if len(first) != len(last) || first > last {
		return 0, fmt.Errorf("from %s to %s: want two numbers of as many digits, in order", first, last)
	}
	n := 0
	for i := range first {
		if first[i] < '0' || first[i] > '9' || last[i] < '0' || last[i] > '9' {
			return 0, fmt.Errorf("from %s to %s: want decimal digits", first, last)
		}
		if n = 10*n + int(last[i]) - int(first[i]); n > MaxScan {
			return 0, fmt.Errorf("from %s to %s: at most %d numbers", first, last, MaxScan)
		}
	}
	return n + 1, nil
}

// following is the next number; there is one.
func following(a string) string {
	b := []byte(a)
	for i := len(b) - 1; ; i-- {
		if b[i]++; b[i] <= '9' {
			return string(b)
		}
		b[i] = '0'
	}
}

// Scan asks at every address whether somebody is there. A number from which
// garbage comes is asked once more, and then reported by odd. It ends with what is
// wrong with the line, or with ctx; tell is called after each address.
func Scan(ctx context.Context, line Line, p Prober, addresses []string, tell func(asked string, found *Found, odd error)) error {
	for _, a := range addresses {
		found, err := p.Probe(ctx, line, a)
		if err != nil && worthwhile(err) && !errors.Is(err, meterproto.ErrNoAnswer) {
			found, err = p.Probe(ctx, line, a)
		}
		switch {
		case err == nil:
			tell(a, &found, nil)
		case ctx.Err() != nil || errors.Is(err, meterproto.ErrLineGone):
			return err
		case errors.Is(err, meterproto.ErrNoAnswer):
			tell(a, nil, nil)
		default:
			tell(a, nil, err)
		}
	}
	return nil
}

// Probe asks for the register, once.
func (d CJT188) Probe(ctx context.Context, line Line, address string) (Found, error) {
	d.Timing.Retries = 0
	c, err := d.talk(line, address)
	if err != nil {
		return Found{}, err
	}
	content, err := c.register(ctx)
	if err != nil {
		return Found{}, err
	}
	f := Found{Address: c.meter.String(), Kind: "heat"}
	if _, ok := content.Message.(*cjt188.Flow); ok {
		f.Kind = "water or gas"
	}
	return f, nil
}
