package terminal

import (
	"bytes"
	"errors"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/uuid"

	"github.com/vendgate/vendgate/cardio"
	"github.com/vendgate/vendgate/cardio/apdu"
)

var update = []byte{0x04, 0xD6, 0x81, 0x00, 2, 1, 2}

func newAgent() (*Agent, *tape) {
	card := new(tape)
	return &Agent{Reader: card, Scripts: public(testKey(1)), Log: silent}, card
}

// A frame that comes again is answered as before, and the card hears nothing of it.
func TestRepeatedFrame(t *testing.T) {
	t.Parallel()
	a, card := newAgent()
	for range 3 {
		if got := do(t, a, Frame{Insertion: insertion, Kind: Connect}); got.Fault != "" || !bytes.Equal(got.ATR, card.ATR()) {
			t.Fatalf("%+v", got)
		}
	}
	first := do(t, a, Frame{Insertion: insertion, N: 1, Kind: Transmit, Command: update})
	for range 3 {
		again := do(t, a, Frame{Insertion: insertion, N: 1, Kind: Transmit, Command: update})
		if !bytes.Equal(again.Response, first.Response) || len(first.Response) != 3 {
			t.Errorf("%X, then %X", first.Response, again.Response)
		}
	}
	if card.powers != 1 || card.count() != 1 {
		t.Errorf("powered %d times, %d commands", card.powers, card.count())
	}
	steps := Frame{Insertion: insertion, N: 2, Kind: Script, Steps: []apdu.Step{{Command: apdu.Command{INS: 0xB0, Le: 1}}, {Command: apdu.Command{INS: 0xB0, Le: 2}}}}
	steps.sign(testKey(1))
	for range 3 {
		if got := do(t, a, steps); len(got.Replies) != 2 || got.Fault != "" {
			t.Errorf("%+v", got)
		}
	}
	if card.count() != 3 {
		t.Errorf("%d commands", card.count())
	}
}

// A frame for an insertion that is over, or out of its order, is refused by name.
func TestOldInsertion(t *testing.T) {
	t.Parallel()
	a, card := newAgent()
	yesterday, today := uuid.New(), uuid.New()
	if got := do(t, a, Frame{Insertion: yesterday, N: 1, Kind: Transmit, Command: update}); got.Fault != FaultInsertion {
		t.Errorf("before any: %+v", got)
	}
	do(t, a, Frame{Insertion: yesterday, Kind: Connect})
	do(t, a, Frame{Insertion: today, Kind: Connect})
	if got := do(t, a, Frame{Insertion: yesterday, N: 1, Kind: Transmit, Command: update}); got.Fault != FaultInsertion {
		t.Errorf("yesterday's: %+v", got)
	}
	if got := do(t, a, Frame{Insertion: today, N: 2, Kind: Transmit, Command: update}); got.Fault != FaultOrder {
		t.Errorf("one left out: %+v", got)
	}
	if card.count() != 0 || card.powers != 2 {
		t.Errorf("%d commands, powered %d times", card.count(), card.powers)
	}
	if _, reply := a.Do(t.Context(), Frame{Insertion: yesterday, N: 9, Kind: Close}); reply || !card.powered() {
		t.Error("yesterday's close let go of today's card")
	}
	if _, reply := a.Do(t.Context(), Frame{Insertion: today, N: 1, Kind: Close}); reply || card.powered() {
		t.Error("the card is still powered")
	}
}

// After a card is lost its insertion is dead: nothing more is sent, whatever comes.
func TestLostCard(t *testing.T) {
	t.Parallel()
	a, card := newAgent()
	do(t, a, Frame{Insertion: insertion, Kind: Connect})
	card.fails = errors.New("pulled")
	if got := do(t, a, Frame{Insertion: insertion, N: 1, Kind: Transmit, Command: update}); got.Fault != FaultDead || card.powered() {
		t.Errorf("%+v, powered %t", got, card.powered())
	}
	card.fails = nil
	for n := uint32(1); n < 4; n++ {
		if got := do(t, a, Frame{Insertion: insertion, N: n, Kind: Transmit, Command: update}); got.Fault != FaultDead {
			t.Errorf("%d: %+v", n, got)
		}
	}
	if card.count() != 0 {
		t.Errorf("%d commands after it was lost", card.count())
	}
	card.empty = true
	if got := do(t, a, Frame{Insertion: uuid.New(), Kind: Connect}); got.Fault != FaultNoCard || !errors.Is(got.err(), cardio.ErrNoCard) {
		t.Errorf("%+v", got)
	}
}

// An unsigned script, and one with a single instruction too many, is not begun.
func TestScriptsThatAreNotRun(t *testing.T) {
	t.Parallel()
	a, card := newAgent()
	do(t, a, Frame{Insertion: insertion, Kind: Connect})
	write := apdu.Step{Command: apdu.Command{INS: 0xD6, P2: 0x20, Data: []byte{1}}}
	protect := apdu.Step{Command: apdu.Command{CLA: 0xFF, INS: 0xD1, P2: 0x01, Data: []byte{1}}}
	unsigned := Frame{Insertion: insertion, N: 1, Kind: Script, Steps: []apdu.Step{write}}
	if got := do(t, a, unsigned); got.Fault != FaultSignature {
		t.Errorf("unsigned: %+v", got)
	}
	foreign := Frame{Insertion: insertion, N: 2, Kind: Script, Steps: []apdu.Step{write}}
	foreign.sign(testKey(2))
	if got := do(t, a, foreign); got.Fault != FaultSignature {
		t.Errorf("signed by somebody: %+v", got)
	}
	last := Frame{Insertion: insertion, N: 3, Kind: Script, Steps: []apdu.Step{write, write, protect}}
	last.sign(testKey(1))
	if got := do(t, a, last); got.Fault != FaultInstruction || got.INS != "ffd1" {
		t.Errorf("with a protection: %+v", got)
	}
	if card.count() != 0 {
		t.Errorf("%d commands were sent", card.count())
	}
}

// A script stops where a step is not answered as wanted.
func TestScriptStops(t *testing.T) {
	t.Parallel()
	a, card := newAgent()
	do(t, a, Frame{Insertion: insertion, Kind: Connect})
	f := Frame{Insertion: insertion, N: 1, Kind: Script, Steps: []apdu.Step{
		{Command: apdu.Command{INS: 0xB0, Le: 1}, WantData: []byte{1}},
		{Command: apdu.Command{INS: 0xB0, Le: 1}, WantData: []byte{7}},
		{Command: apdu.Command{INS: 0xD6, Data: []byte{1}}},
	}}
	f.sign(testKey(1))
	if got := do(t, a, f); len(got.Replies) != 2 || card.count() != 2 {
		t.Errorf("%+v, %d commands", got, card.count())
	}
}

// A card that nobody asks for anything is let go of, and the clock starts anew with
// every frame.
func TestHeldCardIsLetGo(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		a, card := newAgent()
		do(t, a, Frame{Insertion: insertion, Kind: Connect})
		time.Sleep(holdTime - time.Second) // of the bubble's clock
		do(t, a, Frame{Insertion: insertion, N: 1, Kind: Transmit, Command: update})
		time.Sleep(holdTime - time.Second) // likewise
		synctest.Wait()
		if !card.powered() {
			t.Error("it was let go of in the middle")
		}
		time.Sleep(2 * time.Second) // likewise
		synctest.Wait()
		if card.powered() {
			t.Error("it is still powered")
		}
		if got := do(t, a, Frame{Insertion: insertion, N: 2, Kind: Transmit, Command: update}); got.Fault != FaultDead {
			t.Errorf("%+v", got)
		}
	})
}
