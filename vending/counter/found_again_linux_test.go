package counter_test

import (
	"context"
	"strings"
	"testing"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/vendgate/vendgate/vending"
	"github.com/vendgate/vendgate/vending/store"
)

// before does something before a statement is sent the first time.
type before struct {
	what  string
	do    func()
	times int
}

func (b *before) TraceQueryStart(ctx context.Context, _ *pgx.Conn, q pgx.TraceQueryStartData) context.Context {
	if strings.HasSuffix(q.SQL, b.what) {
		if b.times++; b.times == 1 {
			b.do()
		}
	}
	return ctx
}

func (b *before) TraceQueryEnd(context.Context, *pgx.Conn, pgx.TraceQueryEndData) {}

// A deed on a card that the database lets be tried again, after it failed to read the card, is on the same card.
func TestReturnIsTriedAgain(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	h := w.opened(t)
	for _, sql := range []string{`create table armed ()`, `create sequence once`,
		`create function in_the_way() returns boolean language plpgsql volatile as $$ begin
			if exists (select from armed) and nextval('once') = 1 then raise exception 'in the way' using errcode = '40001'; end if; return true; end $$`,
		`alter table card enable row level security`, `alter table card force row level security`,
		`create policy in_the_way on card using (in_the_way())`} {
		w.by(t, sql)
	}
	config, err := pgxpool.ParseConfig(w.dsn)
	if err != nil {
		t.Fatal(err)
	}
	asked := &before{what: "from card where customer_no = $1 and no = $2", do: func() { w.by(t, `insert into armed default values`) }}
	config.ConnConfig.Tracer = asked
	s, err := store.OpenConfig(t.Context(), config)
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	card, done, err := w.desk(s).ReturnCard(t.Context(), w.terminal(slotWith(h)), deed(clerk), false)
	if err != nil || !done || card.State != vending.CardReturned || card.No != h.card || asked.times != 2 {
		t.Errorf("asked %d times: %+v, %t, %v", asked.times, card, done, err)
	}
}
