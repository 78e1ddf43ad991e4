package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"sync"
	"sync/atomic"
	"time"

	"github.com/vendgate/vendgate/meterproto"
	"github.com/vendgate/vendgate/meterproto/gateway"
	"github.com/vendgate/vendgate/meterproto/link"
	"github.com/vendgate/vendgate/vending"
	"github.com/vendgate/vendgate/vending/counter"
	"github.com/vendgate/vendgate/vending/intake"
	"github.com/vendgate/vendgate/vending/store"
	"github.com/vendgate/vendgate/vending/words"
)

// choresConfig is how the gateway does what waits in the books for the meters on its lines; what is left out is the default.
type choresConfig struct {
	Off   bool     `json:"off"`
	Each  duration `json:"each"`  // how often the books are asked
	Doubt duration `json:"doubt"` // how long a purchase may be under way before its meter is asked
}

const (
	choresEach    = 30 * time.Second
	doubtfulAfter = 3 * time.Minute

	measureEvery = 10               // rounds: it reads the whole company
	choresOfLine = 32               // that are asked for at once
	choresAtOnce = 32               // lines that do one at the same time
	choreWait    = 45 * time.Second // for the line, shorter than a customer waits for it (turnTime)
	choreRate    = 1200             // baud, at which a chore ends in the time of a loan
)

// choreTime is how long a chore that has begun may take on a line of this rate: as long as whoever is lent it, or longer on a slower one. A
// price of DL/T 645 is some seventy questions, and one that is cut short begins again.
func choreTime(baud int) time.Duration { return link.MaxLoan * time.Duration(max(1, choreRate/baud)) }

// chores are the gateway's deeds for the books. Each goes the way of a person's command, meter prices or meter topup with the same id
// again, but for the line: it takes its turn on the bus, as gateway.Chore.
type chores struct {
	choresConfig
	field     *gatewayField
	follows   bool // the field takes lines from the books
	metrics   *choreMetrics
	turns     chan struct{} // choresAtOnce
	measuring atomic.Bool
	since     func(*store.Store, context.Context) (store.WaitingSince, error)

	// run's alone:
	digest    string            // of what the books said of lines, last
	ways      map[string]string // how they have meters asked: see wayOf
	otherwise int               // meters that are asked otherwise, as was last said
}

func newChores(c choresConfig, f *gatewayField, m *choreMetrics) *chores {
	c.Each, c.Doubt = cmp.Or(c.Each, duration(choresEach)), cmp.Or(c.Doubt, duration(doubtfulAfter))
	return &chores{choresConfig: c, field: f, follows: f.config.Books, metrics: m, since: (*store.Store).WaitingSince, turns: make(chan struct{}, choresAtOnce)}
}

// run looks what the books say of lines, and does what waits, until ctx ends. No line waits for another's.
func (c *chores) run(ctx context.Context, s *store.Store) {
	if c.Off && !c.follows {
		return
	}
	desk := &counter.Desk{Store: s, Now: time.Now, Log: c.field.log, By: vending.System("gateway")}
	var working sync.WaitGroup
	defer working.Wait()
	tick := time.NewTicker(time.Duration(c.Each))
	defer tick.Stop()
	for n := 0; ; n++ {
		if n%measureEvery == 0 && !c.Off && c.measuring.CompareAndSwap(false, true) {
			working.Go(func() { c.measure(ctx, s) })
		}
		if err := c.round(ctx, desk, &working); err != nil && ctx.Err() == nil {
			c.field.log.WarnContext(ctx, "the books do not say what waits for meters", "error", err)
		}
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
	}
}

// measure asks the books how long what waits has waited, beside the rounds: no chore waits for that, or fails with it.
func (c *chores) measure(ctx context.Context, s *store.Store) {
	defer c.measuring.Store(false)
	since, err := c.since(s, ctx)
	if err == nil {
		c.metrics.wait(since)
	} else if ctx.Err() == nil {
		c.field.log.WarnContext(ctx, "the books do not say how long chores have waited", "error", err)
	}
}

// look has the field follow what the books say of lines, where that has changed.
func (c *chores) look(ctx context.Context, s *store.Store) (changed bool, err error) {
	digest, err := s.LineDigest(ctx) // before they are read: what changes meanwhile is seen the next time
	if err != nil || digest == c.digest {
		return false, err
	}
	b, err := readBooks(ctx, s)
	if err != nil {
		return false, err
	}
	select {
	case <-ctx.Done():
		return false, ctx.Err()
	case c.field.news <- b:
	}
	c.digest, c.ways = digest, b.ways()
	return true, nil
}

// idle are the meters of the lines that do no chore now, and on which line each is. Those that are asked otherwise than the books say are
// only counted: an order would go out in another way than it is to.
func (c *chores) idle() (on []store.OnBus, lines map[string]*gatewayLine, otherwise int) {
	lines = map[string]*gatewayLine{}
	bus := int32(0)
	c.field.hanging(func(l *gatewayLine, meters []gateway.Point) {
		bus++
		for _, p := range meters {
			way, known := c.ways[p.Meter]
			switch {
			case known && way != p.Way:
				otherwise++
			case known && !l.busy.Load():
				on = append(on, store.OnBus{Meter: p.Meter, Bus: bus})
				lines[p.Meter] = l
			}
		}
	})
	return on, lines, otherwise
}

// round asks the books what waits for the lines that do nothing of it now, and sets them to it.
func (c *chores) round(ctx context.Context, d *counter.Desk, working *sync.WaitGroup) error {
	changed, err := c.look(ctx, d.Store)
	if err != nil || c.Off {
		return err
	}
	on, lines, otherwise := c.idle()
	if !changed && otherwise != c.otherwise { // else the field is about to follow
		if c.otherwise = otherwise; otherwise > 0 {
			c.field.log.WarnContext(ctx, "meters that are asked otherwise than the books say have no chores", "meters", otherwise)
		}
	}
	due, err := d.Store.DueChores(ctx, on, time.Duration(c.Doubt), choresOfLine)
	byLine := map[*gatewayLine][]vending.Chore{}
	for _, chore := range due {
		line := lines[chore.Meter]
		byLine[line] = append(byLine[line], chore)
	}
	for line, list := range byLine {
		line.busy.Store(true)
		working.Go(func() {
			defer line.busy.Store(false)
			for _, chore := range list {
				if !c.try(ctx, d, line, chore) {
					return
				}
			}
		})
	}
	return err
}

// try does one chore and keeps how it went; false where the line or the books are gone, or all ends. That is no meter's fault.
func (c *chores) try(ctx context.Context, d *counter.Desk, line *gatewayLine, chore vending.Chore) bool {
	select {
	case <-ctx.Done():
		return false
	case c.turns <- struct{}{}:
	}
	defer func() { <-c.turns }()
	begun, err := c.do(ctx, d, line, chore)
	if ctx.Err() != nil || !begun || blameless(err) {
		c.field.log.DebugContext(ctx, "chore put off", "kind", chore.Kind, "meter", chore.Meter, "error", err)
		return errors.Is(err, errAskedOtherwise) // the next one may not be
	}
	var trouble *vending.Error
	if err != nil {
		_, code, args := words.Explain(err)
		trouble = &vending.Error{Code: code, Args: args}
	}
	after, pause := chore.Ended(err, trouble)
	c.metrics.tried(after, err)
	c.say(ctx, after, pause, err)
	if err := d.Store.KeepChore(ctx, after, pause); err != nil {
		c.field.log.WarnContext(ctx, "how a chore went is not kept", "kind", chore.Kind, "meter", chore.Meter, "error", err)
	}
	return true
}

// say says that a try failed.
func (c *chores) say(ctx context.Context, after vending.Chore, pause time.Duration, err error) {
	about := []any{"kind", after.Kind, "meter", after.Meter, "about", after.About, "tries", after.Tries, "error", err}
	switch {
	case after.GivenUp:
		c.field.log.WarnContext(ctx, "chore given up", about...)
	case err != nil:
		c.field.log.WarnContext(ctx, "chore failed", append(about, "again_in", pause)...)
	}
}

// blameless is an error that says nothing of the meter.
func blameless(err error) bool {
	for _, other := range []error{errAskedOtherwise, gateway.ErrGaveWay, meterproto.ErrLineGone, vending.ErrDatabase, vending.ErrCommitInDoubt, vending.ErrHeld} {
		if errors.Is(err, other) {
			return true
		}
	}
	return false
}

// inTurn does something with a meter when it is a chore's turn, and lets it have the time; begun is false where the turn never came.
func inTurn(ctx context.Context, bus *gateway.Bus, meter string, takes time.Duration, do func(context.Context, gateway.Line, gateway.Point) error) (begun bool, err error) {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	wait := time.AfterFunc(choreWait, cancel)
	defer wait.Stop()
	err = bus.Do(ctx, meter, gateway.Chore, func(ctx context.Context, line gateway.Line, p gateway.Point) error {
		if !wait.Stop() {
			return context.Canceled // at this very moment
		}
		begun = true
		ctx, cancel := context.WithTimeout(ctx, takes)
		defer cancel()
		return do(ctx, line, p)
	})
	return begun, err
}

// do does a chore when it is the meter's turn; begun is false where that never came.
func (c *chores) do(ctx context.Context, d *counter.Desk, l *gatewayLine, chore vending.Chore) (begun bool, err error) {
	takes := choreTime(l.config.rate())
	return inTurn(ctx, l.bus, chore.Meter, takes, func(ctx context.Context, line gateway.Line, p gateway.Point) error {
		if err := askedStill(ctx, d.Store, p); err != nil {
			return err
		}
		wire := func(line gateway.Line) *intake.Wire {
			return &intake.Wire{Store: d.Store, Line: line, Driver: p.Driver, Meter: chore.Meter, Address: p.Address,
				Holder: chore.Holder(), Rolls: p.Rolls, Now: time.Now}
		}
		if chore.Kind == vending.DoubtChore { // which is never cut short
			return c.settle(ctx, d, chore, wire(line))
		}
		return l.givingWay(chore.Meter, line, func(line gateway.Line) error { return c.bringPrices(ctx, d, chore, wire(line)) })
	})
}

// settle asks a meter what became of a purchase. Where it does not show it, the order goes out again with the count that it has: the
// way of every purchase in doubt (counter.Desk.Resume).
func (c *chores) settle(ctx context.Context, d *counter.Desk, chore vending.Chore, w *intake.Wire) error {
	out, err := d.ResumeOnLine(ctx, d.OnLine(chore.LineMeter, w))
	switch {
	case errors.Is(err, vending.ErrNoPurchase): // what the meter said has settled it, now or before
		c.field.log.InfoContext(ctx, "purchase settled by its meter", "meter", chore.Meter, "purchase", chore.About)
		return nil
	case err != nil:
		return err
	case out.Purchase.State == vending.Pending:
		p := out.Purchase
		return fmt.Errorf("%w: %s", vending.ErrUnresolved.With("Card", p.Card, "ID", p.ID, "Amount", vending.FormatYuan(p.Quote.Money)), p.Doubt)
	}
	c.field.log.InfoContext(ctx, "purchase settled", "meter", chore.Meter, "purchase", out.Purchase.ID, "state", out.Purchase.State)
	return nil
}

// bringPrices asks a meter what it charges, and tells it the prices in force where these are others.
func (c *chores) bringPrices(ctx context.Context, d *counter.Desk, chore vending.Chore, w *intake.Wire) error {
	version, told, err := d.SendPrices(ctx, chore.Deed(), chore.LineMeter, w)
	if err == nil {
		c.field.log.InfoContext(ctx, "meter charges the prices in force", "meter", chore.Meter, "tariff", version.Code,
			"from", vending.DateOf(version.From), "told", told)
	}
	return err
}
