package intake

import (
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
	ClockOff time.Duration    // by how much the meter's clock is away from ours, where that is more than a day
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
	reading, err := w.Driver.Read(ctx, w.Line, w.Address)
	if err != nil {
		return Heard{}, err
	}
	if reading.Meter != w.Address {
		return Heard{}, fmt.Errorf("asked meter %s, %s answered: %w", w.Address, reading.Meter, meterproto.ErrWrongMeter)
	}
	taken, agreed, err := w.taken(ctx, reading)
	if err != nil {
		return Heard{}, err
	}
	report, err := FromWire(known, reading, taken)
	if err != nil {
		return Heard{}, err
	}
	if w.Rolls {
		report = goOn(report, known.Books)
	}
	report.Agreed = agreed
	report, off := report.ByOurClock(w.Now())
	return Heard{report, known.Meter.Commodity, off}, nil
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

// agreeTries bounds how often a meter is asked until two answers in a row agree.
const agreeTries = 4

// taken is what two answers say of the meter's purchases. Where it is no Seller, it is what the reading says.
func (w *Wire) taken(ctx context.Context, r meterproto.Reading) (t meterproto.Taken, agreed bool, err error) {
	seller, ok := w.Driver.(gateway.Seller)
	if !ok {
		return takenOf(r), false, nil
	}
	t, err = seller.Taken(ctx, w.Line, w.Address)
	if errors.Is(err, gateway.ErrNotPrepaid) {
		return takenOf(r), false, nil
	}
	if err != nil {
		return t, false, err
	}
	for range agreeTries {
		again, err := seller.Taken(ctx, w.Line, w.Address)
		if err != nil {
			return again, false, err
		}
		if again == t && t.Meter == w.Address {
			return t, true, nil
		}
		t = again
	}
	return t, false, vending.ErrMeterNotAgreed.With("Meter", w.Meter)
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

// FromWire is what a reading and what two answers said of purchases mean to the books. It fails with
// vending.ErrIncomplete, naming the part that a report cannot do without; a value that the meter sent as "no
// value", or in another unit than the meter is sold in, is never taken for a number.
func FromWire(known store.Statement, r meterproto.Reading, t meterproto.Taken) (vending.Report, error) {
	report := vending.Report{Customer: known.Customer, Meter: known.Meter.No, Source: vending.OverWire, MeterTime: r.Time, Resolution: 1,
		BatteryLow: r.BatteryLow, ValveOpen: r.ValveOpen != nil && *r.ValveOpen, Count: countNear(known.Count, t)}
	if known.Meter.Commodity == ledger.CNY && r.Consumed.Valid {
		report.Register = &r.Consumed.Litres
	}
	parts := []part{
		{"the register", consumedOf(known.Meter.Commodity, r, t), &report.Consumed},
		{"the total purchased", t.Total, &report.Loaded},
		{"the remaining credit", t.Remaining, &report.Remaining},
	}
	if t == (meterproto.Taken{}) {
		report.Source, parts = vending.RegisterOnly, parts[:1]
	}
	for _, p := range parts {
		if !p.value.Valid || p.value.Unit != creditUnits[known.Meter.Commodity] {
			return vending.Report{}, incomplete(known.Meter.No, p.name)
		}
		*p.into = p.value.N
		report.Resolution = max(report.Resolution, p.value.Resolution)
	}
	return report, nil
}

// part is an amount of a report.
type part struct {
	name  string
	value meterproto.Credit
	into  *int64
}

// registerSteps is how many steps a register of eight digits has before it begins again.
const registerSteps = 100_000_000

// goOn carries registers that began again on from what the books know.
func goOn(r vending.Report, b vending.Books) vending.Report {
	span := r.Resolution * registerSteps
	if r.Source.SaysCredit() {
		r.Loaded = vending.Unroll(r.Loaded, span, b.OnCard.N+b.InMeter.N+b.Consumed.N)
	}
	r.Consumed = vending.Unroll(r.Consumed, span, b.Consumed.N)
	return r
}

// consumedOf is what the meter has burnt, in what it counts. One that counts money has burnt what it has not left.
func consumedOf(counts ledger.Commodity, r meterproto.Reading, t meterproto.Taken) meterproto.Credit {
	switch counts {
	case ledger.CNY:
		burnt := t.Total
		burnt.N -= t.Remaining.N
		burnt.Valid = t.Total.Valid && t.Remaining.Valid
		return burnt
	case ledger.WattHour:
		return energyOf(r)
	}
	v := r.Consumed
	return meterproto.Credit{N: v.Litres, Unit: meterproto.CreditLitres, Resolution: v.Resolution, Valid: v.Valid}
}

// energyOf is the register of energy as it stands now, over all tariffs. 3600 J are one Wh.
func energyOf(r meterproto.Reading) meterproto.Credit {
	for _, e := range r.Registers {
		now := e.Kind == meterproto.OfEnergy && e.State == meterproto.Good && e.Function == meterproto.Instantaneous
		if !now || e.Storage != 0 || e.Tariff != 0 || e.Subunit != 0 {
			continue
		}
		n, step, ok := e.Value.In(0)
		if e.Unit == meterproto.Joule {
			n, step = n/3600, step/3600+1
		}
		return meterproto.Credit{N: n, Unit: meterproto.CreditWattHours, Resolution: step, Valid: ok}
	}
	return meterproto.Credit{}
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
