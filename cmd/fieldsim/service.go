package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net/url"
	"strings"
	"sync"
	"time"
)

const (
	startTime    = time.Minute // for a first start, which makes a database
	restartPause = time.Second
	maxRestarts  = 5 // in a row that do not come to serving
)

// service is "vendgate serve".
type service struct {
	gate   gate
	reader string // its card reader
	listen string
	log    io.Writer     // what it logs; safe for concurrent use
	pause  time.Duration // before it is started again
}

// serving is a service that answers.
type serving struct {
	*child
	url string
}

// start returns when the service has printed its address.
func (s *service) start(ctx context.Context) (*serving, error) {
	ctx, cancel := context.WithTimeout(ctx, startTime)
	defer cancel()
	said := &firstLine{found: make(chan struct{})}
	var last lastWords
	cmd := s.gate.command("serve", "--listen", s.listen, "--card-reader", s.reader)
	cmd.Stdout, cmd.Stderr = said, io.MultiWriter(s.log, &last)
	c, err := startChild(cmd)
	if err != nil {
		return nil, err
	}
	select {
	case <-said.found:
	case <-c.done:
	case <-ctx.Done():
		c.stop(stopTime)
		return nil, fmt.Errorf("the service did not start: %w", ctx.Err())
	}
	line := said.line() // it may have ended since it said it: that is for keep to see
	if address, ok := strings.CutPrefix(line, "vendgate serves "); ok {
		return &serving{c, address}, nil
	}
	c.stop(stopTime)
	return nil, fmt.Errorf("the service did not start: it said %q, %q", line, last.String())
}

// keep starts the service again whenever it ends, at the same address, until ctx
// ends; then it stops it. each is called with every new one.
func (s *service) keep(ctx context.Context, now *serving, say func(string, ...any), each func(*serving)) error {
	if at, err := url.Parse(now.url); err == nil {
		s.listen = at.Host
	}
	for {
		select {
		case <-ctx.Done():
			now.stop(stopTime)
			return nil
		case <-now.done:
			say("the service ended: %v. Starting it again", now.err)
		}
		var err error
		if now, err = s.again(ctx, say); err != nil || now == nil {
			return err
		}
		each(now)
	}
}

// again tries a few times; nil without error means that ctx has ended.
func (s *service) again(ctx context.Context, say func(string, ...any)) (*serving, error) {
	var failed error
	for range maxRestarts {
		select {
		case <-ctx.Done():
			return nil, nil
		case <-time.After(s.pause):
		}
		now, err := s.start(ctx)
		if err == nil {
			return now, nil
		}
		if ctx.Err() != nil {
			return nil, nil
		}
		say("%v", err)
		failed = err
	}
	return nil, errors.Join(errors.New("giving up on the service"), failed)
}

// firstLine keeps the first line that is written to it and drops the rest.
type firstLine struct {
	mu    sync.Mutex
	text  []byte
	whole bool
	found chan struct{} // closed when the line is whole
}

func (f *firstLine) Write(b []byte) (int, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.whole {
		return len(b), nil
	}
	f.text = append(f.text, b...)
	if f.text, _, f.whole = bytes.Cut(f.text, []byte("\n")); f.whole {
		close(f.found)
	}
	return len(b), nil
}

// line is empty until it is whole.
func (f *firstLine) line() string {
	f.mu.Lock()
	defer f.mu.Unlock()
	if !f.whole {
		return ""
	}
	return string(f.text)
}

// lastWords keeps the end of what is written to it.
type lastWords struct {
	mu   sync.Mutex
	text []byte
}

func (l *lastWords) Write(b []byte) (int, error) {
	const most = 2000
	l.mu.Lock()
	defer l.mu.Unlock()
	l.text = append(l.text, b...)
	l.text = l.text[max(0, len(l.text)-most):]
	return len(b), nil
}

func (l *lastWords) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return strings.TrimSpace(string(l.text))
}
