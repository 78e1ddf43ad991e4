package main

import (
	"context"
	"maps"
	"os"
	"os/signal"
	"syscall"
	"time"

	"github.com/vendgate/vendgate/meterproto/gateway"
)

// heed has the field read its file again at SIGHUP, where it has one, until stop. Windows knows no such signal.
func (f *gatewayField) heed() (stop func()) {
	if f.config.path == "" {
		return func() {}
	}
	c := make(chan os.Signal, 1)
	signal.Notify(c, syscall.SIGHUP)
	f.hangUps = c
	return func() { signal.Stop(c) }
}

// follow has the lines work until ctx ends, and be what books and file say: those that are to be as they are do not notice. It waits for no
// line, and its own is the only goroutine that opens lines and has them leave.
func (f *gatewayField) follow(ctx context.Context) {
	defer f.running.Wait()
	for _, l := range f.lines {
		f.start(ctx, l)
	}
	tick := time.NewTicker(time.Duration(f.chores.Each))
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case f.config.books = <-f.news:
			if err := f.config.books.remember(f.remembered); err != nil {
				f.log.WarnContext(ctx, "what the books say of lines is not kept for the next start", "error", err)
			}
		case <-f.hangUps:
			f.reread(ctx)
		case <-f.again:
		case <-tick.C:
			if len(f.said) == 0 {
				continue // nothing waits for better times
			}
		}
		f.change(ctx)
	}
}

// reread takes lines and models from the file as it is now. A file that is none changes nothing.
func (f *gatewayField) reread(ctx context.Context) {
	c, err := f.config.again()
	if err != nil {
		f.log.WarnContext(ctx, "the file is not taken: correct it and send SIGHUP again", "error", err)
		return
	}
	f.log.InfoContext(ctx, "the file is read again for its lines and models; the rest of it counts from the next start", "file", c.path)
	f.config = c
}

// change makes the lines what they are to be, as far as that can be now. One with which something is wrong stays as it is.
func (f *gatewayField) change(ctx context.Context) {
	f.forget()
	c, wrong := f.config.joined()
	wanted := map[string]bool{}
	for _, w := range c.Lines {
		wanted[w.name()] = true
		if wrong[w.name()] == nil {
			wrong.with(w.name(), f.put(ctx, c, w))
		}
	}
	for name, l := range f.lines {
		if !wanted[name] && wrong[name] == nil {
			l.bus.Leave()
		}
	}
	f.say(ctx, wrong)
}

// put has a line be as it is to be: one that runs, or a new one.
func (f *gatewayField) put(ctx context.Context, c gatewayConfig, w lineConfig) error {
	if l, runs := f.lines[w.name()]; runs {
		return f.become(l, c, w)
	}
	l, err := f.open(c, w)
	if err != nil {
		return err
	}
	f.mu.Lock()
	f.lines[w.name()] = l
	f.mu.Unlock()
	f.start(ctx, l)
	f.log.InfoContext(ctx, "line opened", "line", w.name(), "meters", len(w.Meters))
	return nil
}

// forget drops the lines that are closed.
func (f *gatewayField) forget() {
	f.mu.Lock()
	defer f.mu.Unlock()
	maps.DeleteFunc(f.lines, func(_ string, l *gatewayLine) bool { return l.over() })
}

// say says what is wrong with lines, each thing once, and that it is over.
func (f *gatewayField) say(ctx context.Context, wrong troubles) {
	now := make(map[string]string, len(wrong))
	for name, err := range wrong {
		if now[name] = err.Error(); f.said[name] != now[name] {
			f.log.WarnContext(ctx, "line stays as it was: correct what the books or the file say of it, with meter add, meter model add or SIGHUP; it is tried again",
				"line", name, "error", err)
		}
	}
	for name := range f.said {
		if now[name] == "" {
			f.log.InfoContext(ctx, "line is as it is to be again", "line", name)
		}
	}
	f.said = now
}

// line is the line of a name; nil where there is none.
func (f *gatewayField) line(name string) *gatewayLine {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.lines[name]
}

// hanging calls do with the lines and their meters, as they are now.
func (f *gatewayField) hanging(do func(l *gatewayLine, meters []gateway.Point)) {
	f.mu.Lock()
	defer f.mu.Unlock()
	for _, l := range f.lines {
		do(l, l.points)
	}
}
