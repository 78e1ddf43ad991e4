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
	"slices"
	"sync"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"golang.org/x/sync/errgroup"

	"github.com/vendgate/vendgate/meterproto/gateway"
	"github.com/vendgate/vendgate/meterproto/gateway/spool"
	"github.com/vendgate/vendgate/meterproto/link"
)

// gatewayField is every line of a gateway, and the spool that their readings go into.
type gatewayField struct {
	spool      *spool.Spool
	hub        *link.Hub
	door       net.Listener // of the hub
	counter    net.Listener // where lines are lent; nil where another gateway does
	askTime    time.Duration
	refused    string // file of the readings that the books do not take
	remembered string // file of what the books said last of lines
	calendar   gateway.Schedule
	metrics    *gateway.Metrics
	chores     *chores
	doubts     *doubts
	log        *slog.Logger

	mu    sync.Mutex
	lines map[string]*gatewayLine // by name; follow alone changes them

	news    chan inBooks     // what the books say by now
	hangUps <-chan os.Signal // SIGHUP: the file is to be read again; nil where there is none
	again   chan struct{}    // holds one where a line has ended

	// follow's alone:
	config  gatewayConfig
	said    map[string]string // what was said to be wrong with lines
	running sync.WaitGroup    // lines
}

// openField opens all that the configuration names; nothing is asked yet.
func openField(c gatewayConfig, dataDir string, r prometheus.Registerer, log *slog.Logger) (f *gatewayField, err error) {
	f = &gatewayField{log: log, askTime: askTime, config: c, lines: map[string]*gatewayLine{}, metrics: gateway.NewMetrics(r),
		news: make(chan inBooks, 1), again: make(chan struct{}, 1)}
	defer func() {
		if err != nil {
			f.close()
		}
	}()
	dir := c.spool(dataDir)
	f.refused, f.remembered = filepath.Join(dir, "refused.jsonl"), filepath.Join(dir, rememberedFile)
	f.spool, err = spool.Open(dir)
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
	if f.calendar, err = c.Calendar.calendar(); err != nil {
		return f, usageError{err}
	}
	f.chores = newChores(c.Chores, f, newChoreMetrics(r))
	wrong, err := f.openAll()
	if err == nil {
		f.say(context.Background(), wrong)
	}
	return f, err
}

// openAll opens the lines. It fails where one of the file cannot be as the file says. What the books say and cannot be is returned: such a line
// is as the file has it, or it is not there.
func (f *gatewayField) openAll() (troubles, error) {
	alone := f.config
	alone.Books = false
	ofFile, amiss := alone.joined()
	c, wrong := f.config.joined()
	for _, w := range c.Lines {
		name := w.name()
		if wrong[name] == nil {
			wrong.with(name, f.enter(c, w))
		}
		i := slices.IndexFunc(ofFile.Lines, func(l lineConfig) bool { return l.name() == name })
		if wrong[name] == nil || i < 0 {
			continue
		}
		err := amiss[name]
		if err == nil {
			err = f.enter(ofFile, ofFile.Lines[i])
		}
		if err != nil {
			return nil, usageError{fmt.Errorf("line %s: %w", name, err)}
		}
	}
	if c.Books && len(c.Lines) == 0 && len(wrong) == 0 {
		f.log.Info("no meter is on a line yet: what vendgate meter add puts on one is read from then on")
	}
	return wrong, nil
}

// enter opens a line before any works.
func (f *gatewayField) enter(c gatewayConfig, w lineConfig) error {
	l, err := f.open(c, w)
	if err == nil {
		f.lines[w.name()] = l
	}
	return err
}

// listen opens the door for DTUs, where there are any.
func (f *gatewayField) listen(c *dtuConfig) error {
	if err := f.gather(c); err != nil || c == nil {
		return err
	}
	door, err := net.Listen("tcp", c.Listen)
	if err == nil {
		f.door = f.enduring(door)
	}
	return err
}

// gather makes the hub of the DTUs, where there are any.
func (f *gatewayField) gather(c *dtuConfig) (err error) {
	if c == nil {
		return nil
	}
	f.hub, err = link.NewHub(link.HubOptions{Registration: c.Registration, Heartbeat: c.Heartbeat, Silence: time.Duration(c.Silence)})
	if err != nil {
		return usageError{fmt.Errorf("dtus: %w", err)}
	}
	return nil
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
	group.Go(func() error { f.follow(ctx); return nil })
	return group.Wait()
}

// close gives back every port and file.
func (f *gatewayField) close() {
	for _, l := range f.lines {
		l.close()
	}
	if f.door != nil {
		_ = f.door.Close()
	}
	if f.counter != nil {
		_ = f.counter.Close()
	}
	if f.spool != nil {
		_ = f.spool.Close()
	}
}
