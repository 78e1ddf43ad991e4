package vending

import (
	"bytes"
	"encoding/hex"
)

// CardState is the life of a card.
type CardState string

// A card is issuing from the moment its number is taken until a read-back
// proves that it carries it. The others are dead: lost and damaged at once when they
// are reported (RULES C2), returned when the customer hands it in.
const (
	CardIssuing  CardState = "issuing"
	CardActive   CardState = "active"
	CardLost     CardState = "lost"
	CardDamaged  CardState = "damaged"
	CardReturned CardState = "returned"
)

// Live says whether the card is, or is about to be, the card of its meter.
func (s CardState) Live() bool { return s == CardIssuing || s == CardActive }

// Card is an issued card: it works one meter (RULES C1).
type Card struct {
	No         string // CardDigits digits
	UID        []byte // the chip's serial number, 8 bytes
	Customer   int64
	Meter      string
	State      CardState
	KeyVersion uint8

	// Of an e-purse, see DESIGN.md of the counter; zero for other cards.
	Purse      bool
	CountsFrom uint32 // purchase count less the chip's own: it counts its loads itself, from 0
	Carried    int64  // its first load, where that was what the card before still held
	LeftBehind int64  // credit that the books have on it, and that is on dead purses or was taken from them
}

// LineSerial is the serial number under which a meter on a line is the card that it is: its number behind FA. A
// chip's may begin so, but does not go on so. It is nil where the number is not pairs of digits.
func LineSerial(meter string) []byte {
	digits, err := hex.DecodeString(meter)
	if err != nil {
		return nil
	}
	return append([]byte{0xFA}, digits...)
}

// Proof is who proves what became of a purchase on this card: a meter on a line is its own card.
func (c Card) Proof() Proof {
	if len(c.UID) > 0 && bytes.Equal(c.UID, LineSerial(c.Meter)) {
		return ByMeter
	}
	return ByCard
}

// What is refused about cards that died, and about those that follow them.
var (
	ErrCardBroken   = &Error{Kind: NotAllowed, Code: "card_broken"}
	ErrCardReturned = &Error{Kind: NotAllowed, Code: "card_returned"}
	ErrCardReplaced = &Error{Kind: NotAllowed, Code: "card_replaced"}
	ErrCardLives    = &Error{Kind: NotAllowed, Code: "card_lives"}
	ErrReissue      = &Error{Kind: NotAllowed, Code: "card_wants_reissue"}
	ErrFirstCard    = &Error{Kind: NotAllowed, Code: "card_never_issued"}
	ErrPapersDiffer = &Error{Kind: NotAllowed, Code: "papers_differ"}
	ErrRekeyOff     = &Error{Kind: NotAllowed, Code: "rekey_off"}
	ErrCopyOut      = &Error{Kind: NotAllowed, Code: "copy_out"}
)

// Kinds of deed in the life of a card.
const (
	DeedCardBegun    = "card begun"
	DeedCardIssued   = "card issued"
	DeedCardRekeyed  = "card keyed anew"
	DeedCardLost     = "card reported lost"
	DeedCardDamaged  = "card reported damaged"
	DeedCardFound    = "card found"
	DeedCardReturned = "card returned"
	DeedReissued     = "card reissued"
	DeedReissuedPaid = "card reissued, paid"
	DeedPurseRead    = "purse read" // its balance says what the meter has taken
	DeedPriceOrder   = "price order"
)

// Dead says which death the card has died, or nil. A dead card is never written.
func (c Card) Dead() error {
	switch c.State {
	case CardLost:
		return ErrCardLost.With("Card", c.No)
	case CardDamaged:
		return ErrCardBroken.With("Card", c.No)
	case CardReturned:
		return ErrCardReturned.With("Card", c.No)
	default:
		return nil
	}
}

// Sellable says why nothing may be sold on this card, or nil (RULES B10).
func (c Card) Sellable() error {
	if err := c.Dead(); err != nil {
		return err
	}
	if c.State != CardActive {
		return ErrCardNotActive.With("Card", c.No)
	}
	return nil
}

// Identify holds the papers that somebody shows against those on file (RULES C2): kind
// and last characters.
func (p Papers) Identify(shown Papers) error {
	switch {
	case p.Kind == "" || p.Tail == "":
		return ErrPapers
	case shown.Kind != p.Kind || shown.Tail != p.Tail:
		return ErrPapersDiffer
	}
	return nil
}
