package ledger_test

import (
	"strings"
	"testing"

	"github.com/google/uuid"

	"github.com/vendgate/vendgate/ledger"
)

func TestAccountsReadBack(t *testing.T) {
	t.Parallel()
	for want, a := range map[string]ledger.Account{
		"sold:all":         ledger.Sold,
		"till:1":           ledger.Till("1"),
		"advance:7":        ledger.Advance(7),
		"prepaid:7":        ledger.Prepaid(7),
		"card:8100000001":  ledger.Card("8100000001"),
		"meter:10000001":   ledger.Meter("10000001"),
		"consumed:1000001": ledger.Consumed("1000001"),
	} {
		if a.String() != want {
			t.Errorf("%#v is written %q, want %q", a, a, want)
		}
		if back, err := ledger.ParseAccount(want); err != nil || back != a {
			t.Errorf("%q is read as %v, %v", want, back, err)
		}
	}
}

func TestAccountsRefused(t *testing.T) {
	t.Parallel()
	for _, s := range []string{"", ":", "card", "card:", ":1", "bank", "post:1", "Card:1", " card:1", "cards:1"} {
		if a, err := ledger.ParseAccount(s); err == nil {
			t.Errorf("%q is read as %v", s, a)
		}
	}
}

// What is read is written the same way: one spelling.
func FuzzParseAccount(f *testing.F) {
	for _, s := range []string{"card:8100000001", "card:", "sold:all", "advance:-1", "a:b:c", "card:a:b", "", "\x00:\xff", "卡:1"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		a, err := ledger.ParseAccount(s)
		if err != nil {
			if a != (ledger.Account{}) {
				t.Errorf("%q: %v with an error", s, a)
			}
			return
		}
		if a.String() != s || strings.Contains(string(a.Class), ":") || a.Of == "" {
			t.Errorf("%q became %#v", s, a)
		}
	})
}

// The same fact gives the same id; another role or another fact does not.
func TestMoveID(t *testing.T) {
	t.Parallel()
	a, b := uuid.New(), uuid.New()
	if ledger.MoveID(a, "cost") == ledger.MoveID(a, "credit") || ledger.MoveID(a, "cost") == ledger.MoveID(b, "cost") {
		t.Error("two facts with one id")
	}
	// Ids are in the books for ever: a change of the derivation would post old facts
	// again. The vector is Python's uuid.uuid5(uuid.NAMESPACE_X500, 'cost').
	const want = "09c6eef3-dd8e-5830-94fa-fb0552c7d74a"
	if got := ledger.MoveID(uuid.MustParse("6ba7b814-9dad-11d1-80b4-00c04fd430c8"), "cost").String(); got != want {
		t.Errorf("got %s, want %s", got, want)
	}
}
