package main

import (
	"context"
	"errors"
	"maps"
	"slices"
	"strings"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/vendgate/vendgate/meterproto/gateway"
	"github.com/vendgate/vendgate/meterproto/link"
)

// checkGateway opens every line that can be opened from here, and says of each what is wrong with it. It takes neither spool nor socket, so that
// it can look beside a gateway that runs; a port that somebody uses is there.
func (a *app) checkGateway(ctx context.Context, file string) (err error) {
	c, err := a.gatewayConfigured(ctx, file, saying(a.withStore))
	if err != nil {
		return err
	}
	f := &gatewayField{log: a.serviceLog(), config: c, lines: map[string]*gatewayLine{}, metrics: gateway.NewMetrics(prometheus.NewRegistry())}
	defer f.close()
	if f.calendar, err = c.Calendar.calendar(); err != nil {
		return usageError{err}
	}
	if err := f.gather(c.DTUs); err != nil {
		return err
	}
	wrong, err := f.openAll()
	if err != nil {
		return err
	}
	return f.reached(ctx, wrong)
}

// reached says which lines cannot be as the books say, or cannot be reached, and why: the words for one that is gone have no cause. DTUs come
// to us.
func (f *gatewayField) reached(ctx context.Context, amiss troubles) error {
	var wrong []string
	for _, name := range slices.Sorted(maps.Keys(amiss)) {
		wrong = append(wrong, "line "+name+": "+amiss[name].Error())
	}
	for _, name := range slices.Sorted(maps.Keys(f.lines)) {
		if l := f.lines[name]; l.config.DTU == "" {
			if err := l.line.Ready(ctx); err != nil && !errors.Is(err, link.ErrBusy) {
				wrong = append(wrong, err.Error())
			}
		}
	}
	if len(wrong) == 0 {
		return nil
	}
	return &remark{exitFailure, strings.Join(wrong, "\n")}
}
