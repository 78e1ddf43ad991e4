package counter_test

import (
	"context"
	"fmt"
	"math/rand/v2"
	"os"
	"sync"
	"testing"
	"time"

	"github.com/google/uuid"

	"github.com/vendgate/vendgate/cardio"
	"github.com/vendgate/vendgate/fixtures/cardsim"
	"github.com/vendgate/vendgate/vending"
	"github.com/vendgate/vendgate/vending/counter"
	"github.com/vendgate/vendgate/vending/store"
)

const (
	quarrelHomes  = 3
	quarrelVisits = 10 // of the card to each of two desks
)

// TestSoakQuarrel: two desks want one card. It leaves one of them in the middle of a sale and is at the other before the first has
// told the books; commits are cut; meanwhile the meter is read and the customer's book is written. Whatever either was told stays true.
// One short round, or for as long as SOAK says; the seed is of what is done, not of who is faster.
func TestSoakQuarrel(t *testing.T) {
	t.Parallel()
	duration, _ := time.ParseDuration(os.Getenv("SOAK"))
	for end, seed := time.Now().Add(duration), rand.Uint64(); ; seed++ {
		ok := t.Run(fmt.Sprint("seed ", seed), func(t *testing.T) {
			w := newWorld(t)
			var quarrels sync.WaitGroup
			defer quarrels.Wait()
			for i := range quarrelHomes {
				q := &quarrel{world: w, home: w.household(t), random: rand.New(rand.NewPCG(seed, uint64(i))), told: map[uuid.UUID]vending.State{}}
				quarrels.Go(func() { q.run(t) })
			}
		})
		if !ok || !time.Now().Before(end) {
			return
		}
	}
}

// quarrel is over the card of one household.
type quarrel struct {
	*world
	home *household
	hand sync.Mutex // who has the card

	mu     sync.Mutex // of what follows
	random *rand.Rand
	sales  [3]counter.TopUpRequest     // that clients ask for, again and again
	told   map[uuid.UUID]vending.State // how sales were said to have ended
}

func (q *quarrel) roll(sides int) int {
	q.mu.Lock()
	defer q.mu.Unlock()
	return q.random.IntN(sides)
}

// sale is one that was asked for before, or a new one.
func (q *quarrel) sale() counter.TopUpRequest {
	q.mu.Lock()
	defer q.mu.Unlock()
	s := &q.sales[q.random.IntN(len(q.sales))]
	if s.ID == uuid.Nil || q.random.IntN(4) == 0 {
		*s = request(int64(100 + q.random.IntN(50_000)))
	}
	return *s
}

func (q *quarrel) run(t *testing.T) {
	ctx := t.Context()
	over := make(chan struct{})
	var desks, others sync.WaitGroup
	for range 2 {
		desks.Go(func() { q.serve(t) })
	}
	for _, deed := range []func() error{
		func() error { q.home.meter.Burn(int64(q.roll(20))); return q.read(ctx, q.home) },
		func() error {
			return q.store.ForCustomer(ctx, q.home.no, vending.Deed{Kind: "mandate", By: clerk}, func(tx *store.Tx) error {
				return tx.SetMandate(ctx, fmt.Sprint(q.roll(1_000_000)))
			})
		},
	} {
		others.Go(func() {
			for {
				select {
				case <-over:
					return
				default:
					_ = deed() // a line may be busy, and a book taken: later
				}
			}
		})
	}
	desks.Wait()
	close(over)
	others.Wait()
	a := &aftermath{world: q.world, home: q.home, req: request(topUpFen), err: errNothingClaimed}
	a.sit(slotWith(q.home), honest)
	failAll(t, q.home.card, a.check(ctx))
	for id, state := range q.told {
		if p, err := q.store.Purchase(ctx, id); err != nil || p.State != state {
			t.Errorf("a desk was told %s of %s, which is %s: %v", state, id, p.State, err)
		}
	}
}

// serve is a desk that is visited by the card, in a service of its own whose commits are cut now and then.
func (q *quarrel) serve(t *testing.T) {
	db := new(wire)
	s, err := q.open(t.Context(), db)
	if err != nil {
		t.Error(err)
		return
	}
	defer s.Close()
	for range quarrelVisits {
		db.arm(-1, nil)
		if q.roll(3) == 0 {
			db.arm(q.roll(4), commitCuts[q.roll(len(commitCuts))].do)
		}
		q.visit(t.Context(), q.desk(s))
	}
}

// visit is the card at one desk: it is pulled at some command, or stays to the end.
func (q *quarrel) visit(ctx context.Context, d *counter.Desk) {
	q.hand.Lock()
	slot := slotWith(q.home)
	leave := sync.OnceFunc(func() { slot.Pull(); q.hand.Unlock() })
	defer leave()
	if pull := q.roll(3); pull > 0 {
		slot.Inject(cardsim.Nth(q.roll(14)), []cardsim.Effect{cardsim.PullBefore(), cardsim.PullAfter()}[pull-1])
	}
	at := leaving{q.terminal(slot), leave}
	var out counter.Outcome
	var err error
	if q.roll(3) == 0 {
		out, err = d.Resume(ctx, at)
	} else {
		out, err = d.TopUp(ctx, at, q.sale())
	}
	if err == nil && out.Purchase.State != vending.Pending {
		q.mu.Lock()
		q.told[out.Purchase.ID] = out.Purchase.State
		q.mu.Unlock()
	}
	leave()
	if q.roll(3) == 0 {
		q.hand.Lock()
		defer q.hand.Unlock()
		_ = q.home.toMeter(slotWith(q.home)) // which may refuse a card that is half written: the aftermath sees
	}
}

// leaving is a terminal whose card is in another's hand as soon as it fails.
type leaving struct {
	counter.Terminal
	leave func()
}

func (l leaving) Present(ctx context.Context) (counter.Card, error) {
	c, err := l.Terminal.Present(ctx)
	if err != nil {
		l.leave()
		return nil, err
	}
	return leavingCard{c, l.leave}, nil
}

type leavingCard struct {
	counter.Card
	leave func()
}

func (l leavingCard) Load(o cardio.Order) (cardio.Verdict, error) {
	v, err := l.Card.Load(o)
	if err != nil {
		l.leave()
	}
	return v, err
}
