package cardfile

import (
	"bytes"
	"encoding/binary"
	"fmt"
)

// Sizes and places of vg1's parts, in bytes.
const (
	IdentitySize  = 48
	SlotSize      = 48
	VendorSize    = IdentitySize + 2*SlotSize // one READ BINARY
	WriteBackSize = 128
)

const (
	magic        = "VG01"
	format       = 1
	numberSize   = 8 // of the card number, 16 digits
	meterSize    = 7 // of the meter number, 14 digits
	identityBody = IdentitySize - macSize
)

// Identity says which card this is, whose, and which meter it works.
type Identity struct {
	UID        [8]byte
	Utility    uint32
	Number     string // the card number, 1 to 16 digits
	Meter      string // the meter number, 14 digits
	KeyVersion uint8  // 1 to 255
	Unit       uint8  // 1 litre, 2 Wh, 3 fen
}

// Encode spells the identity and seals it with the meter's purse key.
func (id Identity) Encode(key MACKey) ([]byte, error) {
	body, err := id.body()
	if err != nil {
		return nil, err
	}
	return seal(key, letterIdentity, nil, body)
}

func (id Identity) body() ([]byte, error) {
	if !id.valid() {
		return nil, fmt.Errorf("%w: identity", ErrValue)
	}
	b := make([]byte, 0, IdentitySize)
	b = append(append(b, magic...), format, id.Unit, id.KeyVersion, 0)
	b = binary.BigEndian.AppendUint32(b, id.Utility)
	b = append(b, id.UID[:]...)
	b, err := appendDigits(b, id.Number, numberSize)
	if err != nil {
		return nil, err
	}
	if b, err = appendDigits(b, id.Meter, meterSize); err != nil {
		return nil, err
	}
	return append(b, 0, 0, 0, 0, 0), nil
}

// valid holds what the digits' encoder does not: the meter number is whole, the
// small numbers are in range.
func (id Identity) valid() bool {
	return id.Unit >= 1 && id.Unit <= 3 && id.KeyVersion != 0 && len(id.Meter) == 2*meterSize
}

// DecodeIdentity reads what the vendor's file claims to be. The claim is worth
// nothing until Check has passed with the key of the meter that it names. It
// fails with ErrErased on a file that was never written, else ErrSpelling.
func DecodeIdentity(file []byte) (Identity, error) {
	if len(file) < IdentitySize {
		return Identity{}, ErrSpelling
	}
	b := file[:identityBody]
	if erased(b) {
		return Identity{}, ErrErased
	}
	id := Identity{
		UID: [8]byte(b[12:20]), Utility: binary.BigEndian.Uint32(b[8:12]),
		Number: digits(b[20:28]), Meter: digits(b[28:35]), KeyVersion: b[6], Unit: b[5],
	}
	// The body that the values spell must be the one that was read: magic, format,
	// reserved bytes and all.
	if again, err := id.body(); err != nil || !bytes.Equal(again, b) {
		return Identity{}, ErrSpelling
	}
	return id, nil
}

// Check proves or refutes the identity in file, with the purse key of the meter
// that it claims: ErrMAC.
func Check(file []byte, key MACKey) error {
	if len(file) < IdentitySize {
		return ErrSpelling
	}
	_, err := open(key, letterIdentity, nil, file[:IdentitySize])
	return err
}

// Unfinished tells of an identity that is not valid whether its writing was cut:
// the MAC is written last, so that its last byte still reads as erased. (One
// forgery in 128 looks so too: it is taken for a card to issue, never for a
// valid one.)
func Unfinished(file []byte) bool {
	return len(file) >= IdentitySize && erased(file[IdentitySize-1:IdentitySize])
}
