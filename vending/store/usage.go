package store

import (
	"context"

	"github.com/vendgate/vendgate/vending"
)

// SetPersons says how many people live in the customer's household: their tiers
// follow from it, from the next purchase on.
func (t *Tx) SetPersons(ctx context.Context, persons int) error {
	if err := (vending.Usage{Persons: persons}).Valid(); err != nil {
		return err
	}
	_, err := t.tx.Exec(ctx, `update customer set persons = $2 where no = $1`, t.Customer.No, persons)
	if err != nil {
		return refusal(err)
	}
	t.Changed("persons", persons)
	return nil
}

// Tariff returns the version of the customer's price list that is in force at this
// transaction's instant, or vending.ErrNoTariff or ErrNotInForce.
func (t *Tx) Tariff(ctx context.Context) (vending.Tariff, error) {
	versions, err := t.Versions(ctx)
	if err != nil {
		return vending.Tariff{}, err
	}
	return versions.InForce(t.Now)
}
