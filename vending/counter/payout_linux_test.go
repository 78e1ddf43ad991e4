package counter_test

import (
	"errors"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/vendgate/vendgate/vending"
	"github.com/vendgate/vendgate/vending/counter"
)

// Whatever is paid out in cash must be in the drawer; other means need none. In the drawer are 30.00 of the deposit: 50.00 came by transfer.
func TestCashIsPaidOutOfWhatIsThere(t *testing.T) {
	t.Parallel()
	h := newLobby(t)
	ctx := t.Context()
	order := vending.Payment{Means: vending.BankOrder, Bank: "icbc", Reference: "1"}
	for _, d := range []counter.DepositMove{{Customer: liver, AmountFen: 3000, Payment: cash}, {Customer: liver, AmountFen: 5000, Payment: order}} {
		if _, _, err := h.TakeDeposit(ctx, deed(clerk), d); err != nil {
			t.Fatal(err)
		}
	}
	_, _, err := h.ReturnDeposit(ctx, deed(clerk), counter.DepositMove{Customer: liver, AmountFen: 3001, Payment: cash})
	h.refuses(err, vending.ErrTillShort)
	var refused *vending.Error
	if errors.As(err, &refused); len(refused.Args) != 2 || refused.Args["Amount"] != "30.01" || refused.Args["Shift"] != "1-1" {
		t.Errorf("a blind count must stay blind: %v", refused.Args)
	}
	h.wants(map[string]int64{"deposit:1001": 8000})
	back := vending.Payment{Means: vending.BankOrder, Bank: "icbc", Reference: "2"}
	if _, _, err := h.ReturnDeposit(ctx, deed(clerk), counter.DepositMove{Customer: liver, AmountFen: 4000, Payment: back}); err != nil {
		t.Error(err)
	}
	leave := vending.Change{Step: vending.StepClose, Reason: "moved", Seen: firstNo, SeenAgain: firstNo, Register: new(int64)}
	_, _, err = h.TakeStep(ctx, deed(clerk), counter.StepRequest{Customer: liver, Payment: cash, Change: leave})
	h.refuses(err, vending.ErrTillShort)
	if _, _, err := h.ReturnDeposit(ctx, deed(clerk), counter.DepositMove{Customer: liver, AmountFen: 3000, Payment: cash}); err != nil {
		t.Error(err)
	}
	h.totals(map[string]int64{"till:1-1": 0, "deposit:1001": 1000})
}

// Many who pay out of one drawer at once: it never holds less than nothing.
func TestPayoutsTakeTurns(t *testing.T) {
	t.Parallel()
	const customers, each, all = 8, 2000, 5000
	o := newOffice(t)
	o.opens(t, clerk, "1")
	for no := range int64(customers) {
		o.family(t, 1001+no)
	}
	order := vending.Payment{Means: vending.BankOrder, Bank: "icbc"}
	for no := range int64(customers) {
		pay, fen := cash, int64(all)
		if no > 0 {
			order.Reference = string('0' + rune(no))
			pay, fen = order, each
		}
		if _, _, err := o.TakeDeposit(t.Context(), deed(clerk), counter.DepositMove{Customer: 1001 + no, AmountFen: fen, Payment: pay}); err != nil {
			t.Fatal(err)
		}
	}
	var paid atomic.Int64
	var racers sync.WaitGroup
	start := make(chan struct{})
	for no := range int64(customers) {
		racers.Go(func() {
			<-start
			_, _, err := o.ReturnDeposit(t.Context(), deed(clerk), counter.DepositMove{Customer: 1001 + no, AmountFen: each, Payment: cash})
			switch {
			case err == nil:
				paid.Add(each)
			case !errors.Is(err, vending.ErrTillShort):
				t.Error(err)
			}
		})
	}
	close(start)
	racers.Wait()
	if held, err := o.Store.HeldByShift(t.Context(), "1-1"); err != nil || paid.Load() != 4000 || held[vending.Cash] != all-4000 {
		t.Errorf("paid %d, left %d, %v", paid.Load(), held[vending.Cash], err)
	}
	o.wantClean(t)
}
