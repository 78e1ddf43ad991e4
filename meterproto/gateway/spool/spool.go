package spool

import (
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"sync"
)

// segmentSize is how long a segment may grow before the next one is begun.
const segmentSize = 4 << 20

// Errors of a spool.
var (
	ErrClosed  = errors.New("the spool is closed")
	ErrTooLong = fmt.Errorf("a record is longer than %d bytes", MaxRecord)
	ErrInUse   = errors.New("another gateway uses the spool: stop it first")
)

// Spool is a directory of segments. Its methods may be called from any goroutine;
// Deliver by one at a time.
type Spool struct {
	dir  string
	lock *os.File
	size int64 // of a segment
	sync func(dir string) error

	batches chan *batch   // to the writer
	closing chan struct{} // Close was called
	written chan struct{} // the writer has ended
	once    sync.Once

	mu    sync.Mutex
	end   place // of what is durable
	done  place // of what is delivered
	depth int   // records between the two
	more  chan struct{}
}

// batch is a record that waits to become durable.
type batch struct {
	record []byte
	result chan error
}

// Open opens the spool in a directory, which is made where there is none. It fails
// with ErrInUse where somebody has it open. With a *DamageError the spool is open
// all the same; no other error leaves it open.
func Open(dir string) (*Spool, error) { return open(dir, segmentSize) }

func open(dir string, size int64) (s *Spool, err error) {
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return nil, err
	}
	held, err := lock(filepath.Join(dir, "lock"))
	if err != nil {
		return nil, err
	}
	s = &Spool{dir: dir, lock: held, size: size, sync: syncDir, batches: make(chan *batch), closing: make(chan struct{}),
		written: make(chan struct{}), more: make(chan struct{}, 1)}
	file, damage, err := s.recover()
	if err != nil {
		return nil, errors.Join(err, held.Close())
	}
	go s.write(file)
	return s, damage
}

// recover finds out what is there, and opens the segment that is appended to.
func (s *Spool) recover() (last *os.File, damage, err error) {
	all, err := segments(s.dir)
	if err != nil {
		return nil, nil, err
	}
	if len(all) == 0 {
		all = []uint64{1}
		if last, err = s.create(1); err != nil {
			return nil, nil, err
		}
		_ = last.Close()
	}
	s.done = s.readDone(all[0])
	for _, n := range all {
		end, records, err := check(segmentPath(s.dir, n))
		if hurt, ok := errors.AsType[*DamageError](err); ok {
			damage = errors.Join(damage, hurt)
		} else if err != nil {
			return nil, nil, err
		}
		s.end = place{n, end}
		s.depth += records
	}
	passed, err := s.resume(all[0])
	if err != nil {
		return nil, nil, err
	}
	s.depth -= passed
	last, err = os.OpenFile(segmentPath(s.dir, s.end.segment), os.O_WRONLY, 0)
	return last, damage, err
}

// resume counts the records before the one that is to be delivered next, and
// removes the segments that hold nothing else. A note that does not stand between
// two records is of no use: then all are delivered again.
func (s *Spool) resume(first uint64) (passed int, err error) {
	for at := (place{first, 0}); at.before(s.done); {
		c, err := s.reader(at)
		if err != nil {
			return 0, err
		}
		for err == nil && c.at.before(s.done) {
			if _, err = c.next(); err == nil {
				passed++
			}
		}
		_ = c.file.Close()
		switch at = c.at; {
		case err == nil:
		case err == io.EOF && at.segment < min(s.done.segment, s.end.segment):
			at = place{at.segment + 1, 0}
		case err == io.EOF:
			s.done = place{first, 0}
			return 0, nil
		default:
			return 0, err
		}
		if at != s.done && at.segment == s.done.segment && !at.before(s.done) {
			s.done = place{first, 0}
			return 0, nil
		}
	}
	for n := first; n < s.done.segment; n++ {
		if err := os.Remove(segmentPath(s.dir, n)); err != nil {
			return 0, err
		}
	}
	return passed, nil
}

// create begins a segment.
func (s *Spool) create(n uint64) (*os.File, error) {
	f, err := os.OpenFile(segmentPath(s.dir, n), os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return nil, err
	}
	if err := s.sync(s.dir); err != nil {
		// Left behind, it would be in the way of the next try.
		return nil, errors.Join(err, f.Close(), os.Remove(f.Name()))
	}
	return f, nil
}

// Depth is how many records wait for delivery.
func (s *Spool) Depth() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.depth
}

// Close ends Append and Deliver. Records that are not delivered stay.
func (s *Spool) Close() error {
	var err error
	s.once.Do(func() {
		close(s.closing)
		<-s.written
		err = s.lock.Close()
	})
	return err
}
