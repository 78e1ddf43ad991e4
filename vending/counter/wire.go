package counter

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/vendgate/vendgate/cardio"
	"github.com/vendgate/vendgate/ledger"
	"github.com/vendgate/vendgate/vending"
	"github.com/vendgate/vendgate/vending/intake"
	"github.com/vendgate/vendgate/vending/store"
)

// Wire is the line to one meter: see intake.Wire, which says what their errors mean.
type Wire interface {
	Hear(context.Context) (intake.Heard, error)
	Send(ctx context.Context, count uint32, credit ledger.Amount) error
}

// OnLine is a meter on a line as a terminal: the meter is the card in it. So a top-up over the wire is
// opened, loaded, judged and settled as every other (DESIGN.md §1), and a purchase in doubt is resumed as
// every other. What the meter says when it is presented goes to the books before anything is decided.
func (d *Desk) OnLine(meter vending.LineMeter, w Wire) Terminal { return &onLine{d, meter, w} }

type onLine struct {
	desk  *Desk
	meter vending.LineMeter
	wire  Wire
}

// Chip is the meter's number, as the serial number of the card that it is.
func (t *onLine) Chip(context.Context) (cardio.UID, error) { return lineUID(t.meter.Meter) }

// Present hears the meter and takes its report in.
func (t *onLine) Present(ctx context.Context) (Card, error) {
	uid, err := t.Chip(ctx)
	if err != nil {
		return nil, err
	}
	cards, err := t.desk.Store.Cards(ctx, t.meter.Customer)
	if err != nil {
		return nil, err
	}
	for _, file := range cards {
		if bytes.Equal(file.UID, uid[:]) {
			return t.present(ctx, cardio.Identity{UID: uid, Number: file.No, Meter: file.Meter})
		}
	}
	if slices.ContainsFunc(cards, func(c vending.Card) bool { return c.Meter == t.meter.Meter && c.State.Live() }) {
		return nil, cardio.ErrBlankCard // and not to be made one
	}
	return nil, t.joins(ctx)
}

// joins is cardio.ErrBlankCard where the meter shows what the books have of it, so that it can be what credit is sold on;
// vending.ErrMeterStranger where it has taken, was preset with or has burnt what they know nothing of (TakeOverMeter),
// vending.ErrMeterSays where it lacks what they gave it.
func (t *onLine) joins(ctx context.Context) error {
	heard, err := t.wire.Hear(ctx)
	if err != nil {
		return err
	}
	if err := t.sells(heard); err != nil {
		return err
	}
	return t.desk.Store.Statements(ctx, t.meter.Meter, func(st store.Statement) error {
		b, r := st.Books, heard.Report
		books := vending.Shown{Count: st.Count, Total: b.OnCard.N + b.InMeter.N + b.Consumed.N, Commodity: heard.Counts}
		shows := vending.Shown{Count: r.Count, Total: r.Loaded, Commodity: heard.Counts}
		missing := books.Total - shows.Total
		switch {
		case st.Customer != t.meter.Customer: // another had the number by mistake
			return nil
		case shows == books && books.Total == 0 && !r.AsMade():
			return vending.ErrMeterStranger.With("Meter", st.Meter.No, "Shows", vending.MeterOpening{Meter: st.Meter, Report: r}.Shows(), "Books", books.String())
		case shows == books:
			return cardio.ErrBlankCard
		case shows.Count > books.Count || missing < r.Resolution:
			return vending.ErrMeterStranger.With("Meter", st.Meter.No, "Shows", shows.String(), "Books", books.String())
		}
		return vending.ErrMeterSays.With("Meter", st.Meter.No, "Shows", shows.String(), "Books", books.String())
	})
}

// sells refuses a meter that says nothing of credit: it could prove no sale, and is no card.
func (t *onLine) sells(h intake.Heard) error {
	if h.Report.Source.SaysCredit() {
		return nil
	}
	return vending.ErrNoWireSale.With("Meter", t.meter.Meter)
}

func (t *onLine) present(ctx context.Context, id cardio.Identity) (Card, error) {
	heard, err := t.take(ctx)
	if err != nil {
		return nil, err
	}
	if err := t.sells(heard); err != nil {
		return nil, err
	}
	id.Unit = unitOf(heard.Counts)
	return &lineCard{ctx: ctx, line: t, id: id, commodity: heard.Counts, step: heard.Step, says: heard.Report}, nil
}

// take hears the meter and takes its report in.
func (t *onLine) take(ctx context.Context) (intake.Heard, error) {
	heard, err := t.wire.Hear(ctx)
	if err != nil {
		return heard, err
	}
	_, err = intake.Take(ctx, t.desk.Store, heard.Report, t.desk.Now())
	return heard, err
}

// Issue makes nothing: the meter is what it is, and gets a number in the books.
func (t *onLine) Issue(ctx context.Context, n cardio.NewCard) (Card, error) {
	return t.present(ctx, cardio.Identity{UID: n.UID, Number: n.Number, Meter: n.Meter})
}

// lineUID is the serial number under which a meter on a line stands in the books.
func lineUID(meter string) (uid cardio.UID, err error) {
	serial := vending.LineSerial(meter)
	if len(serial) != len(uid) {
		return uid, vending.ErrNumberInvalid.With("What", "meter_number", "Value", meter, "Want", "meter_digits")
	}
	return cardio.UID(serial), nil
}

// lineCard is a meter on a line, as the card that it is.
type lineCard struct {
	ctx       context.Context
	line      *onLine
	id        cardio.Identity
	commodity ledger.Commodity
	step      int64
	says      vending.Report
}

// Step is what the meter takes orders in multiples of: it could not be told anything else, once the money is taken.
func (c *lineCard) Step() int64 { return c.step }

// Contents is what the meter has taken. It keeps no more than one purchase apart: its load rule is the count.
func (c *lineCard) Contents() cardio.Contents {
	return cardio.Contents{Rule: cardio.ByCounter, Identity: c.id,
		Purse: cardio.Purse{Generation: c.says.Count, Count: c.says.Count, Total: c.says.Loaded}}
}

// sends bounds how often an order is sent before the purchase is left in doubt. It has one count, however often.
const sends = 3

// Load sends the order until the meter shows it. The meter's acknowledgement proves nothing, and neither does
// that it shows no sign of an order which nobody answered: it may be on its way still. So the verdict is
// Untouched only where the meter declined it and shows what it showed before, or where it has never left us;
// an answer that was lost is followed by a question, and then by the same order with the same count.
func (c *lineCard) Load(o cardio.Order) (cardio.Verdict, error) {
	if o.Credit <= 0 {
		return cardio.Untouched, cardio.ErrNoUnload
	}
	var said error
	out := o.Again
	for n := 0; ; n++ {
		unsent := errors.Is(said, vending.ErrNotSent)
		out = out || n > 0 && !unsent
		switch stands := c.stands(o); {
		case stands == taken:
			return cardio.Loaded, nil
		case stands == elsewhere:
			return cardio.InDoubt, c.disagrees(o)
		case unsent && out:
			return cardio.InDoubt, said
		case errors.Is(said, vending.ErrMeterDeclined):
			return cardio.Untouched, said
		case n == sends:
			return cardio.InDoubt, errors.Join(fmt.Errorf("sent %d times, and meter %s does not show it", n, c.id.Meter), said)
		}
		said = c.line.wire.Send(c.ctx, o.Count, ledger.Amount{N: o.Credit, Commodity: c.commodity})
		heard, err := c.line.wire.Hear(c.ctx)
		if err != nil {
			return cardio.InDoubt, errors.Join(said, err)
		}
		c.says = heard.Report
	}
}

// Where a meter stands to an order.
const (
	before = iota
	taken
	elsewhere
)

// stands says whether the meter shows what it must show before the order, what it must show after it, or neither.
func (c *lineCard) stands(o cardio.Order) int {
	shows := func(count uint32, total int64) bool {
		return c.says.Count == count && total-c.says.Loaded >= 0 && total-c.says.Loaded < c.says.Resolution
	}
	switch {
	case shows(o.Count, o.Total):
		return taken
	case shows(o.Count-1, o.Total-o.Credit):
		return before
	}
	return elsewhere
}

func (c *lineCard) disagrees(o cardio.Order) error {
	shows := vending.Shown{Count: c.says.Count, Total: c.says.Loaded, Commodity: c.commodity}
	books := vending.Shown{Count: o.Count - 1, Total: o.Total - o.Credit, Commodity: c.commodity}
	return vending.ErrMeterSays.With("Meter", c.id.Meter, "Shows", shows.String(), "Books", books.String())
}

// Close leaves the line to who opened it.
func (c *lineCard) Close() error { return nil }

// TopUpOnLine is TopUp on a meter on a line. What the meter took is in its account in the books when it returns, or
// after the next report.
func (d *Desk) TopUpOnLine(ctx context.Context, t Terminal, req TopUpRequest) (Outcome, error) {
	out, err := d.TopUp(ctx, t, req)
	return d.loadedOnLine(ctx, t, out, err)
}

// ResumeOnLine is Resume on a meter on a line, with the rest of TopUpOnLine. The meter is heard first: only where it does not show the
// purchase it is sent the same order again, with the same count.
func (d *Desk) ResumeOnLine(ctx context.Context, t Terminal) (Outcome, error) {
	out, err := d.Resume(ctx, t)
	return d.loadedOnLine(ctx, t, out, err)
}

// loadedOnLine hears the meter once more after it took a purchase.
func (d *Desk) loadedOnLine(ctx context.Context, t Terminal, out Outcome, err error) (Outcome, error) {
	if line, ok := t.(*onLine); ok && err == nil && !out.Repeated && out.Purchase.State == vending.Loaded {
		if _, err := line.take(context.WithoutCancel(ctx)); err != nil {
			d.Log.WarnContext(ctx, "report after a top-up over the wire", "purchase", out.Purchase.ID, "cause", err)
		}
	}
	return out, err
}

// PutOnLine says how a meter is asked. Whether credit is sold on it over the line IssueCard decides (RULES C1): not
// where its card lives (vending.ErrCardTaken), nor after one that died (vending.ErrReissue), nor where it has taken what the books
// have not sold (vending.ErrMeterStranger): TakeOverMeter. The same again changes nothing. joins is shown the other meters of the
// line, which nobody else joins meanwhile, and refuses a meter that cannot hang beside them; it may be asked again.
func (d *Desk) PutOnLine(ctx context.Context, deed vending.Deed, m vending.LineMeter, joins func(beside []vending.LineMeter) error) (done bool, err error) {
	deed.Kind, deed.Request = vending.DeedMeterOnLine, m
	if err := deed.By.Permit(vending.MayServe); err != nil {
		return false, err
	}
	if err := m.Valid(); err != nil {
		return false, err
	}
	return d.book(ctx, m.Customer, deed, func(tx *store.Tx) error {
		if _, err := tx.OnPremises(ctx, m.Meter); err != nil {
			return err
		}
		beside, err := tx.LineBeside(ctx, m)
		if err == nil {
			err = joins(beside)
		}
		if err != nil {
			return err
		}
		return tx.PutOnLine(ctx, m)
	})
}
