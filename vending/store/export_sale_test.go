package store

import (
	"context"

	"github.com/vendgate/vendgate/vending"
)

// Sold is a purchase with the facts it was decided on.
type Sold struct {
	Facts    vending.Facts
	Purchase vending.Purchase
}

// OpenTogether stores intents in one transaction, as a group of that size would, and
// notes the heads that their books have then.
func (s *Store) OpenTogether(ctx context.Context, list []Sold, deed vending.Deed) error {
	openings := make([]opening, len(list))
	for i := range list {
		o, err := newOpening(list[i].Facts, list[i].Purchase, deed)
		if err != nil {
			return err
		}
		openings[i], list[i].Facts.Head = o, o.link.Head()
	}
	return s.openAll(ctx, openings)
}

// EndTogether settles what OpenTogether stored, in one transaction.
func (s *Store) EndTogether(ctx context.Context, list []Sold, deed vending.Deed) error {
	endings := make([]ending, len(list))
	for i, sold := range list {
		p := sold.Purchase
		e, err := newEnding(sold.Facts, p, vending.ProvedLoaded, Seen{Generation: p.Count, Count: p.Count, Total: p.Total, At: p.Opened}, deed)
		if err != nil {
			return err
		}
		endings[i] = e
	}
	return s.endAll(ctx, endings)
}

// FactsOf reads the facts of many cards in one round trip.
func (s *Store) FactsOf(ctx context.Context, asked []Asked) ([]vending.Facts, error) {
	list := each(asked, func(a Asked) *asking { return &asking{Asked: a} })
	err := s.askAll(ctx, list)
	return each(list, func(a *asking) vending.Facts { return a.facts }), err
}
