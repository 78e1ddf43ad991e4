package cjt188_test

import (
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/vendgate/vendgate/meterproto/cjt188"
)

func genDigits(t *rapid.T, name string) cjt188.Digits {
	if !rapid.Bool().Draw(t, name+" valid") {
		return cjt188.Digits{}
	}
	return cjt188.Digits{Hundredths: rapid.Uint32Range(0, 99_999_998).Draw(t, name), Valid: true}
}

func genQuantity(t *rapid.T, name string) cjt188.Quantity {
	unit := cjt188.Unit(rapid.ByteRange(0x29, 0x2E).Draw(t, name+" unit"))
	return cjt188.Quantity{Digits: genDigits(t, name), Unit: unit}
}

func genStatus(t *rapid.T) cjt188.Status {
	return cjt188.Status{rapid.Byte().Draw(t, "st0"), rapid.Byte().Draw(t, "st1")}
}

func TestAnswersSurviveTheRoundTrip(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		flow := cjt188.Flow{Current: genQuantity(t, "current"), Settled: genQuantity(t, "settled"), Status: genStatus(t)}
		if s := rapid.Int64Range(0, 9_000_000_000).Draw(t, "time"); s > 0 {
			flow.Time = time.Unix(s, 0).UTC()
		}
		bought := cjt188.Purchases{
			Sequence: rapid.Byte().Draw(t, "sequence"),
			Last:     genDigits(t, "last"), Total: genDigits(t, "total"), Remaining: genDigits(t, "remaining"),
			Status: genStatus(t),
		}
		order := cjt188.DIOrder(rapid.ByteRange(0, 1).Draw(t, "order"))
		flowQuery := cjt188.Query{DI: cjt188.DIFlow, Order: order, SER: rapid.Byte().Draw(t, "ser")}
		got, err := cjt188.DecodeFlow(carry(t, flowQuery, flow))
		if err != nil || got != flow {
			t.Fatalf("%+v came back as %+v, %v", flow, got, err)
		}
		back, err := cjt188.DecodePurchases(carry(t, cjt188.Query{DI: cjt188.DIPurchases, Order: order}, bought))
		if err != nil || back != bought {
			t.Fatalf("%+v came back as %+v, %v", bought, back, err)
		}
	})
}

// carry sends values through a whole frame and gives them back.
func carry(t *rapid.T, q cjt188.Query, v interface {
	AppendTo([]byte) ([]byte, error)
},
) []byte {
	values, err := v.AppendTo(nil)
	if err != nil {
		t.Fatal(err)
	}
	b, err := cjt188.Reply{Query: q, Values: values}.Frame(0x30, cjt188.Address{1}).AppendTo(nil)
	if err != nil {
		t.Fatal(err)
	}
	f, err := cjt188.Decode(b)
	if err != nil {
		t.Fatal(err)
	}
	r, err := cjt188.DecodeReadReply(f)
	if err != nil || r.Query != q {
		t.Fatalf("%+v came back as %+v, %v", q, r, err)
	}
	return r.Values
}

// FuzzValues: whatever the bytes, what is read and written is read again as the
// same values.
func FuzzValues(f *testing.F) {
	for _, v := range []string{waterBehindText, purchaseReply, waterTimeHalfSet} {
		f.Add(reply(f, v).Values)
	}
	f.Fuzz(func(t *testing.T, values []byte) {
		if flow, err := cjt188.DecodeFlow(values); err == nil {
			b, err := flow.AppendTo(nil)
			if again, err2 := cjt188.DecodeFlow(b); err != nil || err2 != nil || again != flow {
				t.Fatalf("%X: %+v became %+v, %v, %v", values, flow, again, err, err2)
			}
		}
		if bought, err := cjt188.DecodePurchases(values); err == nil {
			b, err := bought.AppendTo(nil)
			if again, err2 := cjt188.DecodePurchases(b); err != nil || err2 != nil || again != bought {
				t.Fatalf("%X: %+v became %+v, %v, %v", values, bought, again, err, err2)
			}
		}
	})
}
