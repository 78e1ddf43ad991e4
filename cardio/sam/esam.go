package sam

// PBOC3DES is the one scheme of meters' security chips (ESAM) that is computed here: DESIGN.md, "Meters' chips", says
// which bytes go into what. State Grid's SM1 is closed, and no exchange of a real chip is public [U].
const PBOC3DES = "pboc-3des"

// ESAM computes what one electricity meter's security chip believes, by the scheme PBOC3DES. random is the chip's own
// number, by which it knows a session; command is what is commanded, as the wire has it.
type ESAM struct {
	identity, purse, control *Key
}

// ESAM derives the keys of the meter with that number, its digits as they are printed, or fails with ErrVersion, ErrForCards
// or ErrNoKeys.
func (s *Set) ESAM(version uint8, number [6]byte) (ESAM, error) {
	if len(s.roots) > 0 && For(s.current) != Chips {
		return ESAM{}, ErrForCards
	}
	root, err := s.root(version)
	if err != nil {
		return ESAM{}, err
	}
	var serial [8]byte
	copy(serial[2:], number[:])
	chip := func(purpose string) *Key { return root.derive(purpose, nil).diversify(serial) }
	return ESAM{identity: chip("esam identity"), purse: chip("esam purse"), control: chip("esam control")}, nil
}

// Cryptogram proves to the chip who we are: a random number of ours, enciphered.
func (e ESAM) Cryptogram(ours [8]byte) ([8]byte, error) { return e.identity.Cryptogram(ours[:]) }

// PurchaseMAC proves a part of a purchase.
func (e ESAM) PurchaseMAC(random, command [4]byte, part []byte) ([4]byte, error) {
	return e.purse.SecureMAC(random[:], headed(command, part))
}

// RelayMAC proves a relay command, which is sent in plain. It has no command bytes of its own: they are zero.
func (e ESAM) RelayMAC(random [4]byte, body []byte) ([4]byte, error) {
	return e.control.SecureMAC(random[:], headed([4]byte{}, body))
}

// HideRelay hides a relay command, and proves what it has become.
func (e ESAM) HideRelay(random [4]byte, body []byte) (hidden []byte, mac [4]byte, err error) {
	if hidden, err = e.control.wrap(nil, body); err != nil {
		return nil, mac, err
	}
	mac, err = e.RelayMAC(random, hidden)
	return hidden, mac, err
}

// headed is a message as FMCOS proves it: four bytes of the command, and how many follow with the MAC.
func headed(command [4]byte, data []byte) []byte {
	return append(append(command[:], byte(len(data)+4)), data...)
}
