package sam

import "fmt"

// Writer is what one party needs to write its file on one card.
type Writer struct {
	Auth    *Key // external authentication
	Message *Key // secure messaging
}

// Card holds the keys that the vendor needs for one chip.
type Card struct {
	Transport *Key // guards the blank chip, as its maker delivers it
	Vendor    Writer
}

// Meter holds the keys that meter and vendor share. They are all that is loaded
// into a meter: it derives from them what it needs for any card put into it.
type Meter struct {
	Purse     *Key // vendor to meter: MAC over identity and purse
	WriteBack *Key // meter to vendor: MAC over the write-back
	writer    *Key
}

// On gives the keys with which the meter writes on the card with that UID.
func (m Meter) On(uid [8]byte) (Writer, error) { return m.writer.writer(uid) }

// writer derives a party's pair of keys for one card.
func (k *Key) writer(uid [8]byte) (Writer, error) {
	auth, err := k.derive("authenticate", uid[:])
	if err != nil {
		return Writer{}, err
	}
	message, err := k.derive("message", uid[:])
	return Writer{Auth: auth, Message: message}, err
}

// card derives the vendor's keys for one chip from a root.
func (k *Key) card(uid [8]byte) (Writer, error) {
	vendor, err := k.derive("vendor", nil)
	if err != nil {
		return Writer{}, err
	}
	return vendor.writer(uid)
}

// meter derives the keys of one meter from a root.
func (k *Key) meter(number string) (Meter, error) {
	var keys [3]*Key
	for i, purpose := range [...]string{"purse", "write-back", "meter"} {
		key, err := k.derive(purpose, []byte(number))
		if err != nil {
			return Meter{}, fmt.Errorf("meter key %s: %w", purpose, err)
		}
		keys[i] = key
	}
	return Meter{Purse: keys[0], WriteBack: keys[1], writer: keys[2]}, nil
}
