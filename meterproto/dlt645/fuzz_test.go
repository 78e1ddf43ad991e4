package dlt645_test

import (
	"reflect"
	"testing"

	"github.com/vendgate/vendgate/meterproto"
	"github.com/vendgate/vendgate/meterproto/dlt645"
)

// framer is a message whose frame needs no more than the meter's address.
type framer interface {
	Frame(dlt645.Address) dlt645.Frame
}

// careful is one whose frame may be refused.
type careful interface {
	Frame(dlt645.Address) (dlt645.Frame, error)
}

// sameAgain holds that a message which was accepted is written as it was read:
// every decoder takes one spelling.
func sameAgain[M any](t *testing.T, f dlt645.Frame, decode func(dlt645.Frame) (M, error)) {
	t.Helper()
	m, err := decode(f)
	if err != nil {
		return
	}
	var again dlt645.Frame
	switch m := any(m).(type) {
	case framer:
		again = m.Frame(f.Address)
	case careful:
		if again, err = m.Frame(f.Address); err != nil {
			t.Fatalf("%+v was read and cannot be written: %v", m, err)
		}
	}
	if !reflect.DeepEqual(again, f) {
		t.Fatalf("%+v came back as %+v", f, again)
	}
}

func FuzzMessage(f *testing.F) {
	for _, line := range collected(f) {
		if frame, _, _, err := dlt645.Next(nil, line); err == nil {
			f.Add(byte(frame.Control), frame.Data)
		}
	}
	f.Fuzz(func(t *testing.T, control byte, data []byte) {
		if len(data) == 0 {
			data = nil
		}
		frame := dlt645.Frame{Address: dlt645.Address{1, 2, 3}, Control: dlt645.Control(control), Data: data}
		decodeMessages(frame)
		sameAgain(t, frame, dlt645.DecodeRead)
		sameAgain(t, frame, dlt645.DecodeReply)
		sameAgain(t, frame, dlt645.DecodeFollowUp)
		sameAgain(t, frame, dlt645.DecodePart)
		sameAgain(t, frame, dlt645.DecodeWrite)
		sameAgain(t, frame, dlt645.DecodeFreeze)
		sameAgain(t, frame, dlt645.DecodeRepassword)
		sameAgain(t, frame, dlt645.DecodeClear)
		sameAgain(t, frame, dlt645.DecodeRelay)
		sameAgain(t, frame, dlt645.DecodeSealedRelay)
		sameAgain(t, frame, dlt645.DecodeSecurityCommand)
		sameAgain(t, frame, dlt645.DecodePurchase)
		sameAgain(t, frame, dlt645.DecodeAccount)
	})
}

// Values of any identifier: nothing panics, nothing is lost or invented, and what
// is wrong is said.
func FuzzValues(f *testing.F) {
	f.Add(true, uint32(0x0001FF00), []byte{1, 0, 0, 0, 2, 0, 0, 0})
	f.Add(true, uint32(0x01010000), []byte{1, 2, 3, 0x30, 0x10, 6, 7, 0x19})
	f.Add(true, uint32(0x040005FF), make([]byte, 14))
	f.Add(false, uint32(0x901F), []byte{1, 0, 0, 0, 0xAA})
	f.Fuzz(func(t *testing.T, new bool, code uint32, values []byte) {
		di := dlt645.ID97(uint16(code))
		if new {
			di = dlt645.ID(code)
		}
		registers, err := dlt645.AppendRegisters(nil, dlt645.Reply{DI: di, Values: values})
		raw, wrong := 0, 0
		for _, r := range registers {
			raw += len(r.Raw)
			if r.State == meterproto.Invalid {
				wrong++
			}
			if r.State != meterproto.Good && (r.Value.Digits != 0 || !r.Time.IsZero()) || r.Kind == meterproto.Unread && r.Value != (meterproto.Decimal{}) {
				t.Fatalf("%v %X: a number where there is none: %+v", di, values, r)
			}
		}
		separator := 0
		if n := len(values); n > 0 && values[n-1] == 0xAA {
			separator = 1
		}
		if raw != len(values) && raw+separator != len(values) || wrong > 0 && err == nil || len(registers) == 0 {
			t.Fatalf("%v %X: %d bytes in %+v, %v", di, values, raw, registers, err)
		}
	})
}
