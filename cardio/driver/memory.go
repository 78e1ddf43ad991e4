package driver

import (
	"errors"
	"fmt"

	"github.com/vendgate/vendgate/cardio/apdu"
	"github.com/vendgate/vendgate/cardio/sam"
)

// Memory is a card as areas of bytes. A layout knows what they mean.
//
// Every method talks to the card and fails with an *apdu.StatusError, with
// apdu.ErrDead, or with one of this package's sentinels; none of them takes a
// number for an area that Areas does not list.
type Memory interface {
	// Areas lists what can be addressed; an area's number is its place here.
	Areas() []Area
	// Read reads n bytes of an area: ErrRange, and ErrLocked where reading wants an Unlock first.
	Read(area, offset, n int) ([]byte, error)
	// Unlock presents a secret that reading or writing the area wants. It reads the tries left first
	// and never spends the last one: ErrTriesLow. A wrong secret is ErrSecret, and no second one is
	// presented until the card is powered anew. What was unlocked stays so until power-off.
	Unlock(area int, secret Secret) error
	// Write writes data in as few commands as the chip allows, in one script. It proves nothing, not even
	// when it returns nil: read back. ErrRange and ErrLocked mean that nothing was sent.
	Write(area, offset int, data []byte) error
}

// Chip is a kind of chip. The names are those that layouts use and never change.
type Chip string

// The chips that have a driver.
const (
	SLE4442    Chip = "sle4442"
	SLE4428    Chip = "sle4428"
	AT24C01    Chip = "at24c01"
	AT24C02    Chip = "at24c02"
	AT24C04    Chip = "at24c04"
	AT24C08    Chip = "at24c08"
	AT24C16    Chip = "at24c16"
	AT24C32    Chip = "at24c32"
	AT24C64    Chip = "at24c64"
	AT24C128   Chip = "at24c128"
	AT24C256   Chip = "at24c256"
	AT24C512   Chip = "at24c512"
	AT88SC102  Chip = "at88sc102"
	AT88SC1608 Chip = "at88sc1608"
	Mifare1K   Chip = "mifare-classic-1k"
	Mifare4K   Chip = "mifare-classic-4k"
	FMCOS      Chip = "fmcos"
)

// Area is one piece of a card's memory that is addressed from 0.
type Area struct {
	Name string // as layouts name it: "main", "az1", "zone3", "sector1", "file1"
	Size int    // bytes
	Mode Mode
	Unit int // bytes of a Page or a Block; 1 where there are none
	// Read and Write say what must be presented before; what is Free needs no Unlock.
	Read, Write Lock
}

// Mode is how an area is written.
type Mode uint8

// The modes. A write that is cut leaves each byte of it old, new or FF; under Blocks, each byte of the block
// that was being written.
const (
	Bytes  Mode = iota // any byte, any length
	Pages              // the same; the driver splits at page boundaries, and each page is a command of its own
	Blocks             // offset and length are multiples of Unit
	Erase              // the whole area at once, from offset 0: it is erased, and until it is written holds FF only
)

// Lock is what must be presented to a card, by Unlock.
type Lock uint8

// The locks, and the Use of the secrets that open them.
const (
	Free         Lock = iota
	ByCode            // Code
	ByCodeAndKey      // Code, and EraseKey: Write erases with it
	ByPassword        // WritePassword, which opens for reading too
	BySectorKey       // KeyA or KeyB, as the sector's access bits say
	Shut              // no secret opens it
)

// Use says what a secret is for.
type Use uint8

// The uses of a Secret.
const (
	Code          Use = iota + 1 // the PSC of SLE4442 (3 bytes) and SLE4428 (2), the AT88SC102's security code (2)
	EraseKey                     // of an AT88SC102's zone: az1 6 bytes, az2 4
	WritePassword                // of an AT88SC1608's user zone, 3 bytes
	KeyA                         // of a MIFARE sector, 6 bytes
	KeyB                         // likewise
)

// Secret is what Unlock presents. It cannot be printed.
type Secret struct {
	Use  Use
	Code sam.Secret
}

// Rekeyer is a Memory whose secrets can be changed.
type Rekeyer interface {
	// Rekey changes the secrets of an area that was unlocked, and presents the new ones once: whoever lets the
	// card go knows that they open it. It takes all that the area has: a Code, or KeyA and KeyB. An error leaves
	// it unknown which ones open the area.
	Rekey(area int, next ...Secret) error
}

// Forgetter is a Memory whose reader keeps the secret after the card has left: Forget is called before the
// link is closed.
type Forgetter interface{ Forget() error }

// Errors of memory cards.
var (
	ErrChip    = errors.New("no driver for that chip")
	ErrUse     = errors.New("the area of the card does not take a secret of that use or size")
	ErrSecret  = errors.New("the card refused its secret code: it is another one's, or was changed")
	ErrLocked  = errors.New("the area of the card was not unlocked")
	ErrRange   = errors.New("outside the area of the card, or not whole blocks of it")
	ErrBlocked = errors.New("the card's secret code is blocked for ever: it can be read only")
)

// Open speaks to a chip of that kind, through a reader of that dialect; the zero
// Dialect asks the reader. It selects the chip, which takes its power away for a
// moment, and reads nothing that the card's content could make fail: ErrChip,
// ErrDialect, apdu.ErrDead, or an *apdu.StatusError where the reader or the chip
// in it is another one. A CPU card is opened by New.
func Open(ch *apdu.Channel, chip Chip, d Dialect) (Memory, error) {
	switch chip {
	case SLE4442:
		return openSLE(ch, sle4442(), d)
	case SLE4428:
		return openSLE(ch, sle4428(), d)
	case AT88SC102:
		return openAT88SC102(ch)
	case AT88SC1608:
		return openAT88SC1608(ch, d)
	}
	if sectors := sectorsOf(chip); sectors > 0 {
		return openClassic(ch, sectors, d)
	}
	for _, k := range at24cs {
		if k.chip == chip {
			return openAT24C(ch, k)
		}
	}
	return nil, fmt.Errorf("%w: %q", ErrChip, chip)
}

// within holds an access against the area's size and its blocks.
func (a Area) within(offset, n int) error {
	whole := a.Mode != Blocks || offset%a.Unit == 0 && n%a.Unit == 0
	if offset < 0 || n < 1 || n > a.Size-offset || !whole {
		return fmt.Errorf("%w: %d bytes at %d of %d in %s", ErrRange, n, offset, a.Size, a.Name)
	}
	return nil
}

// code gives the bytes of a secret that has the use and size that are wanted.
func (s Secret) code(use Use, size int) ([]byte, error) {
	code := s.Code.Expose()
	if s.Use != use || len(code) != size {
		return nil, ErrUse
	}
	return code, nil
}

// spendable refuses to spend the last try.
func spendable(left int) error {
	switch {
	case left < 1:
		return ErrBlocked
	case left < 2:
		return ErrTriesLow
	}
	return nil
}
