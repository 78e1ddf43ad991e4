package store

import (
	"context"
	"log/slog"
	"sync/atomic"
	"time"

	"github.com/prometheus/client_golang/prometheus"
)

// scrapeTimeout bounds what a scrape may ask of the database.
const scrapeTimeout = 2 * time.Second

// Health is the two figures that matter first: the age of the oldest purchase
// whose end is not known, and what is wrong with the books (always 0).
type Health struct {
	store      *Store
	violations atomic.Int64
	checked    atomic.Int64 // Unix seconds; 0: not yet
	replayed   atomic.Int64
}

// NewHealth returns the collector; the caller registers it and runs Watch.
func NewHealth(s *Store) *Health { return &Health{store: s} }

var (
	oldestPending = prometheus.NewDesc("vendgate_purchase_oldest_pending_age_seconds",
		"Age of the oldest purchase whose end is not known; 0 where there is none.", nil, nil)
	imbalance = prometheus.NewDesc("vendgate_ledger_imbalance",
		"Violations that the last replay of all books and the checks of changed ones since have found. Must be 0.", nil, nil)
	checkedAt = prometheus.NewDesc("vendgate_ledger_checked_timestamp_seconds",
		"Until when what has changed in the books was checked.", nil, nil)
	replayedAt = prometheus.NewDesc("vendgate_ledger_replayed_timestamp_seconds",
		"When all books were last replayed.", nil, nil)
)

// Describe implements prometheus.Collector.
func (h *Health) Describe(ch chan<- *prometheus.Desc) {
	ch <- oldestPending
	ch <- imbalance
	ch <- checkedAt
	ch <- replayedAt
}

// Collect implements prometheus.Collector. A database that does not answer
// leaves the age out, so that an alert on its absence fires.
func (h *Health) Collect(ch chan<- prometheus.Metric) {
	ctx, cancel := context.WithTimeout(context.Background(), scrapeTimeout)
	defer cancel()
	if oldest, err := h.store.OldestPending(ctx); err == nil {
		age := 0.0
		if !oldest.IsZero() {
			age = max(0, time.Since(oldest).Seconds())
		}
		ch <- prometheus.MustNewConstMetric(oldestPending, prometheus.GaugeValue, age)
	}
	if at := h.checked.Load(); at != 0 {
		ch <- prometheus.MustNewConstMetric(imbalance, prometheus.GaugeValue, float64(h.violations.Load()))
		ch <- prometheus.MustNewConstMetric(checkedAt, prometheus.GaugeValue, float64(at))
		ch <- prometheus.MustNewConstMetric(replayedAt, prometheus.GaugeValue, float64(h.replayed.Load()))
	}
}

// Watch replays all books now and then as often as all says, and in between, every
// interval, checks the books that have changed, until ctx ends. What it finds goes to
// the log once, one line a violation.
func (h *Health) Watch(ctx context.Context, every, all time.Duration, log *slog.Logger) {
	tick := time.NewTicker(every)
	defer tick.Stop()
	w := &rounds{store: h.store, all: all}
	for {
		news, err := w.check(ctx)
		switch {
		case ctx.Err() != nil:
			return
		case err != nil:
			log.ErrorContext(ctx, "books not checked", "error", err)
		default:
			h.violations.Store(int64(len(w.found)))
			h.replayed.Store(w.replayed.Unix())
			h.checked.Store(w.checked.Unix())
		}
		for _, v := range news {
			log.ErrorContext(ctx, "books violated", "invariant", v.Invariant, "detail", v.Detail)
		}
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
	}
}
