package store

import "context"

// Pipeline is what the stages of a sale are stored with.
var Pipeline = (*Store).pipeline

// Hold takes another customer's row in the same transaction, in whatever order.
func Hold(t *Tx, ctx context.Context, no int64) error {
	_, err := customerRow(ctx, t.tx, no, "for no key update")
	return err
}
