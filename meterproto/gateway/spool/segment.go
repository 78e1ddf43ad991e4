package spool

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
)

const suffix = ".seg"

// place is where a record ends, or the next one begins.
type place struct {
	segment uint64
	offset  int64
}

func (p place) before(q place) bool {
	return p.segment < q.segment || p.segment == q.segment && p.offset < q.offset
}

func segmentPath(dir string, n uint64) string {
	return filepath.Join(dir, fmt.Sprintf("%016x%s", n, suffix))
}

// segments lists the numbers of the segments, in order.
func segments(dir string) ([]uint64, error) {
	entries, err := os.ReadDir(dir)
	if err != nil {
		return nil, err
	}
	var out []uint64
	for _, e := range entries {
		if name, ok := strings.CutSuffix(e.Name(), suffix); ok {
			n, err := strconv.ParseUint(name, 16, 64)
			if err != nil {
				return nil, fmt.Errorf("%s is no segment of a spool: is %s the right directory?", e.Name(), dir)
			}
			out = append(out, n)
		}
	}
	slices.Sort(out)
	return out, nil
}

// check reads a whole segment and cuts off what cannot be read: a torn end in
// silence; anything else is kept as NAME.damaged and reported.
func check(path string) (end int64, records int, err error) {
	f, err := os.OpenFile(path, os.O_RDWR, 0)
	if err != nil {
		return 0, 0, err
	}
	defer func() { err = errors.Join(err, f.Close()) }()
	r := bufio.NewReader(f)
	for {
		record, err := readRecord(r)
		switch {
		case err == nil:
			end += int64(headSize + len(record))
			records++
		case err == io.EOF:
			return end, records, nil
		case errors.Is(err, errTorn):
			return end, records, cut(f, end)
		case errors.Is(err, errDamaged):
			return end, records, setAside(f, end)
		default:
			return end, records, err
		}
	}
}

func cut(f *os.File, end int64) error { return errors.Join(f.Truncate(end), f.Sync()) }

// setAside copies what follows end to NAME.damaged and cuts it off.
func setAside(f *os.File, end int64) error {
	path := f.Name() + ".damaged"
	to, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_APPEND, 0o600)
	if err != nil {
		return err
	}
	n, err := io.Copy(to, io.NewSectionReader(f, end, 1<<62))
	if err = errors.Join(err, to.Sync(), to.Close()); err != nil {
		return err
	}
	if err := cut(f, end); err != nil {
		return err
	}
	return &DamageError{Path: path, Offset: end, Bytes: n}
}

// DamageError is a part of a segment that cannot be read. It was set aside; the
// spool goes on without it.
type DamageError struct {
	Path   string // where the part is now
	Offset int64  // where it was in its segment
	Bytes  int64
}

func (e *DamageError) Error() string {
	return fmt.Sprintf("the spool was damaged at byte %d: %d bytes were set aside as %s; read the meters of that time again", e.Offset, e.Bytes, e.Path)
}

// syncDir makes new and removed names durable.
func syncDir(dir string) error {
	d, err := os.Open(dir)
	if err != nil {
		return err
	}
	err = d.Sync()
	if errors.Is(err, os.ErrPermission) || errors.Is(err, errors.ErrUnsupported) {
		err = nil // Windows syncs no directories
	}
	return errors.Join(err, d.Close())
}
