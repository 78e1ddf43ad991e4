package spool

import (
	"bytes"
	"io"
	"testing"
)

// Any bytes end in records and one error; what is read was written so.
func FuzzSegment(f *testing.F) {
	f.Add(appendRecord(appendRecord(nil, []byte("one")), nil))
	f.Add(appendRecord(nil, []byte("torn"))[:9])
	f.Add([]byte{0xFF, 0xFF, 0xFF, 0xFF, 0, 0, 0, 0})
	f.Fuzz(func(t *testing.T, b []byte) {
		var again []byte
		for r := bytes.NewReader(b); ; {
			record, err := readRecord(r)
			if err != nil {
				if err == io.EOF && len(again) != len(b) {
					t.Errorf("%d of %d bytes are records, and nothing is wrong", len(again), len(b))
				}
				break
			}
			again = appendRecord(again, record)
		}
		if !bytes.HasPrefix(b, again) {
			t.Errorf("%x was read out of %x", again, b)
		}
	})
}
