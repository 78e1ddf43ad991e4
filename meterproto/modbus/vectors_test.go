package modbus_test

import (
	"encoding/hex"
	"testing"

	"pgregory.net/rapid"

	"github.com/vendgate/vendgate/meterproto/modbus"
)

// vector is an example of the standard (§6, the tables of each function), or a
// frame that another project published.
type vector struct {
	hex  string
	from modbus.Side
	want modbus.Message
}

func vectors() []vector {
	return []vector{
		{"0100130013", modbus.Request, modbus.Message{Kind: modbus.ReadRequest, Function: 1, Address: 0x13, Quantity: 0x13}},
		{"0103CD6B05", modbus.Reply, modbus.Message{Kind: modbus.ReadReply, Function: 1, Data: []byte{0xCD, 0x6B, 0x05}}},
		{"0200C40016", modbus.Request, modbus.Message{Kind: modbus.ReadRequest, Function: 2, Address: 0xC4, Quantity: 0x16}},
		{"0203ACDB35", modbus.Reply, modbus.Message{Kind: modbus.ReadReply, Function: 2, Data: []byte{0xAC, 0xDB, 0x35}}},
		{"03006B0003", modbus.Request, modbus.Message{Kind: modbus.ReadRequest, Function: 3, Address: 0x6B, Quantity: 3}},
		{"0306022B00000064", modbus.Reply, modbus.Message{Kind: modbus.ReadReply, Function: 3, Data: []byte{0x02, 0x2B, 0, 0, 0, 0x64}}},
		{"0400080001", modbus.Request, modbus.Message{Kind: modbus.ReadRequest, Function: 4, Address: 8, Quantity: 1}},
		{"0402000A", modbus.Reply, modbus.Message{Kind: modbus.ReadReply, Function: 4, Data: []byte{0, 0x0A}}},
		{"0500ACFF00", modbus.Request, modbus.Message{Kind: modbus.WriteSingle, Function: 5, Address: 0xAC, Value: modbus.CoilOn}},
		{"0600010003", modbus.Reply, modbus.Message{Kind: modbus.WriteSingle, Function: 6, Address: 1, Value: 3}},
		{"0F0013000A02CD01", modbus.Request, modbus.Message{Kind: modbus.WriteRequest, Function: 15, Address: 0x13, Quantity: 10, Data: []byte{0xCD, 0x01}}},
		{"0F0013000A", modbus.Reply, modbus.Message{Kind: modbus.WriteReply, Function: 15, Address: 0x13, Quantity: 10}},
		{"100001000204000A0102", modbus.Request, modbus.Message{Kind: modbus.WriteRequest, Function: 16, Address: 1, Quantity: 2, Data: []byte{0, 0x0A, 1, 2}}},
		{"1000010002", modbus.Reply, modbus.Message{Kind: modbus.WriteReply, Function: 16, Address: 1, Quantity: 2}},
		{"8102", modbus.Reply, modbus.Message{Kind: modbus.Exception, Function: 1, Code: modbus.IllegalDataAddress}},
		{"2B0E0100", modbus.Request, modbus.Message{Kind: modbus.Foreign, Function: 0x2B, Data: []byte{0x0E, 0x01, 0x00}}},
	}
}

// Serial frames that were published with their CRC (goburrow/modbus, pymodbus).
const (
	readTwo    = "010300000002C40B"
	writeThree = "1106000100039A9B"
	twoValues  = "110304008D008EFBBD"
	refusal    = "0083029131"
)

// fataler is what testing and rapid have in common.
type fataler interface {
	Helper()
	Fatal(...any)
	Fatalf(string, ...any)
}

// unhex is a vector's bytes.
func unhex(t fataler, s string) []byte {
	t.Helper()
	b, err := hex.DecodeString(s)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// serial is a vector as a frame of unit 17 on a serial line.
func (v vector) serial(t fataler) []byte {
	t.Helper()
	b, err := modbus.Frame{Unit: 17, Message: v.want}.AppendRTU(nil)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func genBytes(t *rapid.T, n int) []byte { return rapid.SliceOfN(rapid.Byte(), n, n).Draw(t, "data") }

// genMessage draws any message that the standard allows, and a side of it.
func genMessage(t *rapid.T) (modbus.Message, modbus.Side) {
	function := func(of ...modbus.Function) modbus.Function { return rapid.SampledFrom(of).Draw(t, "function") }
	m := modbus.Message{Kind: modbus.Kind(rapid.IntRange(0, 6).Draw(t, "kind"))}
	from := modbus.Request
	switch m.Kind {
	case modbus.Foreign:
		m.Function, m.Data = function(7, 8, 17, 20, 23, 43, 100), genBytes(t, rapid.IntRange(0, 252).Draw(t, "size"))
	case modbus.ReadRequest:
		m.Function = function(1, 2, 3, 4)
		genRange(t, &m, 125)
	case modbus.ReadReply:
		m.Function, from = function(1, 2, 3, 4), modbus.Reply
		m.Data = genBytes(t, 2*rapid.IntRange(1, 125).Draw(t, "registers"))
	case modbus.WriteSingle:
		m.Function, m.Address, m.Value = 6, rapid.Uint16().Draw(t, "address"), rapid.Uint16().Draw(t, "value")
	case modbus.WriteRequest:
		m.Function = function(15, 16)
		genRange(t, &m, 123)
		size := 2 * int(m.Quantity)
		if m.Function == 15 {
			size = (int(m.Quantity) + 7) / 8
		}
		m.Data = genBytes(t, size)
	case modbus.WriteReply:
		m.Function, from = function(15, 16), modbus.Reply
		genRange(t, &m, 123)
	case modbus.Exception:
		m.Function, m.Code, from = function(1, 3, 16, 43, 127), modbus.ExceptionCode(rapid.ByteMin(1).Draw(t, "code")), modbus.Reply
	}
	return m, from
}

func genRange(t *rapid.T, m *modbus.Message, most uint16) {
	m.Quantity = rapid.Uint16Range(1, most).Draw(t, "quantity")
	m.Address = rapid.Uint16Max(-m.Quantity).Draw(t, "address")
}

func TestVectors(t *testing.T) {
	t.Parallel()
	for _, v := range vectors() {
		got, err := modbus.Decode(unhex(t, v.hex), v.from)
		if err != nil || !same(got, v.want) {
			t.Errorf("%s: got %+v, %v", v.hex, got, err)
		}
		if b, err := v.want.AppendTo(nil); err != nil || hex.EncodeToString(b) != hex.EncodeToString(unhex(t, v.hex)) {
			t.Errorf("%s: written as %X, %v", v.hex, b, err)
		}
	}
}
