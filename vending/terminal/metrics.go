package terminal

import (
	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/promauto"
)

// Metrics counts what goes over the lines. A nil *Metrics counts nothing.
type Metrics struct {
	frames  *prometheus.CounterVec
	repeats prometheus.Counter
	lines   *prometheus.CounterVec
	online  prometheus.Gauge
}

// NewMetrics registers the metrics of the terminals' lines.
func NewMetrics(r prometheus.Registerer) *Metrics {
	with := promauto.With(r)
	m := &Metrics{
		frames: with.NewCounterVec(prometheus.CounterOpts{Name: "vendgate_terminal_frames_total",
			Help: "Frames to terminals, each a round trip, by kind and by what came of them."}, []string{"kind", "outcome"}),
		repeats: with.NewCounter(prometheus.CounterOpts{Name: "vendgate_terminal_frames_repeated_total",
			Help: "Frames that were said again on a new line, after the line had broken."}),
		lines: with.NewCounterVec(prometheus.CounterOpts{Name: "vendgate_terminal_lines_total",
			Help: "Attempts of terminals to dial in, by what came of them."}, []string{"outcome"}),
		online: with.NewGauge(prometheus.GaugeOpts{Name: "vendgate_terminals_online",
			Help: "Terminals that have a line now."}),
	}
	for _, kind := range []Kind{Connect, Transmit, Script} {
		for _, o := range []string{"done", "refused", "card_lost", "lost"} {
			m.frames.WithLabelValues(string(kind), o)
		}
	}
	for _, o := range []string{"up", "refused"} {
		m.lines.WithLabelValues(o)
	}
	return m
}

// outcome puts an answer into one of the closed set of labels.
func outcome(a Answer) string {
	switch a.Fault {
	case "":
		return "done"
	case FaultDead:
		return "card_lost"
	}
	return "refused"
}

func (m *Metrics) frame(k Kind, outcome string) {
	if m != nil {
		m.frames.WithLabelValues(string(k), outcome).Inc()
	}
}

func (m *Metrics) repeat() {
	if m != nil {
		m.repeats.Inc()
	}
}

func (m *Metrics) dialled(outcome string) {
	if m != nil {
		m.lines.WithLabelValues(outcome).Inc()
	}
}

func (m *Metrics) lineUp(by float64) {
	if m != nil {
		m.online.Add(by)
	}
}
