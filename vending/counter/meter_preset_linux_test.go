package counter_test

import (
	"context"
	"errors"
	"testing"

	"github.com/vendgate/vendgate/fixtures/metersim"
	"github.com/vendgate/vendgate/meterproto"
	"github.com/vendgate/vendgate/meterproto/gateway"
	"github.com/vendgate/vendgate/vending"
)

// preset is a gas meter that was given credit which its total does not count.
type preset struct {
	gateway.CJT188
	credit int64
}

func (p *preset) Taken(ctx context.Context, l gateway.Line, meter string) (meterproto.Taken, error) {
	t, err := p.CJT188.Taken(ctx, l, meter)
	t.Total.N -= p.credit
	return t, err
}

// A meter whose count and total are those of the books by chance, for both are 0, is no card: the credit that it was preset with would be
// nobody's, and what it burnt somebody else's. A maker's test is nothing.
func TestMeterThatIsNotNewIsAStranger(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		speaks              spoken
		loaded, burnt, hide int64 // hide is what the total does not count
		want                error
	}{
		"preset":              {gasOnLine(), 1_000, 0, 1_000, vending.ErrMeterStranger},
		"preset, money":       {moneyOnLine(), 1_000, 0, 1_000, vending.ErrMeterStranger},
		"another's use":       {gasOnLine(), 5_000, 5_000, 5_000, vending.ErrMeterStranger},
		"a maker's test":      {gasOnLine(), 1_000, 1_000, 1_000, nil},
		"as it left its line": {gasOnLine(), 0, 0, 0, nil},
	} {
		w := newWorld(t)
		w.lists(t, moneyList(t, "gas-money"))
		h := w.onLine(t, c.speaks, metersim.Friendly(), 1)
		h.served(t, 0, c.loaded, c.burnt)
		h.wire.Driver = &preset{c.speaks.driver.(gateway.CJT188), c.hide}
		d := w.desk(w.store)
		if _, err := d.PutOnLine(t.Context(), deed(clerk), h.asked, alone); err != nil {
			t.Fatal(err)
		}
		if _, _, err := d.IssueCard(t.Context(), h.terminal(d, h.wire), h.no, h.number()); !errors.Is(err, c.want) {
			t.Errorf("%s: %v, want %v", name, err, c.want)
		}
		if c.want == nil {
			continue
		}
		if o := h.isTakenOver(t, d); o.Fresh() != c.loaded-c.burnt || o.Total != c.loaded {
			t.Errorf("%s: %+v", name, o)
		}
	}
}

// A meter that left its maker with credit is taken over as it stands, before anything was sold on it; what is burnt of it is counted.
func TestMeterWithPresetCreditIsTakenOver(t *testing.T) {
	t.Parallel()
	for name, speaks := range map[string]spoken{"volume": gasOnLine(), "money": moneyOnLine()} {
		w := newWorld(t)
		w.lists(t, moneyList(t, "gas-money"))
		h := w.onLine(t, speaks, metersim.Friendly(), 1)
		h.served(t, 0, 1_000, 0)
		h.wire.Driver = &preset{speaks.driver.(gateway.CJT188), 1_000}
		d := w.desk(w.store)
		if o := h.isTakenOver(t, d); o.Report.Loaded != 0 || o.Total != 1_000 || o.Fresh() != 1_000 || o.Offset() != 1_000 {
			t.Errorf("%s: %+v", name, o)
		}
		out, err := d.TopUpOnLine(t.Context(), h.terminal(d, h.wire), request(topUpFen))
		if err != nil || out.Purchase.Count != 1 || out.Purchase.State != vending.Loaded {
			t.Errorf("%s: %+v, %v", name, out.Purchase, err)
		}
		if _, err := h.meter.Burn(300); err != nil {
			t.Fatal(err)
		}
		h.report(t)
		h.wantRuns(t, 0, 1_000)
		h.wantBooks(t)
		h.wantDifferences(t, 0)
	}
}
