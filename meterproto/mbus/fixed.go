package mbus

import (
	"fmt"

	"github.com/vendgate/vendgate/meterproto"
)

const (
	fixedSize = 16
	// historicUnit marks a second counter as the first one's stored value.
	historicUnit = 0x3E
)

// Fixed is an answer in the fixed data structure (CI 73, 77) of meters made
// before records: a number, two counters and a medium.
type Fixed struct {
	CI       CI
	ID       uint32 // the printed digits as nibbles
	Access   byte
	Status   FixedStatus
	Medium   byte // four bits, a list of its own
	Counters [2]Counter
}

// FixedStatus is the status byte of the fixed structure. Bits 2 to 4 are those
// of Status.
type FixedStatus byte

// The bits that tell how to read the counters.
const (
	BinaryCounters FixedStatus = 0x01 // else BCD
	StoredCounters FixedStatus = 0x02 // of the key date, else of now
)

// Counter is one of the two values. Data are four bytes as they were sent.
type Counter struct {
	Unit byte // six bits
	Data [4]byte
}

// DecodeFixed reads an answer. Errors: ErrDirection, ErrUnsupported, ErrShort.
func DecodeFixed(f Frame) (Fixed, error) {
	if err := fromMeter(f); err != nil {
		return Fixed{}, err
	}
	if f.CI != FixedLow && f.CI != FixedHigh {
		return Fixed{}, fmt.Errorf("%w: CI %v", ErrUnsupported, f.CI)
	}
	b := f.Data
	if len(b) != fixedSize {
		return Fixed{}, fmt.Errorf("%w: fixed data of %d bytes, want %d", ErrShort, len(b), fixedSize)
	}
	return Fixed{
		CI: f.CI, ID: uint32(getUint(b[:4], f.CI.order())), Access: b[4], Status: FixedStatus(b[5]),
		Medium: b[7]>>6<<2 | b[6]>>6,
		Counters: [2]Counter{
			{Unit: b[6] & 0x3F, Data: [4]byte(b[8:12])}, {Unit: b[7] & 0x3F, Data: [4]byte(b[12:16])},
		},
	}, nil
}

// Frame is the answer as the meter at a primary address sends it.
func (x Fixed) Frame(address byte) Frame {
	data := appendUint(nil, uint64(x.ID), 4, x.CI.order())
	data = append(data, x.Access, byte(x.Status), x.Medium&3<<6|x.Counters[0].Unit, x.Medium>>2<<6|x.Counters[1].Unit)
	data = append(append(data, x.Counters[0].Data[:]...), x.Counters[1].Data[:]...)
	return Frame{Kind: Long, Control: RspUd, Address: address, CI: x.CI, Data: data}
}

// Number is what counter i shows, before its unit is looked at.
func (x Fixed) Number(i int) (meterproto.Decimal, meterproto.State) {
	r := Record{DIB: DIB{Coding: BCD8}, Data: x.Counters[i].Data[:], Order: x.CI.order()}
	if x.Status&BinaryCounters != 0 {
		r.Coding = Int32
	}
	d, state, _ := r.Number()
	return d, state
}

// Register is counter i in the words that all protocols share.
func (x Fixed) Register(i int) meterproto.Register {
	reg := meterproto.Register{Raw: x.Counters[i].Data[:]}
	unit := x.Counters[i].Unit
	if x.Status&StoredCounters != 0 || i == 1 && unit == historicUnit {
		reg.Storage = 1
	}
	if i == 1 && unit == historicUnit {
		unit = x.Counters[0].Unit
	}
	q := fixedUnits[unit&0x3F]
	if q.Kind == meterproto.Unread {
		return reg
	}
	reg.Kind, reg.Unit = q.Kind, q.Unit
	d, state := x.Number(i)
	if reg.State = state; state == meterproto.Good {
		reg.Value = meterproto.Decimal{Digits: d.Digits, Scale: q.Scale}
	}
	if state == meterproto.Good && x.Status&BinaryCounters == 0 && reg.Kind.Counts() {
		reg.Span = meterproto.SpanOfDigits(2 * len(reg.Raw))
	}
	return reg
}

// UnitSymbol is counter i's unit in the words of the reference decoders, the
// power of ten included: "10 kWh".
func (x Fixed) UnitSymbol(i int) string { return fixedUnits[x.Counters[i].Unit&0x3F].Symbol }
