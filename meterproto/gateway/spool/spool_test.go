package spool

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"sync"
	"testing"

	"pgregory.net/rapid"
)

var errEnough = errors.New("enough")

// opened opens a spool with short segments.
func opened(t interface {
	Fatal(...any)
}, dir string,
) *Spool {
	s, err := open(dir, 200)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// take delivers n records, or all there are.
func take(s *Spool, n int) (got []string, err error) {
	n = min(n, s.Depth())
	if n == 0 {
		return nil, nil
	}
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	err = s.Deliver(ctx, func(_ context.Context, b []byte) error {
		if got = append(got, string(b)); len(got) == n {
			cancel()
		}
		return nil
	})
	if errors.Is(err, context.Canceled) {
		err = nil
	}
	return got, err
}

func numbered(from, to int) (out []string) {
	for i := from; i < to; i++ {
		out = append(out, "record "+strconv.Itoa(i))
	}
	return out
}

func fill(t *testing.T, s *Spool, records []string) {
	t.Helper()
	for _, r := range records {
		if err := s.Append([]byte(r)); err != nil {
			t.Fatal(err)
		}
	}
}

func mustTake(t *testing.T, s *Spool, want []string) {
	t.Helper()
	if got, err := take(s, len(want)); err != nil || !slices.Equal(got, want) {
		t.Errorf("got %q, %v; want %q", got, err, want)
	}
}

func TestRecordsComeInOrderAcrossRestarts(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	s := opened(t, dir)
	fill(t, s, numbered(0, 50))
	mustTake(t, s, numbered(0, 20))
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	if err := s.Append(nil); !errors.Is(err, ErrClosed) {
		t.Errorf("closed: %v", err)
	}
	s = opened(t, dir)
	if s.Depth() != 30 {
		t.Errorf("%d wait", s.Depth())
	}
	fill(t, s, numbered(50, 60))
	mustTake(t, s, numbered(20, 60))
	if all, err := segments(dir); err != nil || len(all) != 1 {
		t.Errorf("segments %v are left, %v", all, err)
	}
	_ = s.Close()
}

func TestWhatTakeRefusesComesAgain(t *testing.T) {
	t.Parallel()
	s := opened(t, t.TempDir())
	defer func() { _ = s.Close() }()
	fill(t, s, numbered(0, 3))
	n := 0
	err := s.Deliver(t.Context(), func(context.Context, []byte) error {
		if n++; n == 2 {
			return errEnough
		}
		return nil
	})
	if !errors.Is(err, errEnough) {
		t.Error(err)
	}
	mustTake(t, s, numbered(1, 3))
}

// A crash may tear the last record at any byte: what was acknowledged before it is there.
func TestTornTailIsCutOff(t *testing.T) {
	t.Parallel()
	whole := appendRecord(nil, []byte("torn away"))
	for size := range len(whole) {
		dir := t.TempDir()
		s := opened(t, dir)
		fill(t, s, numbered(0, 3))
		_ = s.Close()
		path := segmentPath(dir, 1)
		before, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, append(before, whole[:size]...), 0o600); err != nil {
			t.Fatal(err)
		}
		s = opened(t, dir)
		fill(t, s, []string{""}) // shorter than what was torn
		_ = s.Close()
		s = opened(t, dir)
		mustTake(t, s, append(numbered(0, 3), ""))
		_ = s.Close()
	}
}

// A byte that turned is found wherever it is; what cannot be read is set aside and said.
func TestDamageIsFoundAndSetAside(t *testing.T) {
	t.Parallel()
	first := int64(len(appendRecord(nil, []byte("record 0"))))
	for at := range first * 3 {
		dir := t.TempDir()
		s := opened(t, dir)
		fill(t, s, numbered(0, 3))
		_ = s.Close()
		path := segmentPath(dir, 1)
		b, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		b[at] ^= 0x01
		if err := os.WriteFile(path, b, 0o600); err != nil {
			t.Fatal(err)
		}
		s, err = open(dir, 200)
		hurt, ok := errors.AsType[*DamageError](err)
		if s == nil || err != nil && !ok {
			t.Fatalf("byte %d: %v", at, err)
		}
		good := int(at / first)
		if ok && (hurt.Offset != int64(good)*first || hurt.Bytes != int64(len(b))-hurt.Offset) {
			t.Errorf("byte %d: %v", at, hurt)
		}
		if kept, err := os.ReadFile(path + ".damaged"); ok && (err != nil || len(kept) != int(hurt.Bytes)) {
			t.Errorf("byte %d: %d bytes kept, %v", at, len(kept), err)
		}
		fill(t, s, []string{"later"})
		mustTake(t, s, append(numbered(0, good), "later"))
		_ = s.Close()
	}
}

func TestLostNoteCostsRepetitionsOnly(t *testing.T) {
	t.Parallel()
	for name, spoil := range map[string]func(string) error{
		"gone":    os.Remove,
		"empty":   func(p string) error { return os.Truncate(p, 0) },
		"another": func(p string) error { return os.WriteFile(p, appendRecord(nil, make([]byte, 16)), 0o600) },
		"between": func(p string) error {
			return os.WriteFile(p, appendRecord(nil, []byte{1, 0, 0, 0, 0, 0, 0, 0, 3, 0, 0, 0, 0, 0, 0, 0}), 0o600)
		},
		"beyond": func(p string) error {
			return os.WriteFile(p, appendRecord(nil, []byte{1, 0, 0, 0, 0, 0, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0}), 0o600)
		},
		"later": func(p string) error {
			return os.WriteFile(p, appendRecord(nil, []byte{9, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0}), 0o600)
		},
	} {
		dir := t.TempDir()
		s := opened(t, dir)
		fill(t, s, numbered(0, 5))
		mustTake(t, s, numbered(0, 3))
		_ = s.Close()
		if err := spoil(filepath.Join(dir, "delivered")); err != nil {
			t.Fatal(err)
		}
		s = opened(t, dir)
		t.Log(name)
		mustTake(t, s, numbered(0, 5))
		_ = s.Close()
	}
}

func TestOneSpoolOneGateway(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	s := opened(t, dir)
	if _, err := Open(dir); !errors.Is(err, ErrInUse) {
		t.Error(err)
	}
	_ = s.Close()
	again := opened(t, dir)
	_ = again.Close()
	if err := os.WriteFile(filepath.Join(dir, "letter.seg"), nil, 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := Open(dir); err == nil {
		t.Error("a directory of something else")
	}
}

func TestManyAppendTogether(t *testing.T) {
	t.Parallel()
	s := opened(t, t.TempDir())
	defer func() { _ = s.Close() }()
	var all sync.WaitGroup
	for i := range 200 {
		all.Go(func() {
			if err := s.Append(fmt.Appendf(nil, "record %d", i)); err != nil {
				t.Error(err)
			}
		})
	}
	got, err := []string(nil), error(nil)
	for len(got) < 200 && err == nil {
		var some []string
		some, err = take(s, 200)
		got = append(got, some...)
	}
	all.Wait()
	want := numbered(0, 200)
	slices.Sort(got)
	slices.Sort(want)
	if err != nil || !slices.Equal(got, want) {
		t.Errorf("got %d records, %v", len(got), err)
	}
	if err := s.Append(make([]byte, MaxRecord+1)); !errors.Is(err, ErrTooLong) {
		t.Error(err)
	}
}

// A disk that is full: the record is not kept, says so, and the next one is.
func TestFailedWriteLeavesNothingBehind(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	s := opened(t, dir)
	fill(t, s, numbered(0, 2))
	read, err := os.Open(segmentPath(dir, 1)) // cannot be written to
	if err != nil {
		t.Fatal(err)
	}
	if _, err := s.commit(read, []*batch{{record: []byte("lost")}}); err == nil {
		t.Error("written to a file that cannot be")
	}
	_ = read.Close()
	fill(t, s, numbered(2, 3))
	mustTake(t, s, numbered(0, 3))
	_ = s.Close()
}

// Whatever is done in whatever order, what was kept comes, in order, and what was
// delivered and noted does not come again.
func TestSpoolIsAQueue(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		dir, err := os.MkdirTemp("", "spool")
		if err != nil {
			t.Fatal(err)
		}
		defer func() { _ = os.RemoveAll(dir) }()
		s, queue, n := opened(t, dir), []string(nil), 0
		defer func() { _ = s.Close() }()
		t.Repeat(map[string]func(*rapid.T){
			"append": func(t *rapid.T) {
				n++
				r := fmt.Sprint(n, rapid.StringN(0, 120, 120).Draw(t, "record"))
				if err := s.Append([]byte(r)); err != nil {
					t.Fatal(err)
				}
				queue = append(queue, r)
			},
			"deliver": func(t *rapid.T) {
				got, err := take(s, rapid.IntRange(0, 5).Draw(t, "n"))
				if err != nil || !slices.Equal(got, queue[:len(got)]) {
					t.Fatalf("got %q, %v; want %q", got, err, queue)
				}
				queue = queue[len(got):]
			},
			"restart": func(t *rapid.T) {
				_ = s.Close()
				s = opened(t, dir)
			},
			"": func(t *rapid.T) {
				if s.Depth() != len(queue) {
					t.Fatalf("%d wait, want %d", s.Depth(), len(queue))
				}
			},
		})
	})
}

// A new segment whose name cannot be made durable is not left in the way of the next try.
func TestSegmentThatCannotBeBegun(t *testing.T) {
	t.Parallel()
	s := opened(t, t.TempDir())
	defer func() { _ = s.Close() }()
	s.sync = func(string) error { return errEnough }
	var err error
	kept := 0
	for ; err == nil; kept++ { // until the segment is full
		err = s.Append([]byte("record " + strconv.Itoa(kept)))
	}
	if kept--; !errors.Is(err, errEnough) {
		t.Fatal(err)
	}
	s.sync = syncDir
	fill(t, s, numbered(kept, kept+3))
	mustTake(t, s, numbered(0, kept+3))
}
