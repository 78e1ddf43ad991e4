package gateway_test

import (
	"context"
	"errors"
	"fmt"
	"testing"

	"github.com/vendgate/vendgate/meterproto"
	"github.com/vendgate/vendgate/meterproto/cjt188"
	"github.com/vendgate/vendgate/meterproto/gateway"
)

// scripted answers every request with the frames that it makes of it, all in one
// piece.
type scripted func(request cjt188.Frame, q cjt188.Query) []cjt188.Frame

func (s scripted) Exchange(_ context.Context, request []byte, _ meterproto.Timing, accept func([]byte) ([]byte, bool)) error {
	f, _, _, err := cjt188.Next(request)
	if err != nil {
		return fmt.Errorf("the request: %w", err)
	}
	q, values, err := cjt188.DecodeRequest(cjt188.ReadData, f)
	if err != nil || len(values) > 0 {
		return fmt.Errorf("a read with values %X: %w", values, errors.Join(err, cjt188.ErrMalformed))
	}
	var stream []byte
	for _, answer := range s(f, q) {
		if stream, err = answer.AppendTo(stream); err != nil {
			return err
		}
	}
	if _, done := accept(stream); !done {
		return meterproto.ErrGarbage
	}
	return nil
}

// honest is the values that a meter with valve and battery like this answers.
func honest(di cjt188.DI, s cjt188.Status) []byte {
	ten := cjt188.Digits{Hundredths: 1000, Valid: true}
	values, err := cjt188.Flow{Current: cjt188.Quantity{Digits: ten, Unit: cjt188.CubicMetre}, Status: s}.AppendTo(nil)
	if di == cjt188.DIPurchases {
		values, err = cjt188.Purchases{Sequence: 1, Total: ten, Status: s}.AppendTo(nil)
	}
	if err != nil {
		panic(err)
	}
	return values
}

// answer is the honest answer of the meter that was asked.
func answer(f cjt188.Frame, q cjt188.Query) cjt188.Frame {
	return cjt188.Reply{Query: q, Values: honest(q.DI, cjt188.Status{})}.Frame(f.Type, f.Address)
}

func TestOnlyTheAnswerIsTaken(t *testing.T) {
	t.Parallel()
	stranger := cjt188.Address{9}
	for name, c := range map[string]struct {
		line scripted
		want error
	}{
		"the answer": {func(f cjt188.Frame, q cjt188.Query) []cjt188.Frame {
			return []cjt188.Frame{answer(f, q)}
		}, nil},
		"with another type": {func(f cjt188.Frame, q cjt188.Query) []cjt188.Frame {
			f.Type = 0x39
			return []cjt188.Frame{answer(f, q)}
		}, nil},
		"in the other order": {func(f cjt188.Frame, q cjt188.Query) []cjt188.Frame {
			q.Order = cjt188.HighFirst
			return []cjt188.Frame{answer(f, q)}
		}, nil},
		"behind everything else": {func(f cjt188.Frame, q cjt188.Query) []cjt188.Frame {
			other, old := f, q
			other.Address = stranger
			old.SER--
			refusal := cjt188.AbnormalError{SER: old.SER}
			return []cjt188.Frame{f, answer(other, q), answer(f, old), refusal.Frame(f.Type, f.Address), answer(f, q)}
		}, nil},
		"its number, other data": {func(f cjt188.Frame, q cjt188.Query) []cjt188.Frame {
			q.DI = 0x8102
			return []cjt188.Frame{answer(f, q)}
		}, meterproto.ErrStale},
		"an old refusal": {func(f cjt188.Frame, q cjt188.Query) []cjt188.Frame {
			refusal := cjt188.AbnormalError{SER: q.SER - 1}
			return []cjt188.Frame{refusal.Frame(f.Type, f.Address)}
		}, meterproto.ErrStale},
		"a stranger's refusal": {func(f cjt188.Frame, q cjt188.Query) []cjt188.Frame {
			refusal := cjt188.AbnormalError{SER: q.SER}
			return []cjt188.Frame{refusal.Frame(f.Type, stranger)}
		}, meterproto.ErrWrongMeter},
		"the request": {func(f cjt188.Frame, _ cjt188.Query) []cjt188.Frame {
			return []cjt188.Frame{f, f}
		}, meterproto.ErrGarbage},
		"nothing whole": {func(cjt188.Frame, cjt188.Query) []cjt188.Frame { return nil }, meterproto.ErrGarbage},
	} {
		got, err := gateway.Gas().Read(t.Context(), c.line, number)
		if !errors.Is(err, c.want) || (c.want == nil) != (got.Consumed.Litres == 10_000 && got.Purchases != nil) {
			t.Errorf("%s: got %+v, %v; want %v", name, got, err, c.want)
		}
	}
}

// Valve and battery are what the last answer says of them.
func TestStatusIsTheLatest(t *testing.T) {
	t.Parallel()
	line := scripted(func(f cjt188.Frame, q cjt188.Query) []cjt188.Frame {
		status := cjt188.NewStatus(cjt188.ValveOpen, false)
		if q.DI == cjt188.DIPurchases {
			status = cjt188.NewStatus(cjt188.ValveClosed, true)
		}
		return []cjt188.Frame{cjt188.Reply{Query: q, Values: honest(q.DI, status)}.Frame(f.Type, f.Address)}
	})
	got, err := gateway.Gas().Read(t.Context(), line, number)
	if err != nil || got.ValveOpen == nil || *got.ValveOpen || !got.BatteryLow {
		t.Errorf("got %+v, %v", got, err)
	}
	options := gateway.Gas()
	options.Credit = 0
	if got, err = options.Read(t.Context(), line, number); err != nil || got.ValveOpen == nil || !*got.ValveOpen || got.BatteryLow {
		t.Errorf("without purchases: got %+v, %v", got, err)
	}
}

// No value and an unset clock stay what they are.
func TestAbsentValuesStayAbsent(t *testing.T) {
	t.Parallel()
	line := scripted(func(f cjt188.Frame, q cjt188.Query) []cjt188.Frame {
		r := cjt188.Reply{Query: q, Values: honest(q.DI, cjt188.Status{})}
		for i := range 4 {
			r.Values[i] = 0x99
		}
		return []cjt188.Frame{r.Frame(f.Type, f.Address)}
	})
	options := gateway.Gas()
	options.Credit = 0
	got, err := options.Read(t.Context(), line, number)
	if err != nil || got.Consumed != (meterproto.Volume{}) || !got.Time.IsZero() {
		t.Errorf("got %+v, %v", got, err)
	}
}
