package counter

import (
	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/promauto"

	"github.com/vendgate/vendgate/cardio"
)

// Metrics counts what the counter did. A nil *Metrics counts nothing.
type Metrics struct {
	verdicts *prometheus.CounterVec
}

// NewMetrics registers the counter's metrics.
func NewMetrics(r prometheus.Registerer) *Metrics {
	m := &Metrics{verdicts: promauto.With(r).NewCounterVec(prometheus.CounterOpts{
		Name: "vendgate_card_writes_total",
		Help: "Card writes by what was proved of them.",
	}, []string{"verdict"})}
	for _, v := range []cardio.Verdict{cardio.Loaded, cardio.Untouched, cardio.InDoubt} {
		m.verdicts.WithLabelValues(v.String())
	}
	return m
}

func (m *Metrics) verdict(v cardio.Verdict) {
	if m != nil {
		m.verdicts.WithLabelValues(v.String()).Inc()
	}
}
