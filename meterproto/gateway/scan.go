package gateway

import (
	"context"
	"errors"
	"fmt"

	"github.com/vendgate/vendgate/meterproto"
)

// MaxScan is how many numbers one scan may try: at a second each, a night.
const MaxScan = 30_000

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

// Scan reads at every address, once, to see whether somebody is there: give it a
// driver without retries. A number from which garbage comes is asked once more, and
// is then told as odd, as is one that refuses. It ends with what is wrong with the
// line, or with ctx; tell is called after each address, found is nil for silence.
func Scan(ctx context.Context, line Line, d Driver, addresses []string, tell func(asked string, found *meterproto.Reading, odd error)) error {
	for _, a := range addresses {
		r, err := d.Read(ctx, line, a)
		if err != nil && worthwhile(err) && !errors.Is(err, meterproto.ErrNoAnswer) {
			r, err = d.Read(ctx, line, a)
		}
		switch {
		case err == nil:
			tell(a, &r, nil)
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
