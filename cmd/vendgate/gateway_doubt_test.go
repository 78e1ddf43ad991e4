package main

import (
	"bytes"
	"context"
	"log/slog"
	"strings"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/testutil"

	"github.com/vendgate/vendgate/meterproto/gateway"
	"github.com/vendgate/vendgate/vending"
)

// A reading that was read as another model than the books have by now, or of a meter that was taken down before, is counted each
// time and said once; once more where it was right in between, or is wrong in another way.
func TestDoubtfulReadingIsSaidOnce(t *testing.T) {
	t.Parallel()
	noon := time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)
	var said bytes.Buffer
	d := newDoubts(prometheus.NewRegistry(), slog.New(slog.NewTextHandler(&said, nil)))
	for i, c := range []struct {
		meter, readAs, books string
		removed              time.Time
		err                  error
		tells                string // "" where nothing is said
	}{
		{meter: "1", readAs: "cjt188-gas", books: "cjt188-gas"},
		{meter: "1", readAs: "cjt188-gas", books: "cjt188-heat", tells: "read_as=cjt188-gas books_say=cjt188-heat"},
		{meter: "1", readAs: "cjt188-gas", books: "cjt188-heat"},
		{meter: "2", readAs: "cjt188-gas", books: "cjt188-heat", tells: "meter=2"}, // each meter
		{meter: "1", readAs: "cjt188-gas", books: "mbus", tells: "books_say=mbus"},
		{meter: "1", readAs: "cjt188-gas", books: "cjt188-gas"},
		{meter: "1", readAs: "cjt188-gas", books: "mbus", tells: "why=other_model"},
		{meter: "1", readAs: "mbus", books: "mbus", removed: noon.Add(time.Hour)}, // it was there when it was heard
		{meter: "1", readAs: "mbus", books: "mbus", removed: noon.Add(-time.Hour), tells: "why=taken_down"},
		{meter: "1", readAs: "", books: "mbus"}, // of an older gateway
		{meter: "1", readAs: "mbus", err: vending.ErrNoLine},
		{meter: "1", readAs: "mbus", err: vending.ErrDatabase, tells: "the books do not say"}, // the reading is in them all the same
	} {
		said.Reset()
		d.hold(t.Context(), gateway.Heard{Meter: c.meter, Model: c.readAs, At: noon}, func(_ context.Context, meter string) (string, time.Time, error) {
			if meter != c.meter {
				t.Errorf("%d: asked of meter %s", i, meter)
			}
			return c.books, c.removed, c.err
		})
		text := said.String()
		if (text == "") != (c.tells == "") || !strings.Contains(text, c.tells) || strings.Count(text, "\n") > 1 {
			t.Errorf("%d: said %q, want %q", i, text, c.tells)
		}
	}
	for why, want := range map[string]float64{otherModel: 5, takenDown: 1} {
		if got := testutil.ToFloat64(d.count.WithLabelValues(why)); got != want {
			t.Errorf("%s: %v, want %v", why, got, want)
		}
	}
}
