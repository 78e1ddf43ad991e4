package store_test

import (
	"reflect"
	"testing"

	"github.com/vendgate/vendgate/vending"
	"github.com/vendgate/vendgate/vending/store"
)

// A card has one draft at most; it is found by the chip, and by no other.
func TestCardDrafts(t *testing.T) {
	t.Parallel()
	d := open(t)
	h, other := d.household(t, 1001), d.household(t, 1002)
	first := store.CardDraft{Layout: "x", CardNo: h.card.No, Old: map[string][]byte{"card": {0, 0xFF, 7}}, New: map[string][]byte{"card": {1, 2, 3}}}
	second := first
	second.New = map[string][]byte{"card": {9}, "spare": {}}
	for _, draft := range []store.CardDraft{first, second} {
		if err := d.BeginCardDraft(t.Context(), h.card.UID, draft); err != nil {
			t.Fatal(err)
		}
		if got, found, err := d.FindCardDraft(t.Context(), h.card.UID); err != nil || !found || !reflect.DeepEqual(got, draft) {
			t.Errorf("%+v, %v, %v", got, found, err)
		}
	}
	for _, uid := range [][]byte{other.card.UID, []byte("stranger")} {
		if _, found, err := d.FindCardDraft(t.Context(), uid); err != nil || found {
			t.Errorf("%s: %v, %v", uid, found, err)
		}
	}
	wantErr(t, d.BeginCardDraft(t.Context(), []byte("stranger"), first), vending.ErrCardNotOurs)
	if err := d.EndCardDraft(t.Context(), other.card.UID); err != nil {
		t.Error(err)
	}
	if _, found, err := d.FindCardDraft(t.Context(), h.card.UID); err != nil || !found {
		t.Errorf("another card's end took it: %v", err)
	}
	if err := d.EndCardDraft(t.Context(), h.card.UID); err != nil {
		t.Error(err)
	}
	if _, found, err := d.FindCardDraft(t.Context(), h.card.UID); err != nil || found {
		t.Errorf("%v, %v", found, err)
	}
}
