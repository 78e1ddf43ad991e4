package cjt188

import "github.com/vendgate/vendgate/meterproto"

// Purchases is the answer to DI 8105: what a prepaid meter has taken.
type Purchases struct {
	Sequence  byte // purchase count modulo 256
	Last      Digits
	Total     Digits
	Remaining Digits
	Status    Status
}

func (p *Purchases) walk(w *walker) {
	w.byte(&sequence, &p.Sequence)
	w.amount(&thisAmount, &p.Last)
	w.amount(&allAmounts, &p.Total)
	w.amount(&leftAmount, &p.Remaining)
	w.status(&status, &p.Status)
}

// Volumes is the meter's view as a reading has it. Errors: ErrCreditNoVolume,
// ErrCreditUnknown.
func (p Purchases) Volumes(c Credit) (meterproto.Purchases, error) {
	switch {
	case !c.Known():
		return meterproto.Purchases{}, ErrCreditUnknown
	case c != CreditVolume:
		return meterproto.Purchases{}, ErrCreditNoVolume
	}
	return meterproto.Purchases{
		Sequence:  p.Sequence,
		Last:      p.Last.cubicMetres(),
		Total:     p.Total.cubicMetres(),
		Remaining: p.Remaining.cubicMetres(),
	}, nil
}

// AppendTo appends the values as they follow DI DI SER. It fails, and returns
// dst unchanged, where an amount does not fit its field.
func (p Purchases) AppendTo(dst []byte) ([]byte, error) { return AppendValues(dst, &p, Layout{}) }

// Purchase is the command A013, and the meter's answer to it, which repeats it.
type Purchase struct {
	Sequence byte // purchase count modulo 256; a meter takes the one after its own
	Amount   Digits
}

func (p *Purchase) walk(w *walker) {
	w.byte(&sequence, &p.Sequence)
	w.amount(&thisAmount, &p.Amount)
}

// byte is a byte that counts, in hexadecimal.
func (w *walker) byte(f *Field, n *byte) {
	if w.writing {
		w.b = append(w.b, *n)
		return
	}
	raw := w.take(1)
	*n = raw[0]
	w.note(f, item{raw: raw, digits: whole(*n), value: whole(*n), sent: true, valid: true})
}
