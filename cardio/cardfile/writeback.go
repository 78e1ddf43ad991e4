package cardfile

import (
	"encoding/binary"
	"fmt"
	"time"
)

// State bits of the write-back.
const (
	valveOpen  = 1 << 0
	batteryLow = 1 << 1
)

// WriteBack (返写) is what the meter last said of itself, quantities in the identity's unit.
type WriteBack struct {
	Sequence   uint32
	MeterTime  time.Time // UTC, whole seconds, from 1970 on
	Count      uint32
	Loaded     int64
	Remaining  int64
	Consumed   int64
	ValveOpen  bool
	BatteryLow bool
	Tamper     uint8
	MonthEnd   [12]int64
}

// Encode spells the write-back of the meter with that number and seals it for
// the card with that UID, with the meter's write-back key in to.Key.
func (w WriteBack) Encode(to Binding) ([]byte, error) {
	body, err := w.body(to.Meter)
	if err != nil {
		return nil, err
	}
	return seal(to.Key, letterWriteBack, to.UID[:], body)
}

func (w WriteBack) body(meter string) ([]byte, error) {
	seconds := w.MeterTime.Unix()
	if len(meter) != 2*meterSize || w.MeterTime.Nanosecond() != 0 {
		return nil, fmt.Errorf("%w: write-back", ErrValue)
	}
	b := append(make([]byte, 0, WriteBackSize), format, w.state(), w.Tamper, 0)
	b = binary.BigEndian.AppendUint32(b, w.Sequence)
	b, err := appendQuantity(b, seconds)
	if err != nil {
		return nil, err
	}
	b = binary.BigEndian.AppendUint32(b, w.Count)
	for _, v := range append([]int64{w.Loaded, w.Remaining, w.Consumed}, w.MonthEnd[:]...) {
		if b, err = appendQuantity(b, v); err != nil {
			return nil, err
		}
	}
	if b, err = appendDigits(b, meter, meterSize); err != nil {
		return nil, err
	}
	return append(b, 0, 0, 0, 0, 0), nil
}

func (w WriteBack) state() byte {
	var s byte
	if w.ValveOpen {
		s |= valveOpen
	}
	if w.BatteryLow {
		s |= batteryLow
	}
	return s
}

// DecodeWriteBack reads the meter's file: ErrErased when the meter never wrote,
// ErrMAC when the write was torn or another meter's, ErrSpelling.
func DecodeWriteBack(b []byte, to Binding) (WriteBack, error) {
	if len(b) != WriteBackSize {
		return WriteBack{}, ErrSpelling
	}
	if erased(b) {
		return WriteBack{}, ErrErased
	}
	body, err := open(to.Key, letterWriteBack, to.UID[:], b)
	if err != nil {
		return WriteBack{}, err
	}
	w := WriteBack{
		ValveOpen: body[1]&valveOpen != 0, BatteryLow: body[1]&batteryLow != 0, Tamper: body[2],
		Sequence: binary.BigEndian.Uint32(body[4:]), MeterTime: time.Unix(quantity(body[8:]), 0).UTC(),
		Count: binary.BigEndian.Uint32(body[14:]), Loaded: quantity(body[18:]),
		Remaining: quantity(body[24:]), Consumed: quantity(body[30:]),
	}
	for i := range w.MonthEnd {
		w.MonthEnd[i] = quantity(body[36+quantitySize*i:])
	}
	if again, err := w.body(to.Meter); err != nil || string(again) != string(body) {
		return WriteBack{}, ErrSpelling
	}
	return w, nil
}
