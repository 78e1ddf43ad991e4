package cardio

import (
	"context"
	"errors"
)

// Link is one powered card: the bottom interface of everything that talks to
// a card. A PC/SC reader, a remote reader, an emulator, a recorder and a fault
// injector all are a Link.
type Link interface {
	// Transmit sends one command APDU and returns data || SW1 SW2. Any error,
	// and any answer of fewer than two bytes, means that nothing is known about
	// the card any more: the link is dead for good (pcsc-lite was seen to answer
	// err == nil with zero bytes, and to let a swapped-in card answer on the old
	// handle).
	Transmit(command []byte) ([]byte, error)
	// ATR is the card's answer to reset, as read when the link was made.
	ATR() []byte
	// Close powers the card down and releases the reader. It never blocks on a
	// card that hangs.
	Close() error
}

// Reader is a place into which one card is put.
type Reader interface {
	Name() string
	// Connect powers up the card that is in the reader now, whichever it is.
	// It fails with ErrNoCard, ErrNoReader, ErrReaderBusy or ErrReaderStuck.
	Connect(ctx context.Context) (Link, error)
}

// What can be wrong with a reader or with the card in it. Callers branch on these.
var (
	ErrNoReader    = errors.New("no such card reader, or it was unplugged")
	ErrNoCard      = errors.New("no card in the reader")
	ErrReaderBusy  = errors.New("the card reader is in use by another program")
	ErrReaderStuck = errors.New("the card in the reader does not answer: pull it out")
	ErrLinkDead    = errors.New("the connection to the card was lost")

	ErrUnknownCard    = errors.New("not a card that vendgate knows")
	ErrBlankCard      = errors.New("the card is blank: it has not been issued")
	ErrForeignCard    = errors.New("the card was issued by another utility, or its data was forged")
	ErrDamagedCard    = errors.New("the card holds no valid copy of its data")
	ErrNotBlank       = errors.New("the card has been issued already")
	ErrOtherCard      = errors.New("a different card is in the reader now")
	ErrKeyVersion     = errors.New("the card uses a key version that this service does not have")
	ErrTrialCard      = errors.New("the card is keyed for trials, and this service is in production")
	ErrProductionCard = errors.New("the card is keyed for production, and this service has trial keys")
	ErrCardRefused    = errors.New("the card refused the command")
	ErrAuthTriesLow   = errors.New("the card's key has one try left: it is not spent by a program")
	ErrOrderNotValid  = errors.New("the order does not fit the card")

	ErrUnknownContent = errors.New("the chip is known, and what is on it no layout of ours")
	ErrTwoLayouts     = errors.New("what is on the card fits two layouts: one of them has to go")
	ErrToolCard       = errors.New("this is a tool card for meters, not a customer's")
	ErrTorn           = errors.New("a write to the card was cut: it holds neither the old nor the new data")
	ErrReadOnly       = errors.New("cards of this layout can be read, not written")
	ErrUnloaded       = errors.New("the meter may not have taken what is on the card: a new purchase would take its place")
	ErrNoJournal      = errors.New("no journal for a card whose write can be torn: nothing was written")
	ErrCountsItself   = errors.New("an e-purse counts its loads itself, from 0")
	ErrNoUnload       = errors.New("only the meter takes from an e-purse: what was loaded cannot be taken back")
	ErrNoCodes        = errors.New("no secret codes for memory cards: nothing was written")
	ErrNoRekey        = errors.New("such a card cannot be keyed anew while it is in use: its next one has the new keys")
	ErrHalfKeyed      = errors.New("the keying of the card was cut: it has to be presented again, and its meter refuses it until then")
	ErrNotErased      = errors.New("the card's memory was not erased, and holds what it held: its erase key is another one, or it counts its erasures")
	ErrDialect        = errors.New("the reader answers about memory cards in a form that vendgate does not know: it is none of ACS")
	ErrNotHere        = errors.New("commands that make keys are not sent by this terminal: it was started without --allow-issue")
	ErrCode           = errors.New("the card's secret code is another one: it is not ours, or was keyed anew")
)
