package sam

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
func (m Meter) On(uid [8]byte) (Writer, error) { return m.writer.writer("", uid), nil }

// writer derives a party's pair of keys for one card.
func (k *Key) writer(party string, uid [8]byte) Writer {
	return Writer{
		Auth:    k.derive(party+"authenticate", nil).diversify(uid),
		Message: k.derive(party+"message", nil).diversify(uid),
	}
}

// card derives the vendor's keys for one chip from a root.
func (k *Key) card(uid [8]byte) Writer { return k.writer("vendor ", uid) }

// meter derives the keys of one meter from a root.
func (k *Key) meter(number string) Meter {
	return Meter{
		Purse:     k.derive("purse", []byte(number)),
		WriteBack: k.derive("write-back", []byte(number)),
		writer:    k.derive("meter", []byte(number)),
	}
}
