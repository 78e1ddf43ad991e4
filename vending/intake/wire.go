package intake

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/vendgate/vendgate/ledger"
	"github.com/vendgate/vendgate/meterproto"
	"github.com/vendgate/vendgate/meterproto/gateway"
	"github.com/vendgate/vendgate/vending"
	"github.com/vendgate/vendgate/vending/store"
)

// Wire is one meter on a line, as the books see it: what it says becomes a report, and an
// order of theirs becomes a command.
type Wire struct {
	Store   *store.Store
	Line    gateway.Line
	Driver  gateway.Driver
	Meter   string // its number in the books
	Address string // its number on the line
	Holder  string // the number that the meter holds for its customer, where its protocol wants one
	Rolls   bool   // its registers have eight digits and begin again, as those of CJ/T 188 and DL/T 645
	Now     func() time.Time
}

// Heard is what a meter said when it was asked.
type Heard struct {
	Report   vending.Report
	Counts   ledger.Commodity // what the amounts are in
	Step     int64            // the meter takes orders in multiples of it; 0: in any amount
	ClockOff time.Duration    // by how much the meter's clock is away from ours, where that is more than the company allows (RULES D4)
}

// Hear asks the meter for its register and for the credit that it has taken, the latter until two answers agree.
// A meter whose driver cannot tell the two answers apart agrees with nobody (Report.Agreed); of one that is not prepaid
// the register is all (vending.RegisterOnly). Registers that
// began again are carried on from what the books know. It fails with vending.ErrIncomplete, naming the part, where
// the reading lacks one that a report cannot do without; with meterproto.ErrWrongMeter where another answered; with
// vending.ErrMeterNotAgreed where no two answers agree.
func (w *Wire) Hear(ctx context.Context) (Heard, error) {
	known, err := w.known(ctx)
	if err != nil {
		return Heard{}, err
	}
	return w.HearAs(ctx, known)
}

// HearAs is Hear of a meter of which that is known.
func (w *Wire) HearAs(ctx context.Context, known store.Statement) (Heard, error) {
	reading, err := w.read(ctx)
	if err != nil {
		return Heard{}, err
	}
	taken, agreed, err := w.taken(ctx, reading)
	if err != nil {
		return Heard{}, err
	}
	report, err := FromWire(known, reading, taken, w.Rolls)
	if err == nil && agreed {
		report, err = w.atOnce(ctx, known, report, taken)
	}
	if err != nil {
		return Heard{}, err
	}
	report.Agreed = agreed
	slack, err := w.slack(ctx)
	if err != nil {
		return Heard{}, err
	}
	report, off := report.ByOurClock(w.Now(), slack)
	return Heard{Report: report, Counts: known.Meter.Commodity, Step: taken.Step, ClockOff: off}, nil
}

// read reads the meter, and nobody else.
func (w *Wire) read(ctx context.Context) (meterproto.Reading, error) {
	r, err := w.Driver.Read(ctx, w.Line, w.Address)
	if err == nil && r.Meter != w.Address {
		err = fmt.Errorf("asked meter %s, %s answered: %w", w.Address, r.Meter, meterproto.ErrWrongMeter)
	}
	return r, err
}

// atOnce is a report whose figures are of one moment. Under a big flow what is left is less than the register says, which was read
// before. Then it is read again, and what was burnt when the meter said what is left lies between the two. A meter that is wrong
// about something does not come right by that, and shows it.
func (w *Wire) atOnce(ctx context.Context, known store.Statement, r vending.Report, t meterproto.Taken) (vending.Report, error) {
	burnt, rounding := r.Loaded-r.Remaining, 2*r.Resolution-1
	if burnt-r.Consumed < rounding {
		return r, nil
	}
	again, err := w.read(ctx)
	if err != nil {
		return r, err
	}
	later, err := FromWire(known, again, t, w.Rolls)
	if err == nil && later.Consumed > r.Consumed && burnt-later.Consumed < rounding {
		r.Consumed = min(burnt, later.Consumed)
	}
	return r, err
}

// slack is how far the company lets a meter's clock be away (RULES D4); as shipped where there are no books.
func (w *Wire) slack(ctx context.Context) (time.Duration, error) {
	if w.Store == nil {
		return vending.DefaultJumpLimits().ClockSlack, nil
	}
	company, err := w.Store.Settings(ctx)
	return company.Jump.ClockSlack, err
}

// known is what the books have of the meter.
func (w *Wire) known(ctx context.Context) (known store.Statement, err error) {
	owner, err := w.Store.MeterOwner(ctx, w.Meter)
	if err != nil {
		return known, err
	}
	err = w.Store.Statements(ctx, w.Meter, func(st store.Statement) error {
		if st.Customer == owner { // another had the number by mistake
			known = st
		}
		return nil
	})
	return known, err
}

// taken is what two answers say of the meter's purchases. Where it is no Seller, it is what the reading says.
func (w *Wire) taken(ctx context.Context, r meterproto.Reading) (t meterproto.Taken, agreed bool, err error) {
	seller, ok := w.Driver.(gateway.Seller)
	if !ok {
		return takenOf(r), false, nil
	}
	t, _, err = meterproto.Agreed(func() (meterproto.Taken, error) { return seller.Taken(ctx, w.Line, w.Address) })
	switch {
	case errors.Is(err, gateway.ErrNotPrepaid):
		return takenOf(r), false, nil
	case errors.Is(err, meterproto.ErrDisagree), err == nil && t.Meter != w.Address:
		return t, false, vending.ErrMeterNotAgreed.With("Meter", w.Meter)
	}
	return t, err == nil, err
}

// takenOf is what a reading says of purchases, in litres; zero where it says nothing.
func takenOf(r meterproto.Reading) meterproto.Taken {
	if r.Purchases == nil {
		return meterproto.Taken{}
	}
	credit := func(v meterproto.Volume) meterproto.Credit {
		return meterproto.Credit{N: v.Litres, Unit: meterproto.CreditLitres, Resolution: v.Resolution, Valid: v.Valid}
	}
	return meterproto.Taken{Meter: r.Meter, Count: uint32(r.Purchases.Sequence), Modulus: 256, Last: credit(r.Purchases.Last),
		Total: credit(r.Purchases.Total), Remaining: credit(r.Purchases.Remaining)}
}

func incomplete(meter, part string) error {
	return vending.ErrIncomplete.With("Meter", meter, "Part", part)
}

// creditUnits are the ledger's commodities as meters count them.
var creditUnits = map[ledger.Commodity]meterproto.CreditUnit{
	ledger.CNY: meterproto.CreditFen, ledger.Litre: meterproto.CreditLitres, ledger.WattHour: meterproto.CreditWattHours,
}

// FromWire is what a reading and what two answers said of purchases mean to the books. Registers that began again, by their
// width or where those of the model do (rolls), are carried on from what the books know: to the amount nearest to that, so that one that was reset
// while it was less than half full shows as less, and what it would have used else is judged as any use (RULES D4). It fails with
// vending.ErrIncomplete, naming the part that a report cannot do without; a value that the meter sent as "no
// value", below 0, or in another unit than the meter is sold in, is never taken for a number. vending.ErrReadingBack where the
// register shows less than the meter came with.
func FromWire(known store.Statement, r meterproto.Reading, t meterproto.Taken, rolls bool) (vending.Report, error) {
	report := vending.Report{Customer: known.Customer, Meter: known.Meter.No, Source: vending.OverWire, MeterTime: r.Time, Resolution: 1,
		BatteryLow: r.BatteryLow, ValveOpen: r.ValveOpen != nil && *r.ValveOpen, Count: countNear(known.Count, t)}
	if known.Meter.Commodity == ledger.CNY && r.Consumed.Valid && r.Consumed.Litres >= 0 {
		report.Register = &r.Consumed.Litres
	}
	ofModel := func(c meterproto.Credit) int64 {
		if !rolls {
			return 0
		}
		return span(c.Resolution)
	}
	b, base := known.Books, began(known)
	register, width := consumedOf(known.Meter.Commodity, r, t)
	parts := []part{
		{"the register", register, &report.Consumed, cmp.Or(width, ofModel(register)), base + b.Consumed.N},
		{"the total purchased", t.Total, &report.Loaded, ofModel(t.Total), b.OnCard.N + b.InMeter.N + b.Consumed.N - known.Offset},
		{"the remaining credit", t.Remaining, &report.Remaining, 0, 0},
	}
	if t == (meterproto.Taken{}) {
		report.Source, parts = vending.RegisterOnly, parts[:1]
	}
	for _, p := range parts {
		if !p.value.Valid || p.value.N < 0 || p.value.Unit != creditUnits[known.Meter.Commodity] {
			return vending.Report{}, incomplete(known.Meter.No, p.name)
		}
		*p.into = vending.Unroll(p.value.N, p.span, p.known)
		report.Resolution = max(report.Resolution, p.value.Resolution)
	}
	var err error
	if report.Consumed, err = since(base, report, known); err != nil {
		return vending.Report{}, err
	}
	if report.Source.SaysCredit() {
		report = together(report, known, t, rolls)
	}
	if report.Loaded < 0 { // a meter that was taken over has lost its total
		return vending.Report{}, incomplete(known.Meter.No, "the total purchased")
	}
	return report, nil
}

// began is where the register stood when the meter came to the premises (RULES A7). What a meter that counts money has burnt is of its
// credit, and began at nothing.
func began(known store.Statement) int64 {
	if known.Meter.Commodity == ledger.CNY {
		return 0
	}
	return known.Base
}

// since is what was burnt since the meter came to the premises; vending.ErrReadingBack where its register shows less than it began with,
// by more than its last digit.
func since(base int64, r vending.Report, known store.Statement) (int64, error) {
	if base == 0 {
		return r.Consumed, nil
	}
	if r.Consumed+r.Resolution <= base {
		return 0, vending.ErrReadingBack.With("Meter", r.Meter, "Register", vending.FormatThousandths(r.Consumed),
			"Known", vending.FormatThousandths(base+known.Books.Consumed.N))
	}
	return max(0, r.Consumed-base), nil
}

// together is what the figures of credit say beside each other, with the total that the books have. Less taken than left is a total
// that began again only where the register then agrees. Else the meter was given credit that its total does not count, as a maker's or
// one preset at a replacement (RULES A7). Of a meter that counts money only the total that the books have tells the two apart.
func together(r vending.Report, known store.Statement, t meterproto.Taken, rolls bool) vending.Report {
	r.Loaded, r.Offset = r.Loaded+known.Offset, known.Offset
	if known.Meter.Commodity == ledger.CNY {
		r.Consumed = max(0, r.Loaded-r.Remaining)
		return r
	}
	again := r.Loaded + span(t.Total.Resolution)
	if more := again - r.Remaining - r.Consumed; rolls && r.Loaded < r.Remaining && more >= 0 && more < 2*r.Resolution-1 {
		r.Loaded = again
	}
	return r
}

// part is an amount of a report, and what the books have of it.
type part struct {
	name  string
	value meterproto.Credit
	into  *int64
	span  int64 // after how much it begins again; 0: never, or nobody knows
	known int64
}

// registerSteps is how many steps a register of eight digits has before it begins again.
const registerSteps = 100_000_000

// span is after how much a register begins again; 0 where nobody can say it exactly, since its last digit is no whole number of units, as
// that of a heat meter in GJ.
func span(resolution int64) int64 {
	step := max(1, resolution)
	for step%10 == 0 {
		step /= 10
	}
	if step != 1 {
		return 0
	}
	return max(1, resolution) * registerSteps
}

// consumedOf is what the meter has burnt, in what it counts, and after how much its register begins again by its width; 0 where that is not
// known. One that counts money has burnt what it has not left.
func consumedOf(counts ledger.Commodity, r meterproto.Reading, t meterproto.Taken) (_ meterproto.Credit, width int64) {
	switch counts {
	case ledger.CNY:
		burnt := t.Total
		burnt.N = max(0, burnt.N-t.Remaining.N)
		burnt.Valid = t.Total.Valid && t.Remaining.Valid
		return burnt, 0
	case ledger.WattHour:
		return energyOf(r)
	}
	v := r.Consumed
	return meterproto.Credit{N: v.Litres, Unit: meterproto.CreditLitres, Resolution: v.Resolution, Valid: v.Valid}, v.Span
}

// energyOf is the register of energy as it stands now, over all tariffs, and its width. 3600 J are one Wh: what counts joules has no
// width in whole Wh.
func energyOf(r meterproto.Reading) (_ meterproto.Credit, width int64) {
	for _, e := range r.Registers {
		now := e.Kind == meterproto.OfEnergy && e.State == meterproto.Good && e.Function == meterproto.Instantaneous
		if !now || e.Storage != 0 || e.Tariff != 0 || e.Subunit != 0 {
			continue
		}
		n, step, ok := e.Value.In(0)
		width = e.SpanIn(0)
		if e.Unit == meterproto.Joule {
			n, step, width = n/3600, step/3600+1, 0
		}
		return meterproto.Credit{N: n, Unit: meterproto.CreditWattHours, Resolution: step, Valid: ok}, width
	}
	return meterproto.Credit{}, 0
}

// countNear is the purchase count that the meter shows, or the one nearest to what is known where it shows a part of it.
func countNear(known uint32, t meterproto.Taken) uint32 {
	return uint32(vending.Unroll(int64(t.Count), int64(t.Modulus), int64(known)))
}

// Send sends an order, once. It is nil where the meter says that it has taken it, now or before; vending.ErrMeterDeclined
// where it is sure that it has not; anything else says nothing, and the meter must be heard.
func (w *Wire) Send(ctx context.Context, count uint32, credit ledger.Amount) error {
	seller, ok := w.Driver.(gateway.Seller)
	if !ok {
		return vending.ErrNoWireSale.With("Meter", w.Meter)
	}
	r := seller.TopUp(ctx, w.Line, w.Address,
		meterproto.Order{Count: count, Amount: credit.N, Unit: creditUnits[credit.Commodity], Customer: w.Holder})
	if errors.Is(r.Reason, gateway.ErrNotPrepaid) {
		return vending.ErrNoWireSale.With("Meter", w.Meter)
	}
	return w.obeys(r)
}
