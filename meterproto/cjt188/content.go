package cjt188

import (
	"fmt"

	"github.com/vendgate/vendgate/meterproto"
)

// Content is what a frame says: whose turn it is, of what, and the values.
type Content struct {
	Query          // DI and SER are zero where they are not there
	HasDI   bool   // not in most refusals
	HasSER  bool   // SER is there: also in a refusal, which names no DI
	Stored  uint64 // which stored value it is, from 1; 0: what is now
	Message Message
	Layout  Layout
	Others  []Layout // proved as well as Layout, and with other values: see ReadByEvidence
	Items   []Item   // of Message, in its order
	Rest    []byte   // values that nobody has told us the layout of, raw
	Err     error    // why: meterproto.ErrLayout or *FieldError
}

// Read reads a frame in the layout of a model. It always ends in a Content: what
// cannot be read is in Rest, and Err says why.
func Read(f Frame, l Layout) Content {
	if l.Plus33 {
		f.Data = append([]byte(nil), f.Data...)
		l.Unshift(f.Data)
	}
	if f.Control.FromMeter() && f.Control.Abnormal() {
		return readRefusal(f, l)
	}
	if len(f.Data) < querySize {
		return readStub(f.Data, l)
	}
	c := Content{Query: decodeQuery(f.Data), HasDI: true, HasSER: true, Layout: l}
	c.Stored = c.DI.stored()
	values := f.Data[querySize:]
	if c.Message = MessageOf(f.Control, c.DI, len(values)); c.Message == nil {
		c.Rest = values
		return c
	}
	w := walker{layout: l, storage: c.Stored, b: values, items: &c.Items}
	if c.Err = w.read(c.Message); w.at != len(values) {
		c.Message, c.Items, c.Rest = nil, nil, values
		if want := c.DI.lengths(); want != "" {
			c.Err = fmt.Errorf("%w: L is %02XH, want %s", meterproto.ErrLayout, len(f.Data), want)
		}
	}
	return c
}

// SecondHand reports a layout of the 2018 edition, whose text we do not have (§7).
func (c Content) SecondHand() bool {
	switch c.Message.(type) {
	case *Heat2018, *HeatCold, *HeatSettlement, *Freeze:
		return true
	}
	return c.Message != nil && (c.DI == DITime || c.DI>>8 == 0xD2)
}

// readStub reads DATA that is shorter than DI DI SER: some masters leave out SER.
func readStub(data []byte, l Layout) Content {
	c := Content{Layout: l, Rest: data}
	if len(data) != diSize {
		return c
	}
	if di, order := decodeDI(data); di.Known() {
		c.DI, c.Order, c.HasDI, c.Rest = di, order, true, nil
	}
	return c
}

// readRefusal reads SER and ST (§1.3); some meters repeat DI before them.
func readRefusal(f Frame, l Layout) Content {
	c := Content{Layout: l, Rest: f.Data}
	rest := f.Data
	if len(rest) > querySize {
		if di, order := decodeDI(rest); di.Known() {
			c.DI, c.Order, c.HasDI, rest = di, order, true, rest[diSize:]
		}
	}
	if c.HasDI || len(rest) == 1+statusSize {
		c.SER, c.HasSER, c.Rest = rest[0], true, rest[1:]
	}
	if len(rest) != 1+statusSize {
		c.Err = fmt.Errorf("%w: a refusal with %d bytes, want 3", meterproto.ErrLayout, len(f.Data))
		return c
	}
	w := walker{b: c.Rest, items: &c.Items}
	c.Message, c.Rest = new(Status), nil
	c.Err = w.read(c.Message)
	return c
}
