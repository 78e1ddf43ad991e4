package modbus_test

import (
	"bytes"
	"errors"
	"slices"
	"testing"

	"pgregory.net/rapid"

	"github.com/vendgate/vendgate/meterproto"
	"github.com/vendgate/vendgate/meterproto/modbus"
)

// same compares messages; no data is as good as empty data.
func same(a, b modbus.Message) bool {
	data := bytes.Equal(a.Data, b.Data)
	a.Data, b.Data = nil, nil
	return data && a.Kind == b.Kind && a.Function == b.Function && a.Code == b.Code &&
		a.Address == b.Address && a.Quantity == b.Quantity && a.Value == b.Value
}

func TestMessageSurvivesTheRoundTrip(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		m, from := genMessage(t)
		b, err := m.AppendTo([]byte{0xEE})
		if err != nil || b[0] != 0xEE {
			t.Fatalf("%+v: %X, %v", m, b, err)
		}
		if back, err := modbus.Decode(b[1:], from); err != nil || !same(back, m) {
			t.Fatalf("%+v came back as %+v, %v", m, back, err)
		}
		f := modbus.Frame{Unit: rapid.Byte().Draw(t, "unit"), Message: m}
		if b, err = f.AppendRTU(b[:1]); err != nil {
			t.Fatal(err)
		}
		if back, err := modbus.DecodeRTU(b[1:], from); err != nil || back.Unit != f.Unit || !same(back.Message, m) {
			t.Fatalf("%+v came back from the line as %+v, %v", f, back, err)
		}
		n := rapid.Uint16().Draw(t, "transaction")
		if b, err = f.AppendTCP(b[:1], n); err != nil {
			t.Fatal(err)
		}
		if back, got, err := modbus.DecodeTCP(b[1:], from); err != nil || got != n || back.Unit != f.Unit || !same(back.Message, m) {
			t.Fatalf("%+v came back from TCP as %+v, %d, %v", f, back, got, err)
		}
	})
}

func TestDecodeRefuses(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		hex    string
		from   modbus.Side
		offset int // -1: more bytes would help
	}{
		"nothing":                   {"", modbus.Request, -1},
		"cut request":               {"03006B00", modbus.Request, -1},
		"cut reply":                 {"0306022B0000", modbus.Reply, -1},
		"no byte count":             {"03", modbus.Reply, -1},
		"function 0":                {"0000000001", modbus.Request, 0},
		"exception as a request":    {"8102", modbus.Request, 0},
		"exception of nothing":      {"8002", modbus.Reply, 0},
		"exception 0":               {"8100", modbus.Reply, 1},
		"quantity 0":                {"03006B0000", modbus.Request, 1},
		"126 registers":             {"03006B007E", modbus.Request, 1},
		"2001 coils":                {"01006B07D1", modbus.Request, 1},
		"behind the last register":  {"03FFFF0002", modbus.Request, 1},
		"odd byte count":            {"0303010203", modbus.Reply, 1},
		"byte count 0":              {"0300", modbus.Reply, 1},
		"byte count 252":            {"03FC", modbus.Reply, 1},
		"coil half on":              {"0500AC1234", modbus.Request, 3},
		"count against quantity":    {"100001000202000A", modbus.Request, 5},
		"124 registers written":     {"100001007CF8", modbus.Request, 5},
		"a byte too many":           {"03006B000300", modbus.Request, 5},
		"reply that is too long":    {"0302000100", modbus.Reply, 4},
		"quantity of a write reply": {"1000010000", modbus.Reply, 1},
	} {
		m, err := modbus.Decode(unhex(t, c.hex), c.from)
		form, malformed := errors.AsType[*modbus.FormError](err)
		switch {
		case !same(m, modbus.Message{}):
			t.Errorf("%s: became %+v", name, m)
		case c.offset < 0 && !errors.Is(err, modbus.ErrIncomplete):
			t.Errorf("%s: %v", name, err)
		case c.offset >= 0 && (!malformed || form.Offset != c.offset || !errors.Is(err, modbus.ErrMalformed)):
			t.Errorf("%s: %v", name, err)
		}
	}
	if _, err := modbus.Decode(make([]byte, 254), modbus.Request); !errors.Is(err, modbus.ErrMalformed) {
		t.Errorf("254 bytes: %v", err)
	}
}

// What is of the right form and forbidden says all the same what it asks for.
func TestForbiddenTellsWhatItAsks(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]modbus.Message{
		"03006B007E": {Kind: modbus.ReadRequest, Function: 3, Address: 0x6B, Quantity: 126},
		"03FFFF0002": {Kind: modbus.ReadRequest, Function: 3, Address: 0xFFFF, Quantity: 2},
		"0500AC1234": {Kind: modbus.WriteSingle, Function: 5, Address: 0xAC, Value: 0x1234},
	} {
		_, err := modbus.Decode(unhex(t, text), modbus.Request)
		if wrong, ok := errors.AsType[*modbus.RangeError](err); !ok || !same(wrong.Message, want) {
			t.Errorf("%s: %v", text, err)
		}
	}
	_, err := modbus.Decode(unhex(t, "100001000202000A"), modbus.Request)
	if wrong, ok := errors.AsType[*modbus.RangeError](err); ok {
		t.Errorf("a byte count that contradicts the quantity: %+v", wrong)
	}
}

func TestNothingForbiddenIsWritten(t *testing.T) {
	t.Parallel()
	for name, m := range map[string]modbus.Message{
		"no function":         {},
		"exception bit":       {Function: 0x83},
		"exception 0":         {Kind: modbus.Exception, Function: 3},
		"another's form":      {Kind: modbus.WriteSingle, Function: 3},
		"known as foreign":    {Function: 3, Data: []byte{1}},
		"quantity 0":          {Kind: modbus.ReadRequest, Function: 3},
		"126 registers":       {Kind: modbus.ReadRequest, Function: 3, Quantity: 126},
		"half a register":     {Kind: modbus.ReadReply, Function: 3, Data: make([]byte, 3)},
		"no data":             {Kind: modbus.ReadReply, Function: 1},
		"data against number": {Kind: modbus.WriteRequest, Function: 16, Quantity: 2, Data: make([]byte, 2)},
		"coil half on":        {Kind: modbus.WriteSingle, Function: 5, Value: 1},
		"too long":            {Function: 100, Data: make([]byte, 253)},
	} {
		f := modbus.Frame{Unit: 1, Message: m}
		if b, err := f.AppendRTU([]byte{7}); !errors.Is(err, modbus.ErrMalformed) || len(b) != 1 {
			t.Errorf("%s: RTU %X, %v", name, b, err)
		}
		if b, err := f.AppendTCP([]byte{7}, 1); !errors.Is(err, modbus.ErrMalformed) || len(b) != 1 {
			t.Errorf("%s: TCP %X, %v", name, b, err)
		}
	}
}

func TestAnswers(t *testing.T) {
	t.Parallel()
	read := modbus.Message{Kind: modbus.ReadRequest, Function: 3, Address: 5, Quantity: 2}
	coils := modbus.Message{Kind: modbus.ReadRequest, Function: 1, Quantity: 9}
	single := modbus.Message{Kind: modbus.WriteSingle, Function: 6, Address: 1, Value: 3}
	write := modbus.Message{Kind: modbus.WriteRequest, Function: 16, Address: 1, Quantity: 1, Data: make([]byte, 2)}
	for name, c := range map[string]struct {
		request, reply modbus.Message
		want           error
	}{
		"registers":         {read, modbus.Message{Kind: modbus.ReadReply, Function: 3, Data: make([]byte, 4)}, nil},
		"too few":           {read, modbus.Message{Kind: modbus.ReadReply, Function: 3, Data: make([]byte, 2)}, meterproto.ErrStale},
		"other function":    {read, modbus.Message{Kind: modbus.ReadReply, Function: 4, Data: make([]byte, 4)}, meterproto.ErrStale},
		"coils":             {coils, modbus.Message{Kind: modbus.ReadReply, Function: 1, Data: make([]byte, 2)}, nil},
		"its own echo":      {read, read, meterproto.ErrStale},
		"single":            {single, single, nil},
		"another value":     {single, modbus.Message{Kind: modbus.WriteSingle, Function: 6, Address: 1, Value: 4}, meterproto.ErrStale},
		"another register":  {single, modbus.Message{Kind: modbus.WriteSingle, Function: 6, Address: 2, Value: 3}, meterproto.ErrStale},
		"multiple":          {write, modbus.Message{Kind: modbus.WriteReply, Function: 16, Address: 1, Quantity: 1}, nil},
		"multiple others":   {write, modbus.Message{Kind: modbus.WriteReply, Function: 16, Address: 1, Quantity: 2}, meterproto.ErrStale},
		"refused":           {read, modbus.Message{Kind: modbus.Exception, Function: 3, Code: 2}, meterproto.ErrAbnormal},
		"another's refusal": {read, modbus.Message{Kind: modbus.Exception, Function: 4, Code: 2}, meterproto.ErrStale},
	} {
		if err := c.reply.Answers(c.request); !errors.Is(err, c.want) || (err == nil) != (c.want == nil) {
			t.Errorf("%s: %v", name, err)
		}
	}
	refused := modbus.Message{Kind: modbus.Exception, Function: 3, Code: modbus.ServerBusy}.Answers(read)
	if e, ok := errors.AsType[*modbus.RefusalError](refused); !ok || e.Code != modbus.ServerBusy || e.Function != 3 {
		t.Errorf("got %v", refused)
	}
}

func TestDataOfAReply(t *testing.T) {
	t.Parallel()
	m := modbus.Message{Data: []byte{0xCD, 0x6B, 0x05}}
	want := []bool{true, false, true, true, false, false, true, true, true, true, false, true, false, true, true, false, true, false, true}
	for i, on := range want {
		if m.Bit(i) != on {
			t.Errorf("coil %d is %v", i, !on)
		}
	}
	if m.Bit(-1) || m.Bit(24) {
		t.Error("a coil where there is none")
	}
	m = modbus.Message{Data: []byte{0x02, 0x2B, 0xFF, 0xFF, 0x00, 0x64}}
	if got := m.Registers([]uint16{7}); !slices.Equal(got, []uint16{7, 555, 65535, 100}) {
		t.Errorf("registers %v", got)
	}
}
