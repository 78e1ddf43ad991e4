package counter

import (
	"context"

	"github.com/vendgate/vendgate/vending"
	"github.com/vendgate/vendgate/vending/sheet"
	"github.com/vendgate/vendgate/vending/store"
)

// Taken is what became of one line of a table of customers.
type Taken struct {
	Line     int
	Opening  vending.Opening // as far as it could be read
	Repeated bool            // it had been taken before, or stands in the table twice
	Err      error           // why it was not taken
}

// takenAtOnce is how many customers one transaction takes over.
const takenAtOnce = 1000

// TakeOver takes customers, meters and opening balances from a table of an older
// system, each line by itself: all of it or nothing. The same table again changes
// nothing. each is told what became of every line, in their order.
func (d *Desk) TakeOver(ctx context.Context, by vending.Actor, path string, defaults vending.Opening, each func(Taken) error) error {
	if err := by.Permit(vending.MayAccount); err != nil {
		return err
	}
	t := &takeOver{desk: d, by: by, each: each, seen: map[int64]vending.Opening{}, meters: map[string]bool{}}
	err := sheet.Read(path, func(row sheet.Row) error { return t.row(ctx, row, defaults) })
	if err != nil {
		return err
	}
	if t.header == nil {
		return vending.ErrColumnMissing.With("Column", "customer / 户号")
	}
	return t.flush(ctx)
}

// takeOver is a table on its way into the books.
type takeOver struct {
	desk    *Desk
	by      vending.Actor
	each    func(Taken) error
	header  vending.Header
	waiting []Taken

	// What a rehearsal must remember, for nothing of it stays.
	seen   map[int64]vending.Opening
	meters map[string]bool
}

func (t *takeOver) row(ctx context.Context, row sheet.Row, defaults vending.Opening) (err error) {
	if t.header == nil {
		if row.Err != nil {
			return row.Err
		}
		t.header, err = vending.ReadHeader(row.Cells)
		return err
	}
	taken := Taken{Line: row.Line, Err: row.Err}
	if row.Err == nil {
		taken.Opening, taken.Err = t.header.Row(row.Cells, defaults)
	}
	t.waiting = append(t.waiting, taken)
	if len(t.waiting) < takenAtOnce {
		return nil
	}
	return t.flush(ctx)
}

func (t *takeOver) flush(ctx context.Context) error {
	var list []vending.Opening
	var at []int
	for i := range t.waiting {
		if w := &t.waiting[i]; w.Err == nil && !t.rehearsed(w) {
			list, at = append(list, w.Opening), append(at, i)
		}
	}
	if len(list) > 0 {
		done, err := t.desk.Store.Enrol(ctx, list, t.by, t.desk.dryRun)
		if err != nil {
			return err
		}
		for i, e := range done {
			t.note(&t.waiting[at[i]], e)
		}
	}
	for _, w := range t.waiting {
		if err := t.each(w); err != nil {
			return err
		}
	}
	t.waiting = t.waiting[:0]
	return nil
}

func (t *takeOver) note(w *Taken, e store.Enrolled) {
	w.Repeated, w.Err = e.Repeated, e.Err
	if t.desk.dryRun && e.Err == nil {
		t.seen[w.Opening.Customer.No], t.meters[w.Opening.Meter.No] = w.Opening, true
	}
}

// rehearsed finds a line that an earlier transaction of a rehearsal would have
// made a repetition, or refused.
func (t *takeOver) rehearsed(w *Taken) bool {
	before, here := t.seen[w.Opening.Customer.No]
	switch {
	case here && before == w.Opening:
		w.Repeated = true
	case here:
		w.Err = vending.ErrCustomerTaken.With("Customer", w.Opening.Customer.No)
	case t.meters[w.Opening.Meter.No]:
		w.Err = vending.ErrMeterTaken.With("Meter", w.Opening.Meter.No)
	default:
		return false
	}
	return true
}
