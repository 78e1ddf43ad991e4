package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"os"
	"path/filepath"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"golang.org/x/sync/errgroup"

	"github.com/vendgate/vendgate/meterproto/gateway"
	"github.com/vendgate/vendgate/meterproto/gateway/spool"
	"github.com/vendgate/vendgate/meterproto/link"
)

// gatewayField is every line of a gateway, and the spool that their readings go into.
type gatewayField struct {
	spool   *spool.Spool
	hub     *link.Hub
	door    net.Listener // of the hub
	counter net.Listener // where lines are lent; nil where another gateway does
	askTime time.Duration
	refused string   // file of the readings that the books do not take
	names   []string // of the lines
	rates   []int    // of the lines, in baud
	lines   []*link.Line
	files   []*os.File // transcripts
	buses   []*gateway.Bus
	places  map[string]place // of meters, by number
	chores  *chores
	doubts  *doubts
	log     *slog.Logger
}

// openField opens all that the configuration names; nothing is asked yet.
func openField(c gatewayConfig, dataDir string, r prometheus.Registerer, log *slog.Logger) (f *gatewayField, err error) {
	f = &gatewayField{log: log, askTime: askTime, places: map[string]place{}}
	defer func() {
		if err != nil {
			f.close()
		}
	}()
	if c.Spool == "" {
		c.Spool = filepath.Join(dataDir, "spool")
	}
	f.refused = filepath.Join(c.Spool, "refused.jsonl")
	f.spool, err = spool.Open(c.Spool)
	if hurt, ok := errors.AsType[*spool.DamageError](err); ok {
		log.Error("spool damaged", "error", hurt)
	} else if err != nil {
		return f, err
	}
	f.doubts = newDoubts(r, log)
	r.MustRegister(prometheus.NewGaugeFunc(prometheus.GaugeOpts{Name: "vendgate_gateway_spool_records",
		Help: "Readings that wait for the service."}, func() float64 { return float64(f.spool.Depth()) }))
	if err := f.listen(c.DTUs); err != nil {
		return f, err
	}
	f.counter = f.openCounter(dataDir)
	calendar, err := c.Calendar.calendar()
	if err != nil {
		return f, usageError{err}
	}
	metrics := gateway.NewMetrics(r)
	for i, l := range c.Lines {
		if err := f.add(c, l, calendar, metrics); err != nil {
			return f, usageError{fmt.Errorf("line %d (%s): %w", i+1, l.name(), err)}
		}
	}
	f.chores = newChores(c.Chores, f, newChoreMetrics(r))
	return f, nil
}

// listen opens the door for DTUs, where there are any.
func (f *gatewayField) listen(c *dtuConfig) (err error) {
	if c == nil {
		return nil
	}
	f.hub, err = link.NewHub(link.HubOptions{Registration: c.Registration, Heartbeat: c.Heartbeat, Silence: time.Duration(c.Silence)})
	if err != nil {
		return usageError{fmt.Errorf("dtus: %w", err)}
	}
	f.door, err = net.Listen("tcp", c.Listen)
	return err
}

// add opens one line and puts its meters on it.
func (f *gatewayField) add(c gatewayConfig, l lineConfig, calendar gateway.Calendar, m *gateway.Metrics) error {
	line, err := l.open(f.hub)
	if err != nil {
		return err
	}
	f.names, f.rates, f.lines = append(f.names, l.name()), append(f.rates, l.rate()), append(f.lines, line)
	if l.Transcript != "" {
		to, err := os.OpenFile(l.Transcript, os.O_WRONLY|os.O_CREATE|os.O_APPEND, 0o600)
		if err != nil {
			return err
		}
		f.files = append(f.files, to)
		line.Record(to)
	}
	ser, points := new(gateway.Counter), []gateway.Point(nil)
	for _, meter := range l.Meters {
		p, err := c.point(meter, l, ser)
		if err != nil {
			return err
		}
		points = append(points, p)
		model, _ := c.Models.named(meter.Model) // the point has it
		f.places[meter.Number] = place{len(f.buses), p, meter.Model, model, l}
	}
	bus, err := gateway.NewBus(l.name(), line, points, calendar, f, m, f.log)
	f.buses = append(f.buses, bus)
	return err
}

// Keep puts a reading on disk.
func (f *gatewayField) Keep(_ context.Context, h gateway.Heard) error {
	record, err := json.Marshal(h)
	if err != nil {
		return err
	}
	return f.spool.Append(record)
}

// run works until ctx ends.
func (f *gatewayField) run(ctx context.Context) error {
	group, ctx := errgroup.WithContext(ctx)
	if f.door != nil {
		group.Go(func() error { return f.hub.Serve(f.door) })
		context.AfterFunc(ctx, func() { _ = f.door.Close() })
	}
	if f.counter != nil {
		group.Go(func() error { return f.lend(ctx) })
		context.AfterFunc(ctx, func() { _ = f.counter.Close() })
	}
	for _, b := range f.buses {
		group.Go(func() error { b.Run(ctx); return nil })
	}
	return group.Wait()
}

// close gives back every port and file.
func (f *gatewayField) close() {
	for _, l := range f.lines {
		_ = l.Close()
	}
	if f.door != nil {
		_ = f.door.Close()
	}
	if f.counter != nil {
		_ = f.counter.Close()
	}
	for _, file := range f.files {
		_ = file.Close()
	}
	if f.spool != nil {
		_ = f.spool.Close()
	}
}
