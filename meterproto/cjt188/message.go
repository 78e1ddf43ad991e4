package cjt188

import (
	"fmt"

	"github.com/vendgate/vendgate/meterproto"
)

// Message is the values of a request or an answer, as they follow DI DI SER: a
// pointer to one of this package's types, among them [Flow], [Heat],
// [Purchases] and the commands.
type Message interface{ walk(*walker) }

// over goes over a message. It names every type, so that the compiler sees that
// none keeps a pointer: reading an answer allocates nothing.
func (w *walker) over(m Message) {
	switch m := m.(type) {
	case *Flow:
		m.walk(w)
	case *Heat:
		m.walk(w)
	case *Heat2018:
		m.walk(w)
	case *HeatCold:
		m.walk(w)
	case *Settlement:
		m.walk(w)
	case *HeatSettlement:
		m.walk(w)
	case *Freeze:
		m.walk(w)
	case *Purchases:
		m.walk(w)
	case *Purchase:
		m.walk(w)
	case *Prices:
		m.walk(w)
	case *NewPrices:
		m.walk(w)
	case *SettlementDay:
		m.walk(w)
	case *ReadingDay:
		m.walk(w)
	case *Clock:
		m.walk(w)
	case *Base:
		m.walk(w)
	case *ValveOp:
		m.walk(w)
	case *NewAddress:
		m.walk(w)
	case *KeyVersion:
		m.walk(w)
	case *NewKey:
		m.walk(w)
	case *Status:
		m.walk(w)
	}
}

// AppendValues appends the message as it follows DI DI SER, in the layout of a
// model. It fails, and returns dst unchanged, where a value does not fit its
// field: *bcd.RangeError, ErrDate or ErrDay.
func AppendValues(dst []byte, m Message, l Layout) ([]byte, error) {
	w := walker{layout: l, b: dst, writing: true}
	w.over(m)
	if w.errs != nil {
		return dst, w.errs[0]
	}
	return w.b, nil
}

// DecodeValues reads what follows DI DI SER into the message, in the layout of a
// model. meterproto.ErrLayout means that the values have another length; nothing
// in m holds then. Else the error joins a *FieldError for every field that is
// wrong; the other fields are good even then, the wrong ones have no value.
func DecodeValues(values []byte, m Message, l Layout) error {
	w := walker{layout: l, b: values}
	return w.read(m)
}

func (w *walker) read(m Message) error {
	w.over(m)
	if w.at != len(w.b) {
		return fmt.Errorf("%w: L is %02XH, want %02XH", meterproto.ErrLayout, querySize+len(w.b), querySize+w.at)
	}
	return w.err()
}
