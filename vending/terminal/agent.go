package terminal

import (
	"context"
	"crypto/ed25519"
	"encoding/hex"
	"errors"
	"log/slog"
	"sync"
	"time"

	"github.com/google/uuid"

	"github.com/vendgate/vendgate/cardio"
	"github.com/vendgate/vendgate/cardio/apdu"
)

// holdTime is how long an agent keeps a card powered for a service that says nothing:
// longer than the service waits for a line, so that no repeated frame comes too late.
const holdTime = 60 * time.Second

// done is the status word of a command that was.
var done = [2]byte{0x90, 0x00}

// Agent does what frames ask, on one reader. A frame that it has answered it answers
// again without doing it again, on whichever line it comes. It is safe for concurrent use.
type Agent struct {
	Reader   cardio.Reader
	Scripts  ed25519.PublicKey // of the service
	MayIssue bool              // instructions that make files and keys are sent too
	Log      *slog.Logger

	mu        sync.Mutex
	insertion uuid.UUID
	n         uint32      // of the last frame of that insertion
	last      Answer      // to it
	link      cardio.Link // nil: no card, or it was lost
	chip      cardType    // of it, as its reader was told
	hold      *time.Timer
}

// Do does what a frame asks, or says again what came of it; reply is false for a frame
// that has no answer.
func (a *Agent) Do(ctx context.Context, f Frame) (answer Answer, reply bool) {
	a.mu.Lock()
	defer a.mu.Unlock()
	switch {
	case f.Kind == Close:
		if f.Insertion == a.insertion {
			a.release()
		}
		return Answer{}, false
	case f.Insertion == a.insertion && f.N == a.n:
		return a.last, true
	case f.Insertion == a.insertion && f.N != a.n+1:
		return a.refuse(ctx, f, FaultOrder), true
	case f.Insertion != a.insertion && f.Kind != Connect:
		return a.refuse(ctx, f, FaultInsertion), true
	}
	a.insertion, a.n = f.Insertion, f.N
	a.last = a.run(ctx, f)
	a.last.Insertion, a.last.N = f.Insertion, f.N
	return a.last, true
}

// refuse answers a frame that is not this insertion's next, and changes nothing.
func (a *Agent) refuse(ctx context.Context, f Frame, why Fault) Answer {
	a.Log.WarnContext(ctx, "frame refused", "why", string(why), "kind", string(f.Kind), "number", f.N)
	return Answer{Insertion: f.Insertion, N: f.N, Fault: why}
}

// run does a frame for the first time.
func (a *Agent) run(ctx context.Context, f Frame) Answer {
	if f.Kind == Connect {
		return a.connect(ctx)
	}
	if a.link == nil {
		return Answer{Fault: FaultDead}
	}
	a.hold.Reset(holdTime)
	if f.Kind == Script {
		return a.script(ctx, f)
	}
	return a.transmit(ctx, f.Command)
}

// connect lets go of the last card and powers the one that is there now.
func (a *Agent) connect(ctx context.Context) Answer {
	a.release()
	link, err := a.Reader.Connect(ctx)
	if err != nil {
		fault := faultOf(err)
		if fault != FaultNoCard { // which is how it is between two customers
			a.Log.WarnContext(ctx, "card not powered", "error", err)
		}
		return Answer{Fault: fault}
	}
	a.link, a.chip = link, 0
	insertion := a.insertion
	a.hold = time.AfterFunc(holdTime, func() { a.expire(insertion) })
	return Answer{ATR: link.ATR(), Reader: a.Reader.Name(), Issues: a.mayIssue()}
}

// mayIssue tells whether what makes files and keys is sent, by this agent and whatever stands behind its reader.
func (a *Agent) mayIssue() bool {
	r, ok := a.link.(cardio.Restricted)
	return a.MayIssue && (!ok || r.MayIssue())
}

// expire lets go of a card that nobody has asked for anything in holdTime.
func (a *Agent) expire(insertion uuid.UUID) {
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.insertion == insertion {
		a.release()
	}
}

func (a *Agent) transmit(ctx context.Context, command []byte) Answer {
	c, err := apdu.Parse(command)
	if err != nil {
		return a.forbid(ctx, command)
	}
	if _, ok := refused(a.chip, []apdu.Step{{Command: c}}, a.MayIssue); !ok {
		return a.forbid(ctx, command)
	}
	response, err := a.link.Transmit(command)
	if err != nil || len(response) < 2 {
		a.lose(ctx, err)
		return Answer{Fault: FaultDead}
	}
	a.chip = a.chip.after(c, [2]byte(response[len(response)-2:]) == done)
	return Answer{Response: response}
}

// script runs all steps where no line can cut them short. One that may not be sent
// keeps all of them from being sent.
func (a *Agent) script(ctx context.Context, f Frame) Answer {
	if !f.signed(a.Scripts) {
		a.Log.WarnContext(ctx, "script refused: its signature is not the service's")
		return Answer{Fault: FaultSignature}
	}
	if c, ok := refused(a.chip, f.Steps, a.MayIssue); !ok {
		return a.forbid(ctx, []byte{c.CLA, c.INS})
	}
	replies, err := apdu.NewChannel(a.link).Run(f.Steps...)
	for i, r := range replies {
		a.chip = a.chip.after(f.Steps[i].Command, r.Status == apdu.Done)
	}
	if errors.Is(err, apdu.ErrDead) {
		a.lose(ctx, err)
	}
	return Answer{Replies: replies}
}

// forbid names an instruction that was not sent: class and instruction, never its data.
func (a *Agent) forbid(ctx context.Context, command []byte) Answer {
	ins := hex.EncodeToString(command[:min(2, len(command))])
	a.Log.WarnContext(ctx, "instruction refused; --allow-issue is for a PC that issues cards", "instruction", ins)
	return Answer{Fault: FaultInstruction, INS: ins}
}

// lose drops a card that is lost. The rest of its insertion is dead.
func (a *Agent) lose(ctx context.Context, err error) {
	a.Log.InfoContext(ctx, "card lost", "error", err)
	a.release()
}

// release powers the card down.
func (a *Agent) release() {
	if a.link == nil {
		return
	}
	a.hold.Stop()
	if err := a.link.Close(); err != nil {
		a.Log.Warn("card not powered down", "error", err)
	}
	a.link = nil
}

// Stop lets go of the card.
func (a *Agent) Stop() {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.release()
}
