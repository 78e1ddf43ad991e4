package spool

import (
	"errors"
	"fmt"
	"os"
)

// Append keeps a record, and returns when it is durable. Many that are appended at
// the same time share one fsync. It fails with ErrClosed, ErrTooLong or an error
// of the disk; the record is then not kept.
func (s *Spool) Append(record []byte) error {
	if len(record) > MaxRecord {
		return ErrTooLong
	}
	b := &batch{record: record, result: make(chan error, 1)}
	select {
	case s.batches <- b:
		return <-b.result
	case <-s.closing:
		return ErrClosed
	}
}

// write is the only one that writes segments.
func (s *Spool) write(file *os.File) {
	defer close(s.written)
	defer func() { _ = file.Close() }()
	for {
		select {
		case first := <-s.batches:
			all := s.gather(first)
			var err error
			if file, err = s.commit(file, all); err != nil {
				err = fmt.Errorf("spool %s: %w", s.dir, err)
			}
			for _, b := range all {
				b.result <- err
			}
		case <-s.closing:
			return
		}
	}
}

// gather takes everybody who waits now.
func (s *Spool) gather(first *batch) []*batch {
	all := []*batch{first}
	for len(all) < 1024 {
		select {
		case b := <-s.batches:
			all = append(all, b)
		default:
			return all
		}
	}
	return all
}

// commit makes all of them durable, or none. Where it fails it leaves the segment
// as it was, so that what comes next does not follow half a record.
func (s *Spool) commit(file *os.File, all []*batch) (*os.File, error) {
	var b []byte
	for _, one := range all {
		b = appendRecord(b, one.record)
	}
	end := s.ended()
	if end.offset > 0 && end.offset+int64(len(b)) > s.size {
		next, err := s.create(end.segment + 1)
		if err != nil {
			return file, err
		}
		_ = file.Close()
		file, end = next, place{end.segment + 1, 0}
		s.grown(end, 0)
	}
	_, err := file.WriteAt(b, end.offset)
	if err == nil {
		err = file.Sync()
	}
	if err != nil {
		return file, errors.Join(err, file.Truncate(end.offset))
	}
	s.grown(place{end.segment, end.offset + int64(len(b))}, len(all))
	return file, nil
}

func (s *Spool) ended() place {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.end
}

// grown lets Deliver know.
func (s *Spool) grown(end place, records int) {
	s.mu.Lock()
	s.end, s.depth = end, s.depth+records
	s.mu.Unlock()
	select {
	case s.more <- struct{}{}:
	default:
	}
}
