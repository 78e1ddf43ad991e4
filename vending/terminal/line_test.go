package terminal

import (
	"context"
	"errors"
	"fmt"
	"testing"
	"time"

	"github.com/google/uuid"

	"github.com/vendgate/vendgate/cardio"
	"github.com/vendgate/vendgate/cardio/apdu"
	"github.com/vendgate/vendgate/fixtures/wirecut"
	"github.com/vendgate/vendgate/vending"
)

// connected is a rig with one terminal that has dialled in.
func connected(t *testing.T) (*rig, *running, vending.Terminal) {
	t.Helper()
	r := newRig(t)
	id := r.enrol("2")
	x := r.run(id)
	at := r.terminal(id)
	r.online(at)
	return r, x, at
}

// sell does to a card what a top-up does: three single commands and two scripts.
func sell(ctx context.Context, reader cardio.Reader) error {
	l, err := reader.Connect(ctx)
	if err != nil {
		return err
	}
	defer l.Close()
	ch := apdu.NewChannel(l)
	read := apdu.Step{Command: apdu.Command{INS: 0xB0, P1: 0x81, Le: 1}}
	if _, err := ch.Run(read, read); err != nil {
		return err
	}
	for range 3 {
		if _, err := ch.Send(apdu.Command{INS: 0x84, Le: 1}); err != nil {
			return err
		}
	}
	replies, err := ch.Run(apdu.Step{Command: apdu.Command{INS: 0xD6, P1: 0x81, Data: []byte{1}}}, read)
	if err == nil && len(replies) != 2 {
		err = fmt.Errorf("%d replies", len(replies))
	}
	return err
}

const (
	sellCommands = 7
	sellFrames   = 6 // with the one that powers the card
)

// The line is cut before and after every record of a sale, either way, and comes back:
// every command reaches the card once.
func TestLineCutAtEveryFrame(t *testing.T) {
	t.Parallel()
	r, x, at := connected(t)
	reader := r.hub.Reader(at)
	cuts := 0
	for _, direction := range []wirecut.Direction{wirecut.In, wirecut.Out} {
		for _, delivered := range []bool{false, true} {
			for record := 0; ; record++ {
				before, powers := x.card.count(), x.card.powers
				r.proxy.Arm(wirecut.Cut{Direction: direction, Record: record, Delivered: delivered})
				if err := sell(t.Context(), reader); err != nil {
					t.Errorf("%s, record %d, delivered %t: %v", direction, record, delivered, err)
				}
				if n, p := x.card.count()-before, x.card.powers-powers; n != sellCommands || p != 1 {
					t.Errorf("%s, record %d, delivered %t: %d commands, powered %d times", direction, record, delivered, n, p)
				}
				if !r.proxy.Disarm() {
					break // the sale was over before
				}
				cuts++
				r.online(at)
			}
		}
	}
	if cuts < 4*sellFrames {
		t.Errorf("%d cuts", cuts)
	}
	t.Logf("%d cuts of a sale of %d round trips", cuts, sellFrames)
}

// An agent that does not come back in time has lost its card.
func TestAgentStaysAway(t *testing.T) {
	t.Parallel()
	r, x, at := connected(t)
	r.hub.seat(at).patience = 200 * time.Millisecond
	l, err := r.hub.Reader(at).Connect(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	x.stop()
	gone := time.Now()
	for range 2 {
		if _, err := l.Transmit(update); !errors.Is(err, cardio.ErrLinkDead) || !errors.Is(err, vending.ErrTerminalAway) {
			t.Errorf("%v", err)
		}
	}
	if _, err := r.hub.Reader(at).Connect(t.Context()); !errors.Is(err, vending.ErrTerminalAway) || errors.Is(err, cardio.ErrLinkDead) {
		t.Errorf("%v", err)
	}
	if waited := time.Since(gone); waited > answerTime/2 {
		t.Errorf("waited %s for nobody", waited)
	}
	if x.card.powered() {
		t.Error("the card is still powered")
	}
}

// A service that was started anew knows nothing of the old one's card, and the agent
// lets it have a new insertion only.
func TestServiceRestarted(t *testing.T) {
	t.Parallel()
	r, x, at := connected(t)
	old, err := r.hub.Reader(at).Connect(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if _, err := old.Transmit(update); err != nil {
		t.Fatal(err)
	}
	r.restart()
	r.online(at)
	now, err := r.hub.Reader(at).Connect(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if _, err := now.Transmit(update); err != nil {
		t.Error(err)
	}
	// The old one's frames, said by the new service, are refused by name.
	stale := old.(*link)
	stale.to = r.hub.seat(at)
	if _, err := old.Transmit(update); !errors.Is(err, vending.ErrOldInsertion) || !errors.Is(err, cardio.ErrLinkDead) {
		t.Errorf("%v", err)
	}
	if x.card.count() != 2 {
		t.Errorf("%d commands", x.card.count())
	}
}

// An answer to something else, as one that came too late, is taken by nobody.
func TestLateAnswers(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	id := r.enrol("2")
	conn := r.raw(id)
	say := func(m Message) {
		if err := write(context.Background(), conn, m.Encode()); err != nil {
			t.Error(err)
		}
	}
	say(Message{Hello: &Hello{Run: uuid.New()}})
	go func() {
		f, err := nextFrame(context.Background(), conn)
		if err != nil {
			t.Error(err)
		}
		say(Message{Answer: &Answer{Insertion: uuid.New(), N: f.N, ATR: []byte{1}}})
		say(Message{Answer: &Answer{Insertion: f.Insertion, N: f.N + 1, ATR: []byte{2}}})
		say(Message{Answer: &Answer{Insertion: f.Insertion, N: f.N, ATR: []byte{3}}})
	}()
	l, err := r.hub.Reader(r.terminal(id)).Connect(t.Context())
	if err != nil || l.ATR()[0] != 3 {
		t.Errorf("%v, %v", l, err)
	}
}

// What is not allowed at the terminal is named at the counter.
func TestInstructionIsNamed(t *testing.T) {
	t.Parallel()
	r, x, at := connected(t)
	l, err := r.hub.Reader(at).Connect(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	_, err = l.Transmit([]byte{0x80, 0x0E, 0, 0, 0})
	var named *vending.Error
	if !errors.As(err, &named) || named.Code != vending.ErrInstruction.Code || named.Args["INS"] != "800e" {
		t.Errorf("%v", err)
	}
	if x.card.count() != 0 {
		t.Error("it was sent")
	}
}

// A card that is put in is told to the service, on the line there is and on the next.
func TestInsertedIsTold(t *testing.T) {
	t.Parallel()
	r, x, at := connected(t)
	x.Card(t.Context(), true)
	if till := <-r.inserted; till != "2" {
		t.Errorf("till %s", till)
	}
	r.restart()
	r.online(at)
	if till := <-r.inserted; till != "2" {
		t.Errorf("till %s", till)
	}
}

// What is wrong with a reader comes through under the same names.
func TestReaderErrorsComeThrough(t *testing.T) {
	t.Parallel()
	r, x, at := connected(t)
	x.card.empty = true
	if _, err := r.hub.Reader(at).Connect(t.Context()); !errors.Is(err, cardio.ErrNoCard) {
		t.Errorf("%v", err)
	}
	for _, f := range readerFaults {
		if got := (Answer{Fault: faultOf(fmt.Errorf("reader: %w", f.err))}).err(); !errors.Is(got, f.err) {
			t.Errorf("%v came through as %v", f.err, got)
		}
		if err := lost(f.err); errors.Is(err, cardio.ErrNoCard) || errors.Is(err, cardio.ErrNoReader) {
			t.Errorf("in the middle of it: %v", err)
		}
	}
}
