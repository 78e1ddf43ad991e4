package main

import (
	"context"
	"errors"
	"log/slog"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/promauto"

	"github.com/vendgate/vendgate/meterproto/gateway"
	"github.com/vendgate/vendgate/vending"
)

// readAs is what the books say by now of a meter on a line: see store.Store.AskedAs.
type readAs func(ctx context.Context, meter string) (model string, removed time.Time, err error)

// doubts tells of readings that are in the books and that the books, as they are by now, would not have asked for: the meter has
// been given another model, and what one model says may mean something else to another; or it was taken down before it was heard, and
// something else answers by its address. A person has to look, so it is said, once for each meter until it is right again: nothing
// is refused, for the books may be what is wrong, and no reading is lost.
type doubts struct {
	count *prometheus.CounterVec
	log   *slog.Logger
	said  map[string]string // what was said last, by meter
}

// The reasons for a doubt.
const (
	otherModel = "other_model"
	takenDown  = "taken_down"
)

func newDoubts(r prometheus.Registerer, log *slog.Logger) *doubts {
	return &doubts{log: log, said: map[string]string{}, count: promauto.With(r).NewCounterVec(prometheus.CounterOpts{
		Name: "vendgate_gateway_doubtful_readings_total",
		Help: "Readings taken into the books that were read as another model than the books have by now, or of a meter taken down before."}, []string{"why"})}
}

// hold holds a reading that was taken in against what the books say. A meter of the gateway's file alone is on no line there. Where
// the books do not answer the next reading is held against them.
func (d *doubts) hold(ctx context.Context, h gateway.Heard, books readAs) {
	model, removed, err := books(ctx, h.Meter)
	if err != nil {
		if !errors.Is(err, vending.ErrNoLine) {
			d.log.WarnContext(ctx, "the books do not say how a meter is read", "meter", h.Meter, "error", err)
		}
		return
	}
	why := ""
	switch {
	case !removed.IsZero() && h.At.After(removed):
		why = takenDown
	case h.Model != "" && h.Model != model: // a record of an older gateway has no name
		why = otherModel
	}
	if why != "" {
		d.count.WithLabelValues(why).Inc()
	}
	if now := why + " " + h.Model + " " + model; why == "" {
		delete(d.said, h.Meter)
	} else if d.said[h.Meter] != now {
		d.said[h.Meter] = now
		d.log.WarnContext(ctx, "a doubtful reading is in the books: look at the meter, and at how the books have it", "why", why, "meter", h.Meter,
			"heard", h.At, "read_as", h.Model, "books_say", model, "taken_down", removed)
	}
}
