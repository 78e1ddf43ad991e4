package dlt645_test

import (
	"bytes"
	"errors"
	"testing"

	"github.com/vendgate/vendgate/meterproto"
	"github.com/vendgate/vendgate/meterproto/dlt645"
)

func TestAssembly(t *testing.T) {
	t.Parallel()
	for _, di := range []dlt645.DI{dlt645.ID(0x0001FF00), dlt645.ID97(0x901F)} {
		a := dlt645.Assemble(dlt645.Reply{DI: di, Values: []byte{1, 2}, More: true})
		var want []byte
		want = append(want, 1, 2)
		for n := 1; n <= 3; n++ {
			ask, more := a.Next()
			if !more || ask.DI != di || di.Edition == dlt645.Of2007 && int(ask.Sequence) != n {
				t.Fatalf("part %d: %+v, %v", n, ask, more)
			}
			part := dlt645.Part{DI: di, Sequence: ask.Sequence, Values: []byte{byte(n)}, More: n < 3}
			if err := a.Add(part); err != nil {
				t.Fatal(err)
			}
			want = append(want, byte(n))
		}
		if _, more := a.Next(); more || a.Reply().More || !bytes.Equal(a.Reply().Values, want) {
			t.Errorf("%+v", a.Reply())
		}
	}
}

func TestAssemblyRefusesAndStaysAsItWas(t *testing.T) {
	t.Parallel()
	di := dlt645.ID(0x0001FF00)
	a := dlt645.Assemble(dlt645.Reply{DI: di, More: true})
	for name, c := range map[string]struct {
		part dlt645.Part
		want error
	}{
		"again the last":   {dlt645.Part{DI: di, Sequence: 0}, dlt645.ErrSequence},
		"the one after":    {dlt645.Part{DI: di, Sequence: 2}, dlt645.ErrSequence},
		"another answer's": {dlt645.Part{DI: dlt645.ID(1), Sequence: 1}, meterproto.ErrStale},
		"too long":         {dlt645.Part{DI: di, Sequence: 1, Values: make([]byte, dlt645.MaxAssembled+1)}, dlt645.ErrTooLong},
	} {
		if err := a.Add(c.part); !errors.Is(err, c.want) {
			t.Errorf("%s: %v", name, err)
		}
		if ask, more := a.Next(); !more || ask.Sequence != 1 || len(a.Reply().Values) != 0 {
			t.Errorf("%s: %+v", name, a.Reply())
		}
	}
	if err := a.Add(dlt645.Part{DI: di, Sequence: 1}); err != nil {
		t.Fatal(err)
	}
	if err := a.Add(dlt645.Part{DI: di, Sequence: 2}); !errors.Is(err, dlt645.ErrSequence) {
		t.Errorf("a part after the last: %v", err)
	}
}

// A meter that never ends must not fill the memory.
func TestAssemblyEnds(t *testing.T) {
	t.Parallel()
	for _, di := range []dlt645.DI{dlt645.ID(1), dlt645.ID97(1)} {
		a := dlt645.Assemble(dlt645.Reply{DI: di, More: true})
		var err error
		n := 0
		for ; err == nil && n < 1000; n++ {
			ask, _ := a.Next()
			err = a.Add(dlt645.Part{DI: di, Sequence: ask.Sequence, More: true})
		}
		if !errors.Is(err, dlt645.ErrTooLong) || n != 256 {
			t.Errorf("%v: %d parts, %v", di, n, err)
		}
	}
}
