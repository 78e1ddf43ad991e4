package gateway

import (
	"context"
	"errors"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/promauto"

	"github.com/vendgate/vendgate/meterproto"
)

// Metrics are the gateway's figures, of all lines together: a label for each
// line or meter would tell who lives where.
type Metrics struct {
	exchanges *prometheus.CounterVec
	readings  *prometheus.CounterVec
}

// NewMetrics makes them and registers them.
func NewMetrics(r prometheus.Registerer) *Metrics {
	f := promauto.With(r)
	return &Metrics{
		exchanges: f.NewCounterVec(prometheus.CounterOpts{Name: "vendgate_gateway_exchanges_total",
			Help: "Requests sent to meters, by what came of them; those that did not end in an answer were retries, or the last try."}, []string{"outcome"}),
		readings: f.NewCounterVec(prometheus.CounterOpts{Name: "vendgate_gateway_readings_total",
			Help: "Readings that the schedule wanted, by what came of them."}, []string{"outcome"}),
	}
}

func (m *Metrics) reading(err error) { m.readings.WithLabelValues(outcomeOf(err)).Inc() }

// outcomeOf is one of a closed set of words.
func outcomeOf(err error) string {
	for _, o := range []struct {
		is   error
		word string
	}{
		{meterproto.ErrNoAnswer, "silence"}, {meterproto.ErrGarbage, "garbage"}, {meterproto.ErrWrongMeter, "wrong_meter"},
		{meterproto.ErrStale, "stale"}, {meterproto.ErrAbnormal, "refused"}, {meterproto.ErrLayout, "layout"},
		{meterproto.ErrLineGone, "line_gone"},
	} {
		if errors.Is(err, o.is) {
			return o.word
		}
	}
	if err != nil {
		return "other"
	}
	return "answered"
}

// counted is a line whose exchanges are counted.
func (m *Metrics) counted(l Line) *counted { return &counted{Line: l, metrics: m} }

type counted struct {
	Line
	metrics *Metrics
}

func (c *counted) Exchange(ctx context.Context, request []byte, t meterproto.Timing,
	accept func(stream []byte) (rest []byte, done bool),
) error {
	err := c.Line.Exchange(ctx, request, t, accept)
	c.metrics.exchanges.WithLabelValues(outcomeOf(err)).Inc()
	return err
}

// Back is the line's own; nil where it cannot tell.
func (c *counted) Back() <-chan struct{} {
	if l, ok := c.Line.(comer); ok {
		return l.Back()
	}
	return nil
}

// SetBaud is the line's own; meterproto.ErrSpeed where it has none.
func (c *counted) SetBaud(ctx context.Context, baud int) error {
	if l, ok := c.Line.(Speeder); ok {
		return l.SetBaud(ctx, baud)
	}
	return meterproto.ErrSpeed
}
