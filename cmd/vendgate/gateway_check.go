package main

import (
	"context"
	"errors"
	"fmt"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/vendgate/vendgate/meterproto/gateway"
	"github.com/vendgate/vendgate/meterproto/link"
)

// checkGateway opens every line that can be opened from here, and says of each what is wrong with it. It takes neither spool nor socket, so that
// it can look beside a gateway that runs; a port that somebody uses is there.
func (a *app) checkGateway(ctx context.Context, file string) (err error) {
	c, err := a.gatewayConfigured(ctx, file, a.withStore)
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
	if err := f.openAll(); err != nil {
		return err
	}
	for name, l := range f.lines {
		if l.config.DTU != "" {
			continue // it comes to us
		}
		ready := l.line.Ready(ctx)
		if errors.Is(ready, link.ErrBusy) {
			fmt.Fprintf(a.errs, "line %s: in use\n", name)
			continue
		}
		err = errors.Join(err, ready)
	}
	return err
}
