package counter_test

import (
	"context"
	"testing"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/vendgate/vendgate/vending"
	"github.com/vendgate/vendgate/vending/counter"
	"github.com/vendgate/vendgate/vending/store"
)

// between does something when a transaction was rolled back, before it is run again.
type between struct {
	do func()
	at bool
}

func (b *between) TraceQueryStart(ctx context.Context, _ *pgx.Conn, q pgx.TraceQueryStartData) context.Context {
	b.at = q.SQL == "rollback"
	return ctx
}

func (b *between) TraceQueryEnd(context.Context, *pgx.Conn, pgx.TraceQueryEndData) {
	if b.at {
		b.at = false
		b.do()
	}
}

// An invoice without a buyer is made out to whoever has the account when it is issued: where the database lets it be tried again, and
// the account went to another party meanwhile (RULES A6), to them.
func TestInvoiceIsOfThePartyThatIsThere(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	o.opens(t, clerk, "1")
	o.draws(t, numbers(1, 1))
	f := o.family(t, 1001)
	p := f.bought(t, "1-1", vending.Cash)
	for _, sql := range []string{`create sequence once`, `create function in_the_way() returns trigger language plpgsql as $$ begin
		if nextval('once') = 1 then raise exception 'in the way' using errcode = '40001'; end if; return new; end $$`,
		`create trigger in_the_way before insert on invoice for each row execute function in_the_way()`} {
		if _, err := o.sql.Exec(t.Context(), sql); err != nil {
			t.Fatal(err)
		}
	}
	config, err := pgxpool.ParseConfig(o.dsn)
	if err != nil {
		t.Fatal(err)
	}
	transfers := 0
	config.MaxConns = 1
	config.ConnConfig.Tracer = &between{do: func() {
		transfers++
		if _, err := o.sql.Exec(t.Context(), `update customer set name = '李雷' where no = 1001`); err != nil {
			t.Error(err)
		}
	}}
	s, err := store.OpenConfig(t.Context(), config)
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	desk := *o.Desk
	desk.Store, transfers = s, 0
	i, done, err := desk.IssueInvoice(t.Context(), deed(clerk),
		counter.InvoiceRequest{Customer: f.no, Type: vending.OrdinaryInvoice, Slips: []string{p.Slip()}})
	if err != nil || !done || i.Buyer.Name != "李雷" || transfers == 0 {
		t.Errorf("made out to %q, after %d tries: %t, %v", i.Buyer.Name, transfers, done, err)
	}
}
