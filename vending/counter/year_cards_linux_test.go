package counter_test

import (
	"errors"
	"fmt"

	"github.com/vendgate/vendgate/fixtures/cardsim"
	"github.com/vendgate/vendgate/vending"
	"github.com/vendgate/vendgate/vending/counter"
)

// What may happen to cards in a year.

// newCard: the card is lost, or damaged, or handed in for another; at times it is found
// again before another is made.
func (y *year) newCard(h *home) error {
	c, _, err := y.Store.Customer(y.t.Context(), h.no)
	y.must(err)
	if !c.Status.MaySell() {
		return nil // whose card dies then waits until they are supplied again
	}
	if y.IntN(4) == 0 {
		if _, _, err := y.ReturnCard(y.t.Context(), h.terminal(), deed(clerk), true); err != nil {
			return err
		}
		return y.reissues(h)
	}
	report := counter.CardReport{Card: h.card, Damaged: y.IntN(3) == 0, Shown: hers}
	if _, _, err := y.ReportCard(y.t.Context(), deed(clerk), report); err != nil {
		return err
	}
	if y.IntN(3) == 0 {
		_, _, err := y.FoundCard(y.t.Context(), h.terminal(), deed(clerk), hers)
		return err
	}
	return y.reissues(h)
}

// reissues makes the card that follows; at times it is cut, and the same deed done again.
func (y *year) reissues(h *home) error {
	y.cards++
	slot, chip := cardsim.NewSlot("hall"), cardsim.NewBlank([8]byte([]byte(fmt.Sprintf("N%07d", y.cards))))
	slot.Insert(chip)
	if y.IntN(2) == 0 {
		slot.Inject(cardsim.Nth(y.IntN(40)), cardsim.PullAfter())
	}
	req := counter.ReissueRequest{Customer: h.no, Meter: h.number(), Shown: hers}
	if y.IntN(2) == 0 {
		req.Payment = &cash
	}
	act := deed(clerk)
	r, err := y.Reissue(y.t.Context(), y.terminal(slot), act, req)
	if err != nil {
		slot.Insert(chip)
		if r, err = y.Reissue(y.t.Context(), y.terminal(slot), act, req); err != nil {
			return err
		}
	}
	h.dead = append(h.dead, h.chip)
	h.chip, h.card = chip, r.Card.No
	return nil
}

// oldCard: a card that died is taken to the meter, or to the counter. The meter takes no
// more than was sold, and the counter sells nothing.
func (y *year) oldCard(h *home) error {
	if len(h.dead) == 0 {
		return nil
	}
	chip := h.dead[y.IntN(len(h.dead))]
	old := &household{no: h.no, meter: h.meter, chip: chip}
	if y.IntN(3) == 0 {
		_, err := y.TopUp(y.t.Context(), y.terminal(slotWith(old)), request(1_000))
		if !errors.Is(err, vending.ErrCardLost) && !errors.Is(err, vending.ErrCardBroken) && !errors.Is(err, vending.ErrCardReturned) &&
			!errors.Is(err, vending.ErrCustomerClosed) { // who was cut off is told that first
			y.t.Fatalf("a dead card: %v", err)
		}
		return err
	}
	_ = old.toMeter(cardsim.NewSlot("hall")) // one that worked an earlier meter is refused
	var most int64
	y.must(y.sql.QueryRow(y.t.Context(), `select greatest(base_total, (select max(total) from purchase where meter_no = $1 and state <> 'voided' and undone_at is null))
		from meter where no = $1`, h.number()).Scan(&most))
	if took := h.meter.Snapshot().Loaded; took > most {
		y.t.Errorf("customer %d: the meter has taken %d, sold were %d", h.no, took, most)
	}
	return nil
}

// givesUp has all credit taken back that is on the card; the money is the customer's advance.
func (y *year) givesUp(h *home) error {
	act := deed(chief)
	act.Why, act.Approved = "不再用气", manager
	_, err := y.RefundCard(y.t.Context(), h.terminal(), act, vending.Payment{Means: vending.FromAdvance})
	return err
}
