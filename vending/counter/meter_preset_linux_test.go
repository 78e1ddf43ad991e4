package counter_test

import (
	"context"
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
