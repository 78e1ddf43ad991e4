package counter_test

import (
	"context"
	"errors"
	"testing"

	"github.com/vendgate/vendgate/cardio"
	"github.com/vendgate/vendgate/fixtures/cardsim"
	"github.com/vendgate/vendgate/ledger"
	"github.com/vendgate/vendgate/vending"
	"github.com/vendgate/vendgate/vending/counter"
)

// sold is a household that has just bought, the card still in its hand.
func (w *world) sold(t testing.TB, fen int64) (*household, vending.Purchase) {
	t.Helper()
	h := w.household(t)
	out, err := w.desk(w.store).TopUp(t.Context(), w.terminal(slotWith(h)), request(fen))
	if err != nil || out.Purchase.State != vending.Loaded {
		t.Fatal(out.Purchase.State, err)
	}
	return h, out.Purchase
}

func (w *world) reverse(ctx context.Context, slot *cardsim.Slot, deed vending.Deed, p vending.Purchase, by ...vending.Means) (counter.Reversed, error) {
	req := counter.ReverseRequest{Purchase: p.Slip()}
	for _, m := range by {
		req.Payment.Means = m
	}
	return w.desk(w.store).As(deed.By).Reverse(ctx, w.terminal(slot), deed, req)
}

func (w *world) balances(t testing.TB, h *household) map[string]int64 {
	t.Helper()
	list, err := w.store.Balances(t.Context(), h.no)
	if err != nil {
		t.Fatal(err)
	}
	of := map[string]int64{}
	for _, b := range list {
		if b.Incoming != 0 || b.Outgoing != 0 {
			t.Errorf("%s: %d in, %d out still pended", b.Account, b.Incoming, b.Outgoing)
		}
		of[b.Account.String()+" "+string(b.Commodity)] = b.Posted
	}
	return of
}

func (w *world) held(t testing.TB) int64 {
	t.Helper()
	held, err := w.store.HeldByShift(t.Context(), till+"-1")
	if err != nil {
		t.Fatal(err)
	}
	return held[vending.Cash]
}

func (w *world) clean(t *testing.T, h *household) {
	t.Helper()
	a := &aftermath{world: w, home: h}
	a.books(t.Context())
	failAll(t, "books", a.faults)
}

// TestReverse: a sale and its reversal leave every balance as it was, the meter takes
// nothing, and the next sale goes on.
func TestReverse(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	for _, debt := range []int64{0, 3_000} {
		h := w.household(t)
		if debt > 0 {
			w.exec(t, `update life_rule set value = 5000 where name = 'debt_share_bp'`)
			if _, _, err := w.desk(w.store).Charge(t.Context(), deed(clerk), counter.ChargeRequest{Customer: h.no, Kind: vending.ChargeRepair, AmountFen: debt}); err != nil {
				t.Fatal(err)
			}
		}
		if _, err := w.desk(w.store).Look(t.Context(), w.terminal(slotWith(h))); err != nil { // what the meter wrote back is in the books
			t.Fatal(err)
		}
		before, drawer := w.balances(t, h), w.held(t)
		out, err := w.desk(w.store).TopUp(t.Context(), w.terminal(slotWith(h)), request(topUpFen))
		if err != nil || out.Purchase.Debt != debt {
			t.Fatal(out.Purchase.Debt, err)
		}
		act := deed(clerk)
		back, err := w.reverse(t.Context(), slotWith(h), act, out.Purchase)
		if err != nil || back.Purchase.State != vending.Loaded || back.RefundFen != topUpFen || back.Repeated {
			t.Fatalf("%+v, %v", back, err)
		}
		for name, n := range w.balances(t, h) {
			if n != before[name] {
				t.Errorf("debt %d: %s is %d, was %d", debt, name, n, before[name])
			}
		}
		if now := w.held(t); now != drawer {
			t.Errorf("the drawer holds %d, held %d", now, drawer)
		}
		again, err := w.reverse(t.Context(), slotWith(h), act, out.Purchase)
		if err != nil || !again.Repeated || w.held(t) != drawer {
			t.Errorf("again: %+v, %v", again, err)
		}
		loaded := h.meter.Snapshot().Loaded
		if err := h.toMeter(slotWith(h)); err != nil || h.meter.Snapshot().Loaded != loaded {
			t.Errorf("the meter took %d: %v", h.meter.Snapshot().Loaded-loaded, err)
		}
		a := &aftermath{world: w, home: h, terminal: w.terminal(slotWith(h))}
		a.goesOn(t.Context())
		a.books(t.Context())
		failAll(t, "after the reversal", a.faults)
	}
}

// TestReverseAfterwards: another shift's sale is taken back by who may, with a reason.
func TestReverseAfterwards(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	h, p := w.sold(t, 150_000)
	act := deed(chief)
	for name, want := range map[string]error{"no reason": vending.ErrReasonMissing, "no four eyes": vending.ErrFourEyes, "no shift": vending.ErrNoShiftOfYours} {
		switch name {
		case "no four eyes":
			act.Why = "抄错金额"
		case "no shift":
			act.Why, act.Approved = "抄错金额", vending.Actor{Staff: "manager", Role: vending.RoleManager}
		default:
			act.Why, act.Approved = "", vending.Actor{}
		}
		if _, err := w.reverse(t.Context(), slotWith(h), act, p); !errors.Is(err, want) {
			t.Errorf("%s: %v", name, err)
		}
		act.Approved = vending.Actor{}
	}
	act.Why, act.Approved = "抄错金额", vending.Actor{Staff: "manager", Role: vending.RoleManager}
	back, err := w.reverse(t.Context(), slotWith(h), act, p, vending.FromAdvance)
	if err != nil || back.Purchase.State != vending.Loaded || back.RefundFen != 0 || w.balance(t, h, ledger.ClassAdvance) < 150_000 {
		t.Fatalf("%+v, %v", back, err)
	}
	w.exec(t, `insert into shift (till, no, cashier, state, opened_at) values ('8', 1, 'chief', 'open', now())`)
	for _, c := range []struct {
		name string
		deed vending.Deed
		fen  int64
		by   vending.Payment
		want error
	}{
		{"no right", vending.Deed{By: clerk, Why: "销户", Approved: chief}, 150_000, cash, vending.ErrNotPermitted},
		{"no reason", vending.Deed{By: chief}, 150_000, cash, vending.ErrReasonMissing},
		{"no four eyes", vending.Deed{By: chief, Why: "退款", Approved: chief}, 150_000, cash, vending.ErrFourEyes},
		{"nothing", vending.Deed{By: chief, Why: "退款"}, 0, cash, vending.ErrAmountInvalid},
		{"more than there is", vending.Deed{By: chief, Why: "退款", Approved: act.Approved}, 160_000, cash, vending.ErrRefundShort},
		{"an empty drawer", vending.Deed{By: chief, Why: "退款", Approved: act.Approved}, 150_000, cash, vending.ErrTillShort},
		{"", vending.Deed{By: chief, Why: "退款", Approved: act.Approved}, 150_000, vending.Payment{Means: vending.BankOrder, Bank: "icbc", Reference: "1"}, nil},
	} {
		c.deed.ID = deed(chief).ID
		done, err := w.desk(w.store).RefundAdvance(t.Context(), c.deed, counter.RefundRequest{Customer: h.no, AmountFen: c.fen, Payment: c.by})
		if !errors.Is(err, c.want) || done != (c.want == nil) {
			t.Errorf("%s: %t, %v", c.name, done, err)
		}
	}
	w.clean(t, h)
}

// TestReverseRefused: nothing changes, on the card or in the books.
func TestReverseRefused(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	type try struct {
		h    *household
		p    vending.Purchase
		slot *cardsim.Slot
		deed vending.Deed
		by   []vending.Means
	}
	for _, c := range []struct {
		name  string
		want  error
		spoil func(t *testing.T, r *try)
	}{
		{"the meter has taken it, says the card", vending.ErrCreditTaken, func(t *testing.T, r *try) { w.drives(t, r.h) }},
		{"the meter has taken it, says the wire", vending.ErrCreditTaken, func(t *testing.T, r *try) {
			back := r.h.chip.File(writeBackFile)
			w.drives(t, r.h)
			if err := w.read(t.Context(), r.h); err != nil {
				t.Fatal(err)
			}
			r.h.chip.Poke(writeBackFile, 0, back)
		}},
		{"the write-back is torn", vending.ErrBackTorn, func(t *testing.T, r *try) { r.h.chip.Poke(writeBackFile, 10, []byte{1, 2, 3}) }},
		{"another purchase since", vending.ErrNotLast, func(t *testing.T, r *try) {
			if _, err := w.desk(w.store).TopUp(t.Context(), w.terminal(slotWith(r.h)), request(firstFen)); err != nil {
				t.Fatal(err)
			}
		}},
		{"another customer's card", vending.ErrNoPurchase, func(t *testing.T, r *try) { r.slot = slotWith(w.household(t)) }},
		{"a card that is not the customer's any more", vending.ErrCardLost, func(t *testing.T, r *try) {
			w.exec(t, `update card set state = 'lost' where customer_no = $1`, r.h.no)
		}},
		{"no such purchase", vending.ErrNoPurchase, func(t *testing.T, r *try) { r.p.Count += 7 }},
		{"taken back before", vending.ErrReversed, func(t *testing.T, r *try) {
			if _, err := w.reverse(t.Context(), slotWith(r.h), deed(clerk), r.p); err != nil {
				t.Fatal(err)
			}
		}},
		{"another cashier", vending.ErrNotPermitted, func(t *testing.T, r *try) {
			w.exec(t, `insert into staff (code, name, role) values ('other', 'other', 'cashier')`)
			r.deed.By, r.deed.Why = vending.Actor{Staff: "other", Role: vending.RoleCashier}, "x"
		}},
		{"another shift of the same cashier", vending.ErrNotPermitted, func(t *testing.T, r *try) {
			w.exec(t, `update purchase set opened_at = opened_at - interval '1 day' where customer_no = $1 and count = 2`, r.h.no)
		}},
		{"invoice outstanding", vending.ErrInvoiceOut, func(t *testing.T, r *try) {
			w.exec(t, `insert into slip (customer_no, cause, invoice_code, invoice_number) values ($1, $2, '044001900111', 17)`, r.h.no, r.p.ID)
		}},
		{"trued up since", vending.ErrTruedUp, func(t *testing.T, r *try) {
			w.exec(t, `insert into lot (customer_no, meter_no, id, from_total, to_total, cost_fen, vat_bp, cause)
				select customer_no, meter_no, gen_random_uuid(), total - 10, total, 1, 900, gen_random_uuid() from purchase where id = $1`, r.p.ID)
		}},
		{"the drawer does not hold the cash", vending.ErrTillShort, func(t *testing.T, r *try) {
			move := counter.DepositMove{Customer: r.h.no, AmountFen: w.held(t), Payment: vending.Payment{Means: vending.BankOrder, Bank: "icbc", Reference: "1"}}
			if _, _, err := w.desk(w.store).TakeDeposit(t.Context(), deed(clerk), move); err != nil {
				t.Fatal(err)
			}
			move.Payment = cash
			if _, _, err := w.desk(w.store).ReturnDeposit(t.Context(), eyes(), move); err != nil {
				t.Fatal(err)
			}
		}},
		{"by another means", vending.ErrRefundMeans, func(t *testing.T, r *try) { r.by = []vending.Means{vending.BankCard} }},
		{"the id of a sale", vending.ErrIDReused, func(t *testing.T, r *try) { r.deed.ID = r.p.ID }},
		{"the account is closed", vending.ErrCustomerClosed, func(t *testing.T, r *try) {
			w.exec(t, `update customer set status = 'closed' where no = $1`, r.h.no)
		}},
	} {
		r := &try{deed: deed(clerk)}
		r.h, r.p = w.sold(t, topUpFen)
		r.slot = slotWith(r.h)
		c.spoil(t, r)
		chip, drawer := r.slot.Card().File(vendorFile), w.held(t)
		if _, err := w.reverse(t.Context(), r.slot, r.deed, r.p, r.by...); !errors.Is(err, c.want) {
			t.Errorf("%s: %v, want %v", c.name, err, c.want)
		}
		if now := r.slot.Card().File(vendorFile); string(now) != string(chip) || w.held(t) != drawer {
			t.Errorf("%s: something changed", c.name)
		}
	}
}

// writeBackFile is where the meter writes.
const writeBackFile = 2

// drives takes the card to the meter.
func (w *world) drives(t *testing.T, h *household) {
	t.Helper()
	if err := h.toMeter(slotWith(h)); err != nil {
		t.Fatal(err)
	}
}

// TestReverseShiftClosed: whoever has no open shift has neither sold in it nor cash.
func TestReverseShiftClosed(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	h, p := w.sold(t, topUpFen)
	w.exec(t, `update shift set state = 'closing'`)
	if _, err := w.reverse(t.Context(), slotWith(h), deed(clerk), p); !errors.Is(err, vending.ErrNotPermitted) {
		t.Error(err)
	}
	// It closes between the intent and the refund: the money is the customer's until the same deed is done again.
	w.exec(t, `update shift set state = 'open'`)
	act, req := deed(clerk), counter.ReverseRequest{Purchase: p.ID.String()}
	late := interrupted{w.terminal(slotWith(h)), func() { w.exec(t, `update shift set state = 'closing'`) }}
	out, err := w.desk(w.store).Reverse(t.Context(), late, act, req)
	if !errors.Is(err, vending.ErrRefundOpen) || out.Purchase.State != vending.Loaded || w.balance(t, h, ledger.ClassAdvance) < topUpFen {
		t.Errorf("%+v, %v", out, err)
	}
	w.exec(t, `update shift set state = 'open'`)
	w.by(t, `update shift set opened_at = now()`) // another one
	drawer := w.held(t)
	empty := w.terminal(cardsim.NewSlot("empty"))
	out, err = w.desk(w.store).Reverse(t.Context(), empty, act, req)
	if err != nil || out.RefundFen != topUpFen || drawer-w.held(t) != topUpFen {
		t.Errorf("%+v, %v", out, err)
	}
	w.clean(t, h)
}

// interrupted is a terminal at which something happens before the card is written.
type interrupted struct {
	counter.Terminal
	by func()
}

func (i interrupted) Present(ctx context.Context) (counter.Card, error) {
	card, err := i.Terminal.Present(ctx)
	return interruptedCard{card, i.by}, err
}

type interruptedCard struct {
	counter.Card
	by func()
}

func (c interruptedCard) Load(o cardio.Order) (cardio.Verdict, error) {
	c.by()
	return c.Card.Load(o)
}

// TestReverseMeterWasQuicker: the card leaves before it is written, and the meter takes
// the credit. The sale stands, and the books are what the meter says.
func TestReverseMeterWasQuicker(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	h, p := w.sold(t, topUpFen)
	slot, act := slotWith(h), deed(clerk)
	slot.Inject(cardsim.OnINS(updateBinary), cardsim.PullBefore())
	out, err := w.reverse(t.Context(), slot, act, p)
	if err != nil || out.Purchase.State != vending.Pending || out.RefundFen != 0 {
		t.Fatalf("%+v, %v", out, err)
	}
	w.drives(t, h)
	if err := w.read(t.Context(), h); err != nil {
		t.Fatal(err)
	}
	out, err = w.reverse(t.Context(), slotWith(h), act, p)
	if err != nil || out.Purchase.State != vending.Voided || out.RefundFen != 0 {
		t.Fatalf("%+v, %v", out, err)
	}
	if got, err := w.store.Purchase(t.Context(), p.ID); err != nil || got.State != vending.Loaded || !got.Undone.IsZero() {
		t.Errorf("the sale: %+v, %v", got, err)
	}
	if n := w.balance(t, h, ledger.ClassMeter); n != h.meter.Snapshot().Loaded {
		t.Errorf("in the meter %d, by the books %d", h.meter.Snapshot().Loaded, n)
	}
	a := &aftermath{world: w, home: h, terminal: w.terminal(slotWith(h))}
	a.goesOn(t.Context())
	a.books(t.Context())
	failAll(t, "the meter was quicker", a.faults)
}
