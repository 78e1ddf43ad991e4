package store_test

import (
	"errors"
	"testing"
	"time"

	"github.com/vendgate/vendgate/ledger"
	"github.com/vendgate/vendgate/vending"
	"github.com/vendgate/vendgate/vending/store"
)

// underWay is a household with a purchase that is pending, and what its desk knows of it.
func (d *database) underWay(t *testing.T) (*household, vending.Purchase, vending.Facts) {
	t.Helper()
	h := d.household(t, 1001)
	p := h.sale(1)
	if err := h.add(t.Context(), p); err != nil {
		t.Fatal(err)
	}
	facts, err := d.Facts(t.Context(), store.Asked{UID: h.card.UID, ID: p.ID})
	if err != nil {
		t.Fatal(err)
	}
	return h, p, facts
}

// A sale ends without its customer's row. Whoever settles the same purchase meanwhile, having read it as pending, is refused by
// the transfers that are there already: that is no refusal, and what it wants is decided anew.
func TestSaleEndsWhileItsBookIsHeld(t *testing.T) {
	t.Parallel()
	d := open(t)
	h, p, facts := d.underWay(t)
	var met []vending.State
	h.must(t, func(tx *store.Tx) error {
		now, err := tx.Purchase(t.Context(), p.ID)
		if err != nil {
			return err
		}
		met = append(met, now.State)
		if now.State != vending.Pending {
			return nil
		}
		if _, err := d.End(t.Context(), facts, p, vending.ProvedLoaded, store.Seen{}, vending.Deed{Kind: "purchase settled", By: clerk}); err != nil {
			return err
		}
		return tx.Apply(t.Context(), now.SettleTransfers(vending.Loaded, noon.Add(time.Minute))...)
	})
	if len(met) != 2 || met[1] != vending.Loaded {
		t.Errorf("it met the purchase as %v", met)
	}
	d.wantClean(t)
}

// Who waited for a row that somebody else holds has waited long enough, even where the book has moved meanwhile.
func TestHeldIsSaidAtOnce(t *testing.T) {
	t.Parallel()
	d := open(t)
	h, p, facts := d.underWay(t)
	ran := 0
	err := h.do(t.Context(), func(*store.Tx) error {
		if ran++; ran == 1 {
			if _, err := d.End(t.Context(), facts, p, vending.ProvedLoaded, store.Seen{}, vending.Deed{Kind: "purchase settled", By: clerk}); err != nil {
				return err
			}
		}
		return vending.ErrHeld
	})
	if !errors.Is(err, vending.ErrHeld) || errors.Is(err, ledger.ErrStale) || ran != 1 {
		t.Errorf("%v after %d runs", err, ran)
	}
}

// What is refused on a book that nobody else has changed is refused at once.
func TestRefusalStands(t *testing.T) {
	t.Parallel()
	d := open(t)
	h := d.household(t, 1001)
	ran := 0
	err := h.do(t.Context(), func(tx *store.Tx) error {
		ran++
		return vending.ErrReasonMissing
	})
	if !errors.Is(err, vending.ErrReasonMissing) || errors.Is(err, ledger.ErrStale) || ran != 1 {
		t.Errorf("%v after %d runs", err, ran)
	}
}
