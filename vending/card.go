package vending

// CardState is the life of a card.
type CardState string

// A card is issuing from the moment its number is taken until a read-back
// proves that it carries it. A lost card is dead at once (RULES C2).
const (
	CardIssuing CardState = "issuing"
	CardActive  CardState = "active"
	CardLost    CardState = "lost"
)

// Card is an issued card: it works one meter (RULES C1).
type Card struct {
	No         string // CardDigits digits
	UID        []byte // the chip's serial number, 8 bytes
	Customer   int64
	Meter      string
	State      CardState
	KeyVersion uint8
}

// Sellable says why nothing may be sold on this card, or nil (RULES B10).
func (c Card) Sellable() error {
	switch c.State {
	case CardActive:
		return nil
	case CardLost:
		return ErrCardLost.With("Card", c.No)
	default:
		return ErrCardNotActive.With("Card", c.No)
	}
}
