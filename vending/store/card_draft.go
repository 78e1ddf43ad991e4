package store

import (
	"context"
	"errors"

	"github.com/jackc/pgx/v5"

	"github.com/vendgate/vendgate/vending"
)

// CardDraft is a load into a card's fixed places that was begun: the images of the card before and after it, by area.
type CardDraft struct {
	Layout string
	CardNo string
	Old    map[string][]byte
	New    map[string][]byte
}

// BeginCardDraft keeps a draft for the card with that UID, in the place of the one that is there. It is durable when it
// returns. It fails with vending.ErrCardNotOurs.
func (s *Store) BeginCardDraft(ctx context.Context, uid []byte, d CardDraft) error {
	customer, err := s.cardOwner(ctx, uid)
	if err != nil {
		return err
	}
	return s.write(ctx, `
insert into card_draft (customer_no, uid, layout, card_no, old_image, new_image) values ($1, $2, $3, $4, $5, $6)
on conflict (customer_no, uid) do update set layout = excluded.layout, card_no = excluded.card_no,
	old_image = excluded.old_image, new_image = excluded.new_image, begun_at = excluded.begun_at`,
		customer, uid, d.Layout, d.CardNo, d.Old, d.New)
}

// FindCardDraft is the draft of the card with that UID, and tells whether there is one. A card that is nobody's has none.
func (s *Store) FindCardDraft(ctx context.Context, uid []byte) (d CardDraft, found bool, err error) {
	customer, err := s.cardOwner(ctx, uid)
	if errors.Is(err, vending.ErrCardNotOurs) {
		return d, false, nil
	}
	if err != nil {
		return d, false, err
	}
	rows, err := s.pool.Query(ctx, `select layout, card_no, old_image, new_image from card_draft where customer_no = $1 and uid = $2`,
		customer, uid)
	if err != nil {
		return d, false, refusal(err)
	}
	d, err = pgx.CollectExactlyOneRow(rows, pgx.RowToStructByPos[CardDraft])
	if errors.Is(err, pgx.ErrNoRows) {
		return d, false, nil
	}
	return d, err == nil, refusal(err)
}

// EndCardDraft forgets the draft of the card with that UID.
func (s *Store) EndCardDraft(ctx context.Context, uid []byte) error {
	customer, err := s.cardOwner(ctx, uid)
	if err != nil {
		return err
	}
	return s.write(ctx, `delete from card_draft where customer_no = $1 and uid = $2`, customer, uid)
}

// cardOwner is the customer whose card has that UID, or vending.ErrCardNotOurs.
func (s *Store) cardOwner(ctx context.Context, uid []byte) (customer int64, err error) {
	err = s.pool.QueryRow(ctx, `select customer_no from card_owner where uid = $1`, uid).Scan(&customer)
	if errors.Is(err, pgx.ErrNoRows) {
		return 0, vending.ErrCardNotOurs
	}
	return customer, refusal(err)
}
