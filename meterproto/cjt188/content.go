package cjt188

import (
	"fmt"

	"github.com/vendgate/vendgate/meterproto"
)

// Content is what a frame says: whose turn it is, of what, and the values.
type Content struct {
	Query           // zero where HasQuery is false
	HasQuery bool   // DI and SER are there
	HasSER   bool   // SER is there: also in a refusal, which names no DI
	Stored   uint64 // which stored value it is, from 1; 0: what is now
	Message  Message
	Layout   Layout
	Items    []Item // of Message, in its order
	Rest     []byte // values that nobody has told us the layout of, raw
	Err      error  // why: meterproto.ErrLayout or *FieldError
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
		return Content{Layout: l, Rest: f.Data}
	}
	c := Content{Query: decodeQuery(f.Data), HasQuery: true, HasSER: true, Layout: l}
	c.Stored = c.DI.stored()
	values := f.Data[querySize:]
	if c.Message = MessageOf(f.Control, c.DI, len(values)); c.Message == nil {
		c.Rest = values
		return c
	}
	w := walker{layout: l, storage: c.Stored, b: values, items: &c.Items}
	if c.Err = w.read(c.Message); w.at != len(values) {
		c.Message, c.Items, c.Rest = nil, nil, values
	}
	return c
}

// readRefusal reads SER and ST (§1.3); some meters repeat DI before them.
func readRefusal(f Frame, l Layout) Content {
	c := Content{Layout: l, Rest: f.Data}
	rest := f.Data
	if len(rest) == querySize+statusSize && decodeQuery(rest).DI.Known() {
		c.Query, c.HasQuery, rest = decodeQuery(rest), true, rest[querySize-1:]
	}
	if len(rest) != 1+statusSize {
		c.Err = fmt.Errorf("%w: a refusal with %d bytes, want 3", meterproto.ErrLayout, len(f.Data))
		return c
	}
	c.SER, c.HasSER, c.Rest, c.Message = rest[0], true, nil, new(Status)
	w := walker{b: rest[1:], items: &c.Items}
	c.Err = w.read(c.Message)
	return c
}
