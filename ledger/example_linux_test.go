package ledger_test

import (
	"context"
	"fmt"
	"os"
	"testing"
	"text/tabwriter"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/vendgate/vendgate/ledger"
)

// A purchase through its whole life: 200 yuan buy 76.040 m³ (at 2.63 yuan), which
// the card carries to the meter, and the meter burns. Money in fen, gas in litres.
func Example() {
	t := new(scope)
	defer t.end()
	pool := open(t)
	ctx := context.Background()
	const customer, card, meter = 1001, "8100000001", "10000000000001"
	purchase := uuid.MustParse("0199f7a0-0000-7000-8000-000000000001")
	report := uuid.MustParse("0199f7a0-0000-7000-8000-000000000002")

	book := func(cause uuid.UUID, role string, kind ledger.Kind, from, to ledger.Account, n int64, c ledger.Commodity) ledger.Transfer {
		return ledger.Transfer{Customer: customer, ID: ledger.MoveID(cause, role), Kind: kind, Debit: from, Credit: to,
			Amount: ledger.Amount{N: n, Commodity: c}, Cause: cause, At: noon}
	}
	cost := book(purchase, "cost", ledger.Pend, ledger.Advance(customer), ledger.Prepaid(customer), 19999, ledger.CNY)
	credit := book(purchase, "credit", ledger.Pend, ledger.Sold, ledger.Card(card), 76040, ledger.Litre)
	steps := []struct {
		what      string
		transfers []ledger.Transfer
	}{
		{"The intent: the money is a fact, what it buys is pended.", []ledger.Transfer{
			book(purchase, "money", ledger.Single, ledger.Till("1"), ledger.Advance(customer), 20000, ledger.CNY),
			cost, credit}},
		{"The card was read back and carries it.", []ledger.Transfer{
			cost.Settle(ledger.Post, ledger.MoveID(purchase, "cost settled"), noon),
			credit.Settle(ledger.Post, ledger.MoveID(purchase, "credit settled"), noon)}},
		{"The meter took it, and burnt 1.2 m³.", []ledger.Transfer{
			book(report, "taken", ledger.Single, ledger.Card(card), ledger.Meter(meter), 76040, ledger.Litre),
			book(report, "burnt", ledger.Single, ledger.Meter(meter), ledger.Consumed(meter), 1200, ledger.Litre)}},
	}
	for _, step := range steps {
		err := pgx.BeginFunc(ctx, pool, func(tx pgx.Tx) error { return applyIn(ctx, tx, step.transfers...) })
		fmt.Println(step.what)
		show(ctx, pool, customer, err)
	}
	again := pgx.BeginFunc(ctx, pool, func(tx pgx.Tx) error { return applyIn(ctx, tx, steps[0].transfers...) })
	fmt.Println("The same again:", again)

	// Output:
	// The intent: the money is a fact, what it buys is pended.
	//   account          posted  incoming  outgoing
	//   advance:1001     20000   0         19999  CNY
	//   card:8100000001  0       76040     0      L
	//   prepaid:1001     0       19999     0      CNY
	// The card was read back and carries it.
	//   account          posted  incoming  outgoing
	//   advance:1001     1       0         0  CNY
	//   card:8100000001  76040   0         0  L
	//   prepaid:1001     19999   0         0  CNY
	// The meter took it, and burnt 1.2 m³.
	//   account                  posted  incoming  outgoing
	//   advance:1001             1       0         0  CNY
	//   card:8100000001          0       0         0  L
	//   consumed:10000000000001  1200    0         0  L
	//   meter:10000000000001     74840   0         0  L
	//   prepaid:1001             19999   0         0  CNY
	// The same again: ledger: this transfer has been made already (transfer_pkey)
}

func show(ctx context.Context, pool *pgxpool.Pool, customer int64, err error) {
	if err != nil {
		fmt.Println(err)
		return
	}
	balances, err := ledger.CustomerBalances(ctx, pool, customer)
	if err != nil {
		fmt.Println(err)
		return
	}
	w := tabwriter.NewWriter(os.Stdout, 0, 0, 2, ' ', 0)
	fmt.Fprintln(w, "  account\tposted\tincoming\toutgoing")
	for _, b := range balances {
		fmt.Fprintf(w, "  %s\t%d\t%d\t%d\t%s\n", b.Account, b.Posted, b.Incoming, b.Outgoing, b.Commodity)
	}
	w.Flush()
}

// scope is the part of a test that pgtest needs, for an example has no testing.TB.
type scope struct {
	testing.TB
	after []func()
}

func (s *scope) Helper()                           {}
func (s *scope) Cleanup(f func())                  { s.after = append(s.after, f) }
func (s *scope) Fatal(args ...any)                 { panic(fmt.Sprint(args...)) }
func (s *scope) Fatalf(format string, args ...any) { panic(fmt.Sprintf(format, args...)) }
func (s *scope) Errorf(format string, args ...any) { panic(fmt.Sprintf(format, args...)) }

func (s *scope) end() {
	for i := len(s.after) - 1; i >= 0; i-- {
		s.after[i]()
	}
}
