package cardfile

import (
	"encoding/binary"
	"errors"
	"fmt"

	"github.com/google/uuid"
)

// Purse is what the vendor last wrote for the meter, quantities in the identity's unit.
type Purse struct {
	Generation uint32 // 1 on a new card, one more with each write
	Count      uint32
	Credit     int64
	Total      int64
	Purchase   uuid.UUID
}

// Slot is one of the two places of the purse.
type Slot byte

// The two slots. A card is issued with slot A written.
const (
	SlotA Slot = 'A'
	SlotB Slot = 'B'
)

// Offset is where the slot starts in the vendor's file.
func (s Slot) Offset() byte {
	if s == SlotB {
		return IdentitySize + SlotSize
	}
	return IdentitySize
}

// Other is the slot that is not s.
func (s Slot) Other() Slot { return SlotA + SlotB - s }

// Binding ties a purse to its chip and its meter.
type Binding struct {
	Key   MACKey // the meter's purse key
	UID   [8]byte
	Meter string
}

// bytes is UID || meter number.
func (b Binding) bytes() ([]byte, error) { return appendDigits(b.UID[:], b.Meter, meterSize) }

// Encode spells the purse for that slot and seals it.
func (p Purse) Encode(slot Slot, to Binding) ([]byte, error) {
	binding, err := to.bytes()
	if err != nil {
		return nil, err
	}
	body, err := p.body()
	if err != nil {
		return nil, err
	}
	return seal(to.Key, byte(slot), binding, body)
}

func (p Purse) body() ([]byte, error) {
	if p.Generation == 0 || p.Credit > p.Total {
		return nil, fmt.Errorf("%w: purse", ErrValue)
	}
	b := append(make([]byte, 0, SlotSize), format, 0, 0, 0)
	b = binary.BigEndian.AppendUint32(b, p.Generation)
	b = binary.BigEndian.AppendUint32(b, p.Count)
	b, err := appendQuantity(b, p.Credit)
	if err != nil {
		return nil, err
	}
	if b, err = appendQuantity(b, p.Total); err != nil {
		return nil, err
	}
	return append(b, p.Purchase[:]...), nil
}

// decodePurse reads one slot, MAC first: ErrErased, ErrMAC, ErrSpelling.
func decodePurse(b []byte, slot Slot, to Binding) (Purse, error) {
	if erased(b) {
		return Purse{}, ErrErased
	}
	binding, err := to.bytes()
	if err != nil {
		return Purse{}, err
	}
	body, err := open(to.Key, byte(slot), binding, b)
	if err != nil {
		return Purse{}, err
	}
	p := Purse{
		Generation: binary.BigEndian.Uint32(body[4:]), Count: binary.BigEndian.Uint32(body[8:]),
		Credit: quantity(body[12:]), Total: quantity(body[18:]), Purchase: uuid.UUID(body[24:40]),
	}
	if again, err := p.body(); err != nil || string(again) != string(body) {
		return Purse{}, ErrSpelling
	}
	return p, nil
}

// Purses is the purse of a card and where it stands.
type Purses struct {
	Purse   Purse
	Slot    Slot // of Purse; the other one is written next
	OneCopy bool // the other slot is torn or was never written
}

// DecodePurses finds the newest valid purse in the vendor's file. A torn slot is
// passed over, for the other one is whole (cards.md §7). It fails with ErrMAC
// when neither is valid, with ErrConflict when two valid ones of one generation
// differ, and with the key's own error when it cannot compute.
func DecodePurses(file []byte, to Binding) (Purses, error) {
	if len(file) != VendorSize {
		return Purses{}, ErrSpelling
	}
	a, errA := decodePurse(file[SlotA.Offset():][:SlotSize], SlotA, to)
	b, errB := decodePurse(file[SlotB.Offset():][:SlotSize], SlotB, to)
	for _, err := range []error{errA, errB} {
		if err != nil && !invalid(err) {
			return Purses{}, err
		}
	}
	switch {
	case errA != nil && errB != nil:
		return Purses{}, fmt.Errorf("%w in both slots", ErrMAC)
	case errB != nil:
		return Purses{Purse: a, Slot: SlotA, OneCopy: true}, nil
	case errA != nil:
		return Purses{Purse: b, Slot: SlotB, OneCopy: true}, nil
	case a.Generation == b.Generation && a != b:
		return Purses{}, ErrConflict
	case b.Generation > a.Generation:
		return Purses{Purse: b, Slot: SlotB}, nil
	default:
		return Purses{Purse: a, Slot: SlotA}, nil
	}
}

// invalid tells a slot that holds nothing from a key that cannot compute.
func invalid(err error) bool {
	return errors.Is(err, ErrErased) || errors.Is(err, ErrMAC) || errors.Is(err, ErrSpelling)
}
