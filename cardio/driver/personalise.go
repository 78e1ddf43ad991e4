package driver

import (
	"encoding/binary"

	"github.com/vendgate/vendgate/cardio/apdu"
	"github.com/vendgate/vendgate/cardio/sam"
)

// Access is FMCOS's access byte XY: allowed while Y <= state <= X, where state is
// the current DF's, or the MF's where X is 0 (cards.md §1).
type Access byte

// The accesses that a layout needs.
const (
	Always  Access = 0xF0
	MFOwner Access = 0x0F // the MF's state is 15
)

// State is the access of exactly one security state, 1 to 15.
func State(s byte) Access { return Access(s<<4 | s) }

// File types of CREATE FILE and key types of WRITE KEY (FMCOS 2.0).
const (
	typeDF         = 0x38
	typeKeyFile    = 0x3F
	typeBinary     = 0x28
	typePurse      = 0x2F
	typeAuthKey    = 0x39
	typeMessageKey = 0x36
	lineMAC        = 0x80 // a file whose updates carry a MAC
	lineCipherMAC  = 0xC0 // a key that comes enciphered and MACed
	addKey         = 0x01 // for P1 of WRITE KEY; to replace one, its type stands there
	notUsed        = 0xFF
)

// CreateDF makes a DF in the current one. create and erase say who may add files
// to it and erase them.
func (c *CPU) CreateDF(fid, size uint16, create, erase Access, name []byte) error {
	data := binary.BigEndian.AppendUint16([]byte{typeDF}, size)
	data = append(data, byte(create), byte(erase), notUsed, notUsed, notUsed)
	return step("create the application", c.create(fid, append(data, name...)))
}

// CreateKeyFile makes the key file of the current DF. It must be the first file there.
func (c *CPU) CreateKeyFile(size uint16, add Access) error {
	data := binary.BigEndian.AppendUint16([]byte{typeKeyFile}, size)
	data = append(data, notUsed, byte(add), notUsed, notUsed)
	return step("create the key file", c.create(0, data))
}

// CreateBinary makes an EF that is read in the clear and updated under secure
// messaging with the message key of that id, 0 to 3. Its SFI is the low five
// bits of fid. [U]: the key id stands in the low two bits of the last byte,
// counted down from 3 (fmcos-python NOTES.md).
func (c *CPU) CreateBinary(fid, size uint16, read, write Access, keyID byte) error {
	data := binary.BigEndian.AppendUint16([]byte{typeBinary | lineMAC}, size)
	data = append(data, byte(read), byte(write), notUsed, 0xFC|3-keyID)
	return step("create a file", c.create(fid, data))
}

// CreatePurse makes one of the two purses of the current DF, its id the kind's
// number; use says who may load it and pay from it. The form is that of published
// issuing scripts (80E0 0002 07 2F 0208 F000 FF18); 18 is the file of its records,
// which nothing here reads.
func (c *CPU) CreatePurse(kind PurseKind, use Access) error {
	data := []byte{typePurse, 0x02, 0x08, byte(use), 0x00, notUsed, 0x18}
	return step("create a purse", c.create(uint16(kind), data))
}

func (c *CPU) create(fid uint16, data []byte) error {
	_, err := c.ch.Send(apdu.Command{CLA: 0x80, INS: 0xE0, P1: byte(fid >> 8), P2: byte(fid), Data: data})
	return err
}

// EraseDF erases all files of the current DF, not the DF itself.
func (c *CPU) EraseDF() error {
	_, err := c.ch.Send(apdu.Command{CLA: 0x80, INS: 0x0E})
	return step("erase the application", err)
}

// AddAuthKey puts an external-authentication key into the current DF: it takes
// the DF to state after, and locks after that many wrong tries, 1 to 15. The
// key goes enciphered and MACed under wrap, which is the MF's key 00 [U].
func (c *CPU) AddAuthKey(id, after, tries byte, key, wrap *sam.Key) error {
	return step("write an authentication key", c.writeKey(addKey, id, authHeader(after, tries), key, wrap))
}

// ReplaceAuthKey puts another key in the place of one that AddAuthKey put there. The
// chip writes a key as a whole [U]. [U]: the form is that of fmcos.py's cmd_write_key.
func (c *CPU) ReplaceAuthKey(id, after, tries byte, key, wrap *sam.Key) error {
	return step("replace an authentication key", c.writeKey(typeAuthKey, id, authHeader(after, tries), key, wrap))
}

func authHeader(after, tries byte) []byte {
	return []byte{typeAuthKey | lineCipherMAC, byte(Always), byte(MFOwner), after, tries<<4 | tries}
}

// AddMessageKey puts a secure-messaging key into the current DF, as AddAuthKey does.
func (c *CPU) AddMessageKey(id, tries byte, key, wrap *sam.Key) error {
	return step("write a message key", c.writeKey(addKey, id, messageHeader(tries), key, wrap))
}

// ReplaceMessageKey puts another key in the place of a message key, as ReplaceAuthKey does.
func (c *CPU) ReplaceMessageKey(id, tries byte, key, wrap *sam.Key) error {
	return step("replace a message key", c.writeKey(typeMessageKey, id, messageHeader(tries), key, wrap))
}

func messageHeader(tries byte) []byte {
	return []byte{typeMessageKey | lineCipherMAC, byte(Always), byte(MFOwner), notUsed, tries<<4 | tries}
}

// PurseUse is what a purse's key is for: the type of its record.
type PurseUse byte

// The keys of a purse (published issuing scripts: 80D4 01 01 15 3E F0 02 01 01 ..).
const (
	ForReceipts  PurseUse = 0x34 // TAC
	ForPurchases PurseUse = 0x3E
	ForLoads     PurseUse = 0x3F
)

// AddPurseKey puts a key of a purse into the current DF, as AddAuthKey does.
func (c *CPU) AddPurseKey(use PurseUse, id, version byte, key, wrap *sam.Key) error {
	const tripleDES = 0x01
	header := []byte{byte(use) | lineCipherMAC, byte(Always), byte(MFOwner), version, tripleDES}
	return step("write a purse's key", c.writeKey(addKey, id, header, key, wrap))
}

func (c *CPU) writeKey(p1, id byte, header []byte, key, wrap *sam.Key) error {
	wrapped, err := wrap.Wrap(header, key)
	if err != nil {
		return err
	}
	return c.secure(apdu.Command{CLA: 0x80, INS: 0xD4, P1: p1, P2: id, Data: wrapped}, wrap)
}
