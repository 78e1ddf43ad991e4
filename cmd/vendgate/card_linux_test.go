package main

import (
	"fmt"
	"log/slog"
	"os"
	"time"

	"github.com/rogpeppe/go-internal/testscript"

	"github.com/vendgate/vendgate/cardio"
	"github.com/vendgate/vendgate/cardio/sam"
	"github.com/vendgate/vendgate/fixtures/cardsim"
	"github.com/vendgate/vendgate/ledger"
	"github.com/vendgate/vendgate/vending"
	"github.com/vendgate/vendgate/vending/counter"
	"github.com/vendgate/vendgate/vending/store"
)

const (
	customerNo   = 1001
	meterNumber  = "10000000000001"
	cardNumber   = "8100000001"
	updateBinary = 0xD6
	writeMemory  = 0xD0 // of a memory card
)

// isWrite tells whether a command writes a card's contents.
func isWrite(cla, ins byte) bool { return ins == updateBinary || cla == 0xFF && ins == writeMemory }

// writeFaults happen at the next write to the card.
var writeFaults = map[string]cardsim.Effect{
	"pull-before": cardsim.PullBefore(),
	"pull-after":  cardsim.PullAfter(),
	"lose-answer": cardsim.LoseAnswer(),
}

// cmdCard is what hands do with cards. A card that was not there before is new and blank.
//
//	card insert [NAME]    put a card into the reader (without a name: "card")
//	card memory NAME KIND put a memory card of a kind that layout list names into it
//	card pull             take it out
//	card image FILE       write its EEPROM into a file
//	card fault KIND       at the next write: pull-before, pull-after, lose-answer
//	card foreign NAME     another utility issues this card, for the same meter
//	card unbooked NAME    our own keys issue this card, and the books do not know it
//	card to-meter         from the reader to the meter and back
func cmdCard(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) == 0 {
		ts.Fatalf("usage: card insert|memory|pull|image|fault|foreign|unbooked|to-meter [ARG]")
	}
	s, what := of(ts), append(args, "card")[1]
	switch args[0] {
	case "insert":
		ts.Check(s.seat.insert(s.card(what)))
	case "memory":
		s.cards[what] = cardsim.Fresh(args[2], 1, nil)
		ts.Check(s.seat.insert(s.cards[what]))
	case "pull":
		ts.Check(s.seat.pull())
	case "image":
		ts.Check(os.WriteFile(ts.MkAbs(what), s.seat.Chip().Image(), 0o600))
	case "fault":
		s.seat.Inject(func(_ int, c []byte) bool { return len(c) > 1 && isWrite(c[0], c[1]) }, writeFaults[what])
	case "foreign":
		ts.Check(s.forge(what))
	case "unbooked":
		ts.Check(s.issueElsewhere(what, s.keys))
	case "to-meter":
		ts.Check(s.toMeter())
	default:
		ts.Fatalf("card %s: unknown", args[0])
	}
}

// card is the one with that name, as one would mark it with a pencil.
func (s *site) card(name string) cardsim.Chip {
	if _, ok := s.cards[name]; !ok {
		var uid [8]byte
		copy(uid[:], fmt.Sprintf("%-8s", name))
		s.cards[name] = cardsim.NewBlank(uid)
	}
	return s.cards[name]
}

// forge makes a card that is not ours, nor looks to us like one whose issue was cut: one seal in 128 ends like that.
func (s *site) forge(name string) error {
	const file, last = 1, 47
	for {
		if err := s.issueElsewhere(name, sam.Generate()); err != nil {
			return err
		}
		if s.cards[name].(*cardsim.Card).File(file)[last]%0xFF != 0 {
			return nil
		}
		delete(s.cards, name)
	}
}

// issueElsewhere makes a blank card somebody's, behind the back of the books.
func (s *site) issueElsewhere(name string, keys *sam.File) error {
	slot := cardsim.NewSlot("elsewhere")
	slot.Insert(s.card(name))
	defer slot.Pull()
	terminal := &cardio.Terminal{Reader: slot, Keys: keys, Utility: 1}
	card, err := terminal.Issue(s.t.Context(), cardio.NewCard{Number: cardNumber, Meter: meterNumber, Unit: cardio.Litre})
	if err != nil {
		return err
	}
	return card.Close()
}

// cmdHousehold does what customer open and card issue do, faster.
func cmdHousehold(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) > 0 {
		ts.Fatalf("usage: household")
	}
	s := of(ts)
	ctx := s.t.Context()
	db, err := store.Open(ctx, s.dsn)
	ts.Check(err)
	defer db.Close()
	_, err = db.AddCustomer(ctx, vending.Customer{No: customerNo, Name: "王芳", Address: "3 栋 2 单元 501", Status: vending.InService, Tariff: "gas-residential"},
		vending.Meter{No: meterNumber, Commodity: ledger.Litre, MaxCredit: 2_000_000}, opening)
	ts.Check(err)
	slot := cardsim.NewSlot("back office")
	slot.Insert(s.card("card"))
	desk := &counter.Desk{Store: db, Now: time.Now, Log: slog.New(slog.DiscardHandler), By: clerk}
	card, _, err := desk.IssueCard(ctx, counter.At(&cardio.Terminal{Reader: slot, Keys: s.keys, Utility: 1}), customerNo, meterNumber)
	ts.Check(err)
	if card.No != cardNumber {
		ts.Fatalf("the card's number is %s", card.No)
	}
	_, _, err = desk.OpenShift(ctx, vending.Deed{By: clerk}, counter.ShiftOpening{Till: "1", Safe: "main"})
	ts.Check(err)
	slot.Pull()
	ts.Check(s.seat.insert(s.card("card")))
}

var clerk = vending.Actor{Staff: "clerk", Role: vending.RoleCashier, From: "test"}

var opening = vending.Deed{Kind: "customer opened", By: clerk}
