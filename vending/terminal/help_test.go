package terminal

import (
	"context"
	"crypto/ed25519"
	"log/slog"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/google/uuid"

	"github.com/vendgate/vendgate/cardio"
	"github.com/vendgate/vendgate/vending"
)

// waiting bounds every wait of these tests.
const waiting = 20 * time.Second

var silent = slog.New(slog.DiscardHandler)

func testKey(n byte) ed25519.PrivateKey {
	return ed25519.NewKeyFromSeed(slices.Repeat([]byte{n}, ed25519.SeedSize))
}

func public(k ed25519.PrivateKey) ed25519.PublicKey { return k.Public().(ed25519.PublicKey) }

// chest is a register in memory, with the rules of the database.
type chest struct {
	mu        sync.Mutex
	codes     map[[32]byte]vending.EnrolCode
	used      map[[32]byte]bool
	terminals map[uuid.UUID]vending.Terminal
}

func newChest() *chest {
	return &chest{codes: map[[32]byte]vending.EnrolCode{}, used: map[[32]byte]bool{}, terminals: map[uuid.UUID]vending.Terminal{}}
}

func (c *chest) Terminal(_ context.Context, id uuid.UUID) (vending.Terminal, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	t, ok := c.terminals[id]
	if !ok {
		return t, vending.ErrNoTerminal.With("Which", id.String())
	}
	return t, nil
}

func (c *chest) EnrolTerminal(_ context.Context, code [32]byte, t vending.Terminal, now time.Time) (vending.Terminal, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	kept, ok := c.codes[code]
	switch {
	case !ok:
		return t, vending.ErrCodeWrong
	case c.used[code]:
		return t, vending.ErrCodeUsed
	case now.After(kept.Expires):
		return t, vending.ErrCodeExpired
	}
	t.Till, t.By = kept.Till, kept.By
	c.used[code], c.terminals[t.ID] = true, t
	return t, nil
}

func (c *chest) revoke(id uuid.UUID) {
	c.mu.Lock()
	defer c.mu.Unlock()
	t := c.terminals[id]
	t.Revoked = time.Now()
	c.terminals[id] = t
}

// tape is a reader with one card that answers 9000, or what it is told to, to everything and keeps what it
// was sent.
type tape struct {
	mu     sync.Mutex
	sent   [][]byte
	powers int
	open   bool
	fails  error // of the next command
	answer []byte
	empty  bool
}

func (c *tape) Name() string { return "tape" }

func (c *tape) Connect(context.Context) (cardio.Link, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.empty {
		return nil, cardio.ErrNoCard
	}
	c.powers++
	c.open = true
	return c, nil
}

func (c *tape) Transmit(command []byte) ([]byte, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.fails != nil {
		return nil, c.fails
	}
	c.sent = append(c.sent, slices.Clone(command))
	if c.answer != nil {
		return c.answer, nil
	}
	return []byte{byte(len(c.sent)), 0x90, 0}, nil
}

func (c *tape) ATR() []byte { return []byte{0x3B, 0x00} }

func (c *tape) Close() error {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.open = false
	return nil
}

// powered tells whether somebody holds the card.
func (c *tape) powered() bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.open
}

func (c *tape) count() int {
	c.mu.Lock()
	defer c.mu.Unlock()
	return len(c.sent)
}

// do has an agent do a frame that has an answer.
func do(t *testing.T, a *Agent, f Frame) Answer {
	t.Helper()
	answer, reply := a.Do(t.Context(), f)
	if !reply || answer.Insertion != f.Insertion || answer.N != f.N {
		t.Fatalf("%+v, %t", answer, reply)
	}
	return answer
}
