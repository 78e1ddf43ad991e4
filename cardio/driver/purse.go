package driver

import (
	"encoding/binary"
	"errors"
	"fmt"
	"time"

	"github.com/vendgate/vendgate/cardio/apdu"
)

// LoadKey is the issuer's key of a purse's loads.
type LoadKey interface {
	SessionMAC(random [4]byte, sequence uint16, message []byte) ([4]byte, error)
}

// TACKey proves a purse's receipts.
type TACKey interface {
	TAC(message []byte) ([4]byte, error)
}

// PurseKind is which of a card's two purses.
type PurseKind byte

// The purses of PBOC, as P2 and as the type of their loads.
const (
	Passbook PurseKind = 1 // ED, may want a PIN before it is loaded
	Wallet   PurseKind = 2 // EP
)

// Errors of a purse.
var (
	ErrMAC1   = errors.New("the purse's MAC is wrong: the card is another issuer's")
	ErrTAC    = errors.New("the purse's receipt is wrong: whether it was loaded is not proved")
	ErrFull   = errors.New("the purse has no room for the amount")
	ErrUnsure = errors.New("the purse's proof, balance and sequence do not agree on whether it was loaded")
)

// Purse is the e-purse of the current application (JR/T 0025.2; cards.md §2).
type Purse struct {
	ch   *apdu.Channel
	kind PurseKind
	key  byte // id of the load key
}

// Purse is one of the purses of the application that was selected; keyID is its load key's.
func (c *CPU) Purse(kind PurseKind, keyID byte) *Purse { return &Purse{c.ch, kind, keyID} }

// Load is one load of a purse. It is written down before Credit is called: with
// it, and with the same card, Settle finds out later what became of the load.
type Load struct {
	Amount   uint32  // fen
	Terminal [6]byte // who loads
	When     [7]byte // YYYYMMDDhhmmss in BCD; zero until Sign
	MAC2     [4]byte // the issuer's, over all that; zero until Sign
	Balance  uint32  // fen, before
	Sequence uint16  // of the purse's loads, before
	random   [4]byte // good for the next command only, so it is not kept
}

// Balance is what the purse holds, in fen.
func (p *Purse) Balance() (uint32, error) {
	data, err := exact(p.ch, apdu.Command{CLA: 0x80, INS: 0x5C, P2: byte(p.kind), Le: 4})
	if err != nil {
		return 0, step("read the balance", err)
	}
	return binary.BigEndian.Uint32(data), nil
}

// Start is INITIALIZE FOR LOAD: it changes nothing on the card. The card's MAC1 proves
// that it holds the issuer's key, and that balance and sequence are its own: ErrMAC1;
// ErrFull beside the load.
func (p *Purse) Start(amount uint32, terminal [6]byte, key LoadKey) (Load, error) {
	l := Load{Amount: amount, Terminal: terminal}
	data := append([]byte{p.key}, l.order()...)
	data = append(data, terminal[:]...)
	answer, err := exact(p.ch, apdu.Command{CLA: 0x80, INS: 0x50, P2: byte(p.kind), Data: data, Le: 16})
	if err != nil {
		return Load{}, step("begin to load the purse", err)
	}
	l.Balance, l.Sequence = binary.BigEndian.Uint32(answer), binary.BigEndian.Uint16(answer[4:])
	l.random = [4]byte(answer[8:])
	mac1, err := key.SessionMAC(l.random, l.Sequence, append(answer[:4:4], p.signed(l)...))
	switch {
	case err != nil:
		return Load{}, step("begin to load the purse", err)
	case mac1 != [4]byte(answer[12:]):
		return Load{}, step("begin to load the purse", ErrMAC1)
	case uint64(l.Balance)+uint64(amount) > 0xFFFFFFFF:
		return l, ErrFull
	}
	return l, nil
}

// Stamp is a load's When, in t's own time zone.
func Stamp(t time.Time) (when [7]byte) {
	for i, n := range [...]int{t.Year() / 100, t.Year() % 100, int(t.Month()), t.Day(), t.Hour(), t.Minute(), t.Second()} {
		when[i] = byte(n/10<<4 | n%10)
	}
	return when
}

// Sign dates a load and gives it the issuer's MAC. It is then all there, to be written down. Nothing is sent.
func (p *Purse) Sign(l Load, at time.Time, key LoadKey) (_ Load, err error) {
	l.When = Stamp(at)
	l.MAC2, err = key.SessionMAC(l.random, l.Sequence, append(p.signed(l), l.When[:]...))
	return l, step("sign the load", err)
}

// Credit is CREDIT FOR LOAD of a load that was signed, and must be the next command after Start. nil means that
// the card gave the receipt of the load: it is read back all the same. A wrong MAC
// is ErrSecret: it counts against the purse, so the load is not begun again. After
// any other error only Settle can tell.
func (p *Purse) Credit(l Load, receipt TACKey) error {
	want, err := p.receipt(l, receipt)
	if err != nil {
		return step("load the purse", err)
	}
	data := append(l.When[:], l.MAC2[:]...)
	tac, err := exact(p.ch, apdu.Command{CLA: 0x80, INS: 0x52, Data: data, Le: 4})
	var refused *apdu.StatusError
	switch {
	case errors.As(err, &refused) && (refused.Status == wrongMAC || refused.Status == purseBlocked):
		err = fmt.Errorf("%w: %w", ErrSecret, err)
	case err == nil && [4]byte(tac) != want:
		err = ErrTAC
	}
	return step("load the purse", err)
}

// Settle finds out on the same card, in a later session, whether a load took. The
// card's proof decides, and must agree with balance and sequence: ErrUnsure, or ErrTAC
// where the proof is not this load's. It asks for the proof first, since the next
// INITIALIZE may destroy it. A meter that bought since has put its own proof in the
// place of the load's: a sequence one ahead under a balance below what the load made
// says so.
func (p *Purse) Settle(l Load, key LoadKey, receipt TACKey) (loaded bool, err error) {
	proved, err := p.proved(l, receipt)
	if err != nil {
		return false, step("ask the purse for its proof", err)
	}
	if proved { // the receipt covers sequence and balance after the load
		balance, err := p.Balance()
		if err == nil && balance != l.Balance+l.Amount {
			err = fmt.Errorf("%w: proved, with %d fen of %d", ErrUnsure, balance, l.Balance+l.Amount)
		}
		return err == nil, err
	}
	now, err := p.Start(l.Amount, l.Terminal, key)
	if err != nil && !errors.Is(err, ErrFull) {
		return false, err
	}
	switch bought := uint64(now.Balance) < uint64(l.Balance)+uint64(l.Amount); {
	case now.Sequence == l.Sequence && now.Balance <= l.Balance: // less is what the meter took meanwhile
		return false, nil
	case now.Sequence == l.Sequence+1 && bought:
		return true, nil
	}
	return false, fmt.Errorf("%w: no proof, sequence %d after %d", ErrUnsure, now.Sequence, l.Sequence)
}

// Look is the balance and the sequence, proved by the card's MAC1. A card may refuse to be asked about nothing, so it is
// asked about one fen, which nobody then credits.
func (p *Purse) Look(terminal [6]byte, key LoadKey) (Load, error) {
	l, err := p.Start(1, terminal, key)
	if errors.Is(err, ErrFull) {
		err = nil
	}
	return l, err
}

// Status words of a purse. No proof is the answer about a transaction that was not done.
const (
	wrongMAC     apdu.Status = 0x9302
	purseBlocked apdu.Status = 0x9303
	noProof      apdu.Status = 0x9406
)

// proved is GET TRANSACTION PROVE: 9000 with a receipt when the load was done, 9406 when it was not.
func (p *Purse) proved(l Load, receipt TACKey) (bool, error) {
	want, err := p.receipt(l, receipt)
	if err != nil {
		return false, err
	}
	data := binary.BigEndian.AppendUint16(nil, l.Sequence)
	answer, err := exact(p.ch, apdu.Command{CLA: 0x80, INS: 0x5A, P2: byte(p.kind), Data: data, Le: 8})
	var refused *apdu.StatusError
	switch {
	case errors.As(err, &refused) && refused.Status == noProof:
		return false, nil
	case err != nil:
		return false, err
	case [4]byte(answer[4:]) != want:
		return false, ErrTAC
	}
	return true, nil
}

// receipt is the TAC that the card must give for l.
func (p *Purse) receipt(l Load, key TACKey) ([4]byte, error) {
	message := binary.BigEndian.AppendUint32(nil, l.Balance+l.Amount)
	message = binary.BigEndian.AppendUint16(message, l.Sequence)
	return key.TAC(append(append(message, p.signed(l)...), l.When[:]...))
}

// order is the amount as the card takes it.
func (l Load) order() []byte { return binary.BigEndian.AppendUint32(nil, l.Amount) }

// signed is what every MAC of a load covers: amount, type and terminal.
func (p *Purse) signed(l Load) []byte {
	return append(append(l.order(), byte(p.kind)), l.Terminal[:]...)
}
