package spool

import (
	"context"
	"encoding/binary"
	"io"
	"os"
	"path/filepath"
)

// Deliver hands every record to take, the oldest first, and waits for more until
// ctx ends, the spool is closed or take fails: its error ends Deliver, and the
// record will come again.
func (s *Spool) Deliver(ctx context.Context, take func(context.Context, []byte) error) error {
	at, err := s.reader(s.delivered())
	if err != nil {
		return err
	}
	defer func() { _ = at.file.Close() }()
	for {
		if err := s.wait(ctx); err != nil {
			return err
		}
		record, err := at.next()
		if err == io.EOF {
			if at, err = s.turn(at); err != nil {
				return err
			}
			continue
		}
		if err != nil {
			return err
		}
		if err := take(ctx, record); err != nil {
			return err
		}
		if err := s.pass(at.at); err != nil {
			return err
		}
	}
}

// wait returns when a record is there.
func (s *Spool) wait(ctx context.Context) error {
	for {
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-s.closing:
			return ErrClosed
		default:
		}
		if s.Depth() > 0 {
			return nil
		}
		select {
		case <-ctx.Done():
		case <-s.closing:
		case <-s.more:
		}
	}
}

// cursor reads the records of one segment. It reads no byte before it is wanted:
// what lies behind the end may be a record that is being written, and may go
// again.
type cursor struct {
	file *os.File
	at   place
}

func (s *Spool) reader(from place) (*cursor, error) {
	f, err := os.Open(segmentPath(s.dir, from.segment))
	if err != nil {
		return nil, err
	}
	return &cursor{file: f, at: from}, nil
}

func (c *cursor) next() ([]byte, error) {
	record, err := readRecord(io.NewSectionReader(c.file, c.at.offset, headSize+MaxRecord))
	if err == nil {
		c.at.offset += int64(headSize + len(record))
	}
	return record, err
}

// turn goes on to the next segment, and removes the one that is delivered.
func (s *Spool) turn(c *cursor) (*cursor, error) {
	next, err := s.reader(place{c.at.segment + 1, 0})
	if err != nil {
		return c, err
	}
	done := c.file.Name()
	_ = c.file.Close()
	if err := s.note(next.at); err != nil {
		return next, err
	}
	if err := os.Remove(done); err != nil {
		return next, err
	}
	return next, syncDir(s.dir)
}

func (s *Spool) delivered() place {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.done
}

// pass notes that a record is delivered.
func (s *Spool) pass(to place) error {
	s.mu.Lock()
	s.depth--
	s.mu.Unlock()
	return s.note(to)
}

// note writes down how far delivery has come.
func (s *Spool) note(to place) error {
	s.mu.Lock()
	s.done = to
	s.mu.Unlock()
	b := binary.LittleEndian.AppendUint64(nil, to.segment)
	b = binary.LittleEndian.AppendUint64(b, uint64(to.offset))
	path := filepath.Join(s.dir, "delivered")
	if err := os.WriteFile(path+".new", appendRecord(nil, b), 0o600); err != nil {
		return err
	}
	return os.Rename(path+".new", path)
}

// readDone is what note wrote; where that cannot be read, the beginning.
func (s *Spool) readDone(first uint64) place {
	start := place{first, 0}
	f, err := os.Open(filepath.Join(s.dir, "delivered"))
	if err != nil {
		return start
	}
	defer func() { _ = f.Close() }()
	b, err := readRecord(f)
	if err != nil || len(b) != 16 {
		return start
	}
	done := place{binary.LittleEndian.Uint64(b), int64(binary.LittleEndian.Uint64(b[8:]))}
	if done.before(start) {
		return start
	}
	return done
}
