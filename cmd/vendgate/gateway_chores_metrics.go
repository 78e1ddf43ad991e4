package main

import (
	"sync"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/promauto"

	"github.com/vendgate/vendgate/vending"
	"github.com/vendgate/vendgate/vending/store"
)

// choreMetrics are the figures of what waits for meters on lines: how old it is, and how the tries went.
type choreMetrics struct {
	tries *prometheus.CounterVec

	mu    sync.Mutex
	since store.WaitingSince
}

func newChoreMetrics(r prometheus.Registerer) *choreMetrics {
	m := &choreMetrics{tries: promauto.With(r).NewCounterVec(prometheus.CounterOpts{Name: "vendgate_gateway_chores_total",
		Help: "Tries at what waits in the books for meters on lines, by what it is and what came of it."}, []string{"kind", "outcome"})}
	for _, kind := range vending.ChoreKinds() {
		for _, givenUp := range []bool{false, true} {
			state := map[bool]string{false: "waiting", true: "given_up"}[givenUp]
			promauto.With(r).NewGaugeFunc(prometheus.GaugeOpts{Name: "vendgate_gateway_oldest_chore_age_seconds",
				Help:        "Age of the oldest price that a meter on a line is not known to charge, and of the oldest purchase over a line in doubt; 0 where there is none.",
				ConstLabels: prometheus.Labels{"kind": string(kind), "state": state}}, func() float64 { return m.age(kind, givenUp) })
		}
	}
	return m
}

// wait takes in what the books said. Ages go on while they say nothing.
func (m *choreMetrics) wait(since store.WaitingSince) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.since = since
}

func (m *choreMetrics) age(kind vending.ChoreKind, givenUp bool) float64 {
	m.mu.Lock()
	defer m.mu.Unlock()
	since := m.since.Waiting[kind]
	if givenUp {
		since = m.since.GivenUp[kind]
	}
	if since.IsZero() {
		return 0
	}
	return max(0, time.Since(since).Seconds())
}

// tried counts a try.
func (m *choreMetrics) tried(after vending.Chore, err error) {
	outcome := "done"
	switch {
	case after.GivenUp:
		outcome = "given_up"
	case err != nil:
		outcome = "failed"
	}
	m.tries.WithLabelValues(string(after.Kind), outcome).Inc()
}
