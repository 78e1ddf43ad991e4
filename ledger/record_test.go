package ledger_test

import (
	"bytes"
	"crypto/sha256"
	"encoding/binary"
	"reflect"
	"slices"
	"testing"
	"time"

	"github.com/google/uuid"
	"pgregory.net/rapid"

	"github.com/vendgate/vendgate/ledger"
)

// linkVector and sealVector were computed by a second implementation, in Python, from
// the description in DESIGN.md. They never change: what is on paper is made of them.
const (
	linkVector = "0f8c5ebc7607a649b332092572cd05260d339d8a9488350f3fb98c5dff9d6053"
	sealVector = "7a5556f02746003d7bb49c427393dbf54b0c690e123b49f151e63805055aae7c"
)

func vector() (before ledger.Hash, l ledger.Link) {
	for i := range before {
		before[i] = byte(i)
	}
	at := time.Date(2026, 3, 1, 12, 0, 0, 123_456_000, time.UTC)
	deed := uuid.MustParse("018e0000-0000-7000-8000-000000000001")
	one, two, three := uuid.MustParse("00000001-0000-5000-8000-000000000000"), uuid.MustParse("00000002-0000-5000-8000-000000000000"),
		uuid.MustParse("00000003-0000-5000-8000-000000000000")
	head := ledger.Head{Book: who, Seq: 4, Hash: before}
	return before, head.Next(ledger.Record{ID: deed, Kind: "purchase opened", Who: "clerk", From: "hall-1", Approved: "chief", Why: "理由",
		Request: sha256.Sum256([]byte("request")), Detail: `{"a":1}`, At: at, Recorded: at.Add(7 * time.Microsecond)}, 202603,
		ledger.Transfer{Customer: who, ID: two, Kind: ledger.Post, Pend: three, Debit: ledger.Sold, Credit: ledger.Card("8100000001"),
			Amount: litres(76040), Cause: deed, At: at},
		ledger.Transfer{Customer: who, ID: one, Kind: ledger.Single, Debit: ledger.Till("1-17"), Credit: ledger.Advance(who),
			Amount: ledger.Fen(20000), Cause: deed, At: at})
}

// The hashes can never change silently.
func TestHashesAreWhatTheyWere(t *testing.T) {
	t.Parallel()
	before, l := vector()
	if got := l.Hash.String(); got != linkVector {
		t.Errorf("link: got %s", got)
	}
	if got := ledger.SealHash(before, 3, l.At, 7, ledger.Head{Book: 0, Seq: 2, Hash: before}, l.Head()); got.String() != sealVector {
		t.Errorf("seal: got %s", got)
	}
}

func anyLink(t *rapid.T) (before ledger.Hash, l ledger.Link) {
	bytes32 := rapid.SliceOfN(rapid.Byte(), 32, 32)
	id := func(name string) uuid.UUID { return uuid.UUID(rapid.SliceOfN(rapid.Byte(), 16, 16).Draw(t, name)) }
	at := func(name string) time.Time { return time.UnixMicro(rapid.Int64().Draw(t, name)).UTC() }
	text := rapid.OneOf(rapid.String(), rapid.SampledFrom([]string{"", ":", "a:b", "\x00", "clerk"}))
	account := rapid.Custom(func(t *rapid.T) ledger.Account {
		return ledger.Account{Class: rapid.SampledFrom([]ledger.Class{ledger.ClassCard, ledger.ClassTill, "x"}).Draw(t, "class"), Of: text.Draw(t, "of")}
	})
	before = ledger.Hash(bytes32.Draw(t, "before"))
	l.Book, l.Seq = rapid.Int64().Draw(t, "book"), rapid.Int64().Draw(t, "seq")
	l.ID, l.At, l.Recorded = id("id"), at("at"), at("recorded")
	l.Kind, l.Who, l.From = text.Draw(t, "kind"), text.Draw(t, "who"), text.Draw(t, "from")
	l.Approved, l.Why, l.Detail = text.Draw(t, "approved"), text.Draw(t, "why"), text.Draw(t, "detail")
	l.Request = ledger.Hash(bytes32.Draw(t, "request"))
	for range rapid.IntRange(0, 3).Draw(t, "transfers") {
		l.Transfers = append(l.Transfers, ledger.Transfer{Customer: rapid.Int64().Draw(t, "customer"), ID: id("transfer"),
			Kind: ledger.Kind(text.Draw(t, "move")), Pend: id("pend"), Debit: account.Draw(t, "debit"), Credit: account.Draw(t, "credit"),
			Amount: ledger.Amount{N: rapid.Int64().Draw(t, "n"), Commodity: ledger.Commodity(text.Draw(t, "commodity"))},
			Cause:  id("cause"), Period: int(rapid.Int32().Draw(t, "period")), At: at("moved"), Recorded: at("kept")})
	}
	slices.SortFunc(l.Transfers, func(x, y ledger.Transfer) int { return bytes.Compare(x.ID[:], y.ID[:]) })
	return before, l
}

// What is hashed can be read back whole, so no two links are written alike.
func TestEncodingLosesNothing(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		before, l := anyLink(t)
		d := &decoder{l.Encode(before)}
		gotBefore, got := d.link()
		if len(d.rest) != 0 || gotBefore != before || !reflect.DeepEqual(got, l) {
			t.Errorf("%d bytes are left\ngot  %x %+v\nwant %x %+v", len(d.rest), gotBefore, got, before, l)
		}
	})
}

// The order in which transfers are given does not matter; nothing else does not.
func TestOrderOfTransfersIsNotHashed(t *testing.T) {
	t.Parallel()
	before, l := vector()
	was := l.Encode(before)
	slices.Reverse(l.Transfers)
	if !bytes.Equal(l.Encode(before), was) {
		t.Error("another order gives another hash")
	}
}

// decoder reads what Encode writes, by the description in DESIGN.md.
type decoder struct{ rest []byte }

func (d *decoder) field() []byte {
	n, size := binary.Uvarint(d.rest)
	value := d.rest[size : size+int(n)]
	d.rest = d.rest[size+int(n):]
	return value
}

func (d *decoder) number() int64 {
	n := int64(binary.BigEndian.Uint64(d.rest))
	d.rest = d.rest[8:]
	return n
}

func (d *decoder) time() time.Time { return time.UnixMicro(d.number()).UTC() }
func (d *decoder) id() uuid.UUID   { return uuid.UUID(d.field()) }
func (d *decoder) text() string    { return string(d.field()) }

func (d *decoder) account() ledger.Account {
	class, of, _ := bytes.Cut(d.field(), []byte(":"))
	return ledger.Account{Class: ledger.Class(class), Of: string(of)}
}

func (d *decoder) link() (before ledger.Hash, l ledger.Link) {
	d.field() // "vendgate link 1"
	before = ledger.Hash(d.field())
	l.Book, l.Seq, l.At, l.Recorded, l.ID = d.number(), d.number(), d.time(), d.time(), d.id()
	l.Kind, l.Who, l.From, l.Approved, l.Why, l.Detail = d.text(), d.text(), d.text(), d.text(), d.text(), d.text()
	l.Request = ledger.Hash(d.field())
	for range d.number() {
		var t ledger.Transfer
		t.Customer, t.Amount.N, t.Period, t.At, t.Recorded = d.number(), d.number(), int(d.number()), d.time(), d.time()
		t.ID, t.Pend, t.Cause, t.Kind = d.id(), d.id(), d.id(), ledger.Kind(d.text())
		t.Debit, t.Credit, t.Amount.Commodity = d.account(), d.account(), ledger.Commodity(d.text())
		l.Transfers = append(l.Transfers, t)
	}
	return before, l
}
