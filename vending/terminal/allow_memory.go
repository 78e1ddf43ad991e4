package terminal

import "github.com/vendgate/vendgate/cardio/apdu"

// selectType is the instruction of SELECT CARD TYPE, the first command to a memory chip (cards.md §3).
const selectType = 0xA4

// cardType is what a reader takes its memory chip for: the type of the last SELECT CARD TYPE that it took, 0 for none. The
// same write is data to one chip and the code to another.
type cardType byte

// The types that drivers select.
const (
	i2cSmall   cardType = 1
	i2cLarge   cardType = 2
	at88sc1608 cardType = 4
	sle4428    cardType = 5
	sle4442    cardType = 6
	at88sc102  cardType = 9
)

// span is bytes of a chip's memory, to is the first one behind it.
type span struct{ from, to int }

// dataOf is where each chip keeps data, by the address that a write (FF D0) names. Counters, codes and erase keys are
// elsewhere: the SLE4428's at 3FD, in the same memory; between and beside the zones of an AT88SC102; an SLE4442's in a memory
// of its own (FF D2), an AT88SC1608's in the configuration zone (FF D1).
var dataOf = map[cardType][]span{
	i2cSmall:   {{0, 0x10000}},
	i2cLarge:   {{0, 0x10000}},
	at88sc1608: {{0, 0x800}}, // eight zones of 256
	sle4428:    {{0, 0x3FD}},
	sle4442:    {{0, 0x100}},
	at88sc102:  {{0x16, 0x56}, {0x5C, 0x9C}},
}

// zoneLocks are the first bits of an AT88SC102's zone: a zero hides it, or keeps it from being written.
const zoneLocks = 0xC0

// known tells that a SELECT CARD TYPE is of a chip that there is a driver for, said in the one way that all readers take.
func known(c apdu.Command) bool {
	return c.P1 == 0 && c.P2 == 0 && len(c.Data) == 1 && c.Le == 0 && dataOf[cardType(c.Data[0])] != nil
}

// after is what the reader takes the chip for when c was sent. One that was not done leaves it unknown.
func (k cardType) after(c apdu.Command, done bool) cardType {
	switch {
	case c.CLA != 0xFF || c.INS != selectType:
		return k
	case !done:
		return 0
	}
	return cardType(c.Data[0])
}

// writesData tells whether a write stays where the chip keeps data, and locks no zone.
func (k cardType) writesData(c apdu.Command) bool {
	at := int(c.P1)<<8 | int(c.P2)
	for _, s := range dataOf[k] {
		if at >= s.from && at+len(c.Data) <= s.to {
			return k != at88sc102 || at > s.from || len(c.Data) == 0 || c.Data[0]&zoneLocks == zoneLocks
		}
	}
	return false
}
