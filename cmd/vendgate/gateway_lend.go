package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/vendgate/vendgate/meterproto"
	"github.com/vendgate/vendgate/meterproto/gateway"
	"github.com/vendgate/vendgate/meterproto/link"
)

// A gateway lends its lines to the commands of this machine: a customer who waits for a top-up has the line before the
// calendar. Whoever wants one connects to a socket in the data directory and names the line; where the answer is "lent", with the line's
// latency and patience, the bytes after it are the line's.
const (
	lentLine = "lent"
	noLine   = "none"

	longestName = 256
	askTime     = 5 * time.Second        // for a line to be named
	turnTime    = time.Minute            // for the conversation that is going on to end
	hopTime     = 100 * time.Millisecond // that a loan adds to every wait
)

func counterPath(dataDir string) string { return filepath.Join(dataDir, "lines.sock") }

// openCounter listens for those who want a line; nil where that cannot be.
func (f *gatewayField) openCounter(dataDir string) net.Listener {
	path := counterPath(dataDir)
	if c, err := net.Dial("unix", path); err == nil {
		_ = c.Close()
		f.log.Warn("another gateway lends its lines; ours are not lent", "socket", path)
		return nil
	}
	_ = os.Remove(path) // of a gateway that was killed
	l, err := net.Listen("unix", path)
	if err == nil {
		err = os.Chmod(path, 0o600)
	}
	if err != nil {
		f.log.Warn("lines are not lent", "error", err)
		return nil
	}
	return f.enduring(l)
}

// enduring is a door that a shortage does not close.
func (f *gatewayField) enduring(l net.Listener) net.Listener {
	return link.Enduring(l, func(err error, wait time.Duration) {
		f.log.Error("nobody can be let in: see what holds so many files", "at", l.Addr(), "error", err, "again_in", wait)
	})
}

// lend serves whoever wants a line.
func (f *gatewayField) lend(ctx context.Context) error {
	var serving sync.WaitGroup
	defer serving.Wait()
	for {
		c, err := f.counter.Accept()
		if errors.Is(err, net.ErrClosed) {
			return nil
		}
		if err != nil {
			return err
		}
		serving.Go(func() {
			defer c.Close()
			if err := f.lendOne(ctx, c); err != nil {
				f.log.WarnContext(ctx, "loan", "error", err)
			}
		})
	}
}

// lendOne gives the line that is named away, once it is its turn.
func (f *gatewayField) lendOne(ctx context.Context, c net.Conn) error {
	if err := c.SetDeadline(time.Now().Add(f.askTime)); err != nil {
		return err
	}
	name, err := readName(c)
	if err != nil {
		return err
	}
	l := f.line(name)
	if l == nil {
		_, err = fmt.Fprintln(c, noLine)
		return err
	}
	return l.bus.Do(ctx, "", gateway.Customer, func(ctx context.Context, _ gateway.Line, _ gateway.Point) error {
		if !f.tell(c, lentWord(l.line.Pace())) {
			return nil // they did not wait
		}
		return l.line.Lend(ctx, c)
	})
}

// lentWord says that a line is lent, and how long whoever borrows it must wait for its meters.
func lentWord(latency time.Duration, patience float64) string {
	return fmt.Sprintf("%s %v %g", lentLine, latency, patience)
}

// pace reads what lentWord says into mode, for a loan.
func pace(answer string, mode *link.Mode) (err error) {
	word := strings.Fields(answer)
	if len(word) != 3 || word[0] != lentLine {
		return fmt.Errorf("the gateway answers %q: it is of another version: restart it", answer)
	}
	if mode.Latency, err = time.ParseDuration(word[1]); err == nil {
		mode.Patience, err = strconv.ParseFloat(word[2], 64)
	}
	mode.Latency = min(mode.Latency+hopTime, link.MaxLatency)
	return err
}

// tell writes a word, whenever its turn has come: the time to ask may be over by then.
func (f *gatewayField) tell(c net.Conn, word string) bool {
	if err := c.SetDeadline(time.Now().Add(f.askTime)); err != nil {
		return false
	}
	_, err := fmt.Fprintln(c, word)
	return err == nil
}

// readName reads to the end of a line of text, and not a byte more.
func readName(r io.Reader) (string, error) {
	var name []byte
	for b := make([]byte, 1); len(name) < longestName; name = append(name, b[0]) {
		if _, err := io.ReadFull(r, b); err != nil {
			return "", err
		}
		if b[0] == '\n' {
			return string(name), nil
		}
	}
	return "", fmt.Errorf("%d bytes and no line", longestName)
}

// borrow asks the gateway of this machine for a line; nil where it runs none that has it.
func (a *app) borrow(l lineConfig) (*link.Line, error) {
	mode, err := l.mode()
	if err != nil {
		return nil, usageError{err}
	}
	name := l.name()
	ask := func() (net.Conn, string, error) { return askCounter(counterPath(a.dataDir), name) }
	first, answer, err := ask()
	if errors.Is(err, errNotLent) {
		if l.DTU != "" {
			return nil, usageError{fmt.Errorf("DTU %s: no vendgate gateway of this machine has it", name)}
		}
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	if err := pace(answer, &mode); err != nil {
		return nil, errors.Join(err, first.Close())
	}
	return link.Borrow(name, mode, func() (net.Conn, error) {
		if c := first; c != nil {
			first = nil
			return c, nil
		}
		c, _, err := ask()
		return c, err
	})
}

// errNotLent: nobody lends this line.
var errNotLent = errors.New("no gateway lends this line")

// askCounter waits for its turn. The answer is what lentWord says.
func askCounter(path, name string) (c net.Conn, answer string, err error) {
	if c, err = net.Dial("unix", path); err != nil {
		return nil, "", errNotLent
	}
	if err = c.SetDeadline(time.Now().Add(turnTime)); err == nil {
		_, err = fmt.Fprintln(c, name)
	}
	if err == nil {
		if answer, err = readName(c); err != nil {
			err = fmt.Errorf("the gateway did not lend line %s: %w: %w: try again", name, meterproto.ErrLineGone, err)
		}
	}
	if err == nil && answer == noLine {
		err = errNotLent
	}
	if err == nil {
		err = c.SetDeadline(time.Time{})
	}
	if err != nil {
		return nil, "", errors.Join(err, c.Close())
	}
	return c, answer, nil
}
