package counter_test

import (
	"context"
	"errors"
	"testing"

	"github.com/vendgate/vendgate/fixtures/metersim"
	"github.com/vendgate/vendgate/ledger"
	"github.com/vendgate/vendgate/meterproto/dlt645"
	"github.com/vendgate/vendgate/meterproto/gateway"
	"github.com/vendgate/vendgate/vending"
	"github.com/vendgate/vendgate/vending/counter"
	"github.com/vendgate/vendgate/vending/intake"
)

// goneWire is a wire that is gone from the first order on, which it delivers or not.
type goneWire struct {
	counter.Wire
	delivers, gone bool
}

func (g *goneWire) Send(ctx context.Context, count uint32, credit ledger.Amount) error {
	if g.gone = true; g.delivers {
		_ = g.Wire.Send(ctx, count, credit)
	}
	return errCutLine
}

func (g *goneWire) Hear(ctx context.Context) (intake.Heard, error) {
	if g.gone {
		return intake.Heard{}, errCutLine
	}
	return g.Wire.Hear(ctx)
}

// The service itself finds out what became of a purchase over the wire, however it was cut: the meter is asked, and has it once. It sells
// nothing.
func TestServiceResumesOnLine(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	service := w.desk(w.store).As(vending.System("gateway"))
	for _, how := range []string{"lost", "done", "declined", "read"} {
		h := w.onLine(t, gasOnLine(), metersim.Friendly(), 1)
		h.joins(t)
		if _, err := service.ResumeOnLine(t.Context(), h.terminal(service, h.wire)); !errors.Is(err, vending.ErrNoPurchase) {
			t.Errorf("%s: nothing is pending: %v", how, err)
		}
		req := request(topUpFen)
		if _, err := service.TopUpOnLine(t.Context(), h.terminal(service, h.wire), req); !errors.Is(err, vending.ErrNotPermitted) {
			t.Errorf("%s: the service sells: %v", how, err)
		}
		broken := &goneWire{Wire: h.wire, delivers: how == "done" || how == "read"}
		out, err := w.desk(w.store).TopUpOnLine(t.Context(), h.terminal(service, broken), req)
		if err != nil || out.Purchase.State != vending.Pending {
			t.Fatalf("%s: %+v, %v", how, out.Purchase.State, err)
		}
		again := &cutWire{Wire: h.wire, at: -2}
		if how == "declined" { // to the service, after the meter has been heard twice
			again.at, again.how = 2, how
		}
		if how == "read" {
			h.report(t)
		}
		out, err = service.ResumeOnLine(t.Context(), h.terminal(service, again))
		want := vending.Loaded
		if how == "declined" {
			want = vending.Voided
		}
		if p, readErr := w.store.Purchase(t.Context(), req.ID); readErr != nil || p.State != want || err != nil && !errors.Is(err, vending.ErrNoPurchase) {
			t.Errorf("%s: %s, %v; it said %v, %v", how, p.State, readErr, out.Purchase.State, err)
		}
		h.wantOnce(t)
		h.wantBooks(t)
		if t.Failed() {
			t.Fatal(how)
		}
	}
}

// Whoever has no keys of a meter, or the wrong ones, can send it nothing. That gives no money back for an order which may be on its way
// still; it does where none ever left.
func TestResumeWithoutKeys(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.lists(t, moneyList(t, "gas-money"))
	d := w.desk(w.store)
	for name, keys := range map[string]dlt645.Keys{"none": nil, "wrong": &metersim.ESAM{Root: [16]byte([]byte("of other meters!"))}} {
		for _, sent := range []bool{true, false} {
			h := w.onLine(t, electricOnLine(), metersim.Friendly(), 1)
			h.joins(t)
			keyless := *h.wire
			driver := h.wire.Driver.(gateway.DLT645)
			driver.Keys = keys
			keyless.Driver = driver
			req, want := request(topUpFen), vending.Voided
			if sent {
				want = vending.Pending
				if out, err := d.TopUpOnLine(t.Context(), h.terminal(d, &goneWire{Wire: h.wire}), req); err != nil || out.Purchase.State != vending.Pending {
					t.Fatalf("%+v, %v", out, err)
				}
			}
			if out, err := d.TopUpOnLine(t.Context(), h.terminal(d, &keyless), req); err != nil || out.Purchase.State != want {
				t.Errorf("%s, sent %v: %v, %v", name, sent, out.Purchase.State, err)
			}
			if out, err := d.ResumeOnLine(t.Context(), h.terminal(d, h.wire)); sent && (err != nil || out.Purchase.State != vending.Loaded) {
				t.Errorf("%s, then the right ones: %v, %v", name, out.Purchase.State, err)
			}
			h.wantOnce(t)
			h.wantBooks(t)
		}
	}
}
