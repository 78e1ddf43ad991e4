package counter

import (
	"context"
	"time"

	"github.com/vendgate/vendgate/cardio"
	"github.com/vendgate/vendgate/cardio/cardfile"
	"github.com/vendgate/vendgate/vending/store"
)

// drafts is how long the books are waited for while a card is in the reader.
const drafts = 30 * time.Second

// Journaled lets a terminal of cardio keep the drafts of its card loads in the books. Any other terminal is as it was.
func Journaled(t Terminal, s *store.Store) Terminal {
	if a, ok := t.(at); ok {
		a.Journal = journal{s}
	}
	return t
}

// journal is a cardio.Journal in the books.
type journal struct{ store *store.Store }

func (j journal) Begin(uid cardio.UID, d cardio.Draft) error {
	ctx, cancel := context.WithTimeout(context.Background(), drafts)
	defer cancel()
	return j.store.BeginCardDraft(ctx, uid[:], store.CardDraft{Layout: d.Layout, CardNo: d.Number, Old: d.Old, New: d.New})
}

func (j journal) Find(uid cardio.UID) (cardio.Draft, bool, error) {
	ctx, cancel := context.WithTimeout(context.Background(), drafts)
	defer cancel()
	d, found, err := j.store.FindCardDraft(ctx, uid[:])
	return cardio.Draft{Layout: d.Layout, Number: d.CardNo, Old: cardfile.Image(d.Old), New: cardfile.Image(d.New)}, found, err
}

func (j journal) Done(uid cardio.UID) error {
	ctx, cancel := context.WithTimeout(context.Background(), drafts)
	defer cancel()
	return j.store.EndCardDraft(ctx, uid[:])
}
