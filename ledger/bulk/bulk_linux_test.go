package bulk_test

import (
	"context"
	"strings"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"pgregory.net/rapid"

	"github.com/vendgate/vendgate/fixtures/pgtest"
	"github.com/vendgate/vendgate/ledger/bulk"
)

var rows = pgtest.Template(func(ctx context.Context, dsn string) error {
	conn, err := pgx.Connect(ctx, dsn)
	if err != nil {
		return err
	}
	defer conn.Close(ctx)
	_, err = conn.Exec(ctx, `create type all_row as (n bigint, maybe bigint, i integer, s text, b bytea, id uuid, no uuid, at timestamptz, never timestamptz)`)
	return err
})

// item is a row with a field of every type.
type item struct {
	n, maybe int64
	some     bool // what may be null is not
	i        int32
	s        string
	b        []byte
	id       [16]byte
	at       time.Time
}

func (x item) row(r *bulk.Row) {
	var maybe *int64
	var never *time.Time
	no := [16]byte{}
	if x.some {
		maybe, never, no = &x.maybe, &x.at, x.id
	}
	r.Bigint(x.n)
	r.BigintOrNull(maybe)
	r.Integer(x.i)
	r.Text(x.s)
	r.Bytes(x.b)
	r.UUID(x.id)
	r.UUIDOrNull(no)
	r.Time(x.at)
	r.TimeOrNull(never)
}

func connect(t *testing.T) *pgx.Conn {
	t.Helper()
	conn, err := pgx.Connect(t.Context(), rows.New(t))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { conn.Close(context.Background()) })
	return conn
}

var items = rapid.SliceOfN(rapid.Custom(func(t *rapid.T) item {
	x := item{n: rapid.Int64().Draw(t, "n"), maybe: rapid.Int64().Draw(t, "maybe"), some: rapid.Bool().Draw(t, "some"),
		i: rapid.Int32().Draw(t, "i"), s: strings.ReplaceAll(rapid.String().Draw(t, "s"), "\x00", "0"), b: rapid.SliceOf(rapid.Byte()).Draw(t, "b"),
		at: time.UnixMicro(rapid.Int64Range(-62135596800_000_000, 253402300799_000_000).Draw(t, "at")).UTC()}
	copy(x.id[:], rapid.SliceOfN(rapid.Byte(), 16, 16).Draw(t, "id"))
	x.id[0] |= 1 // a zero id is null
	return x
}), 0, 20)

// What is handed over is what the database sees: every field, and null where it is.
func TestRowsArriveAsTheyWere(t *testing.T) {
	t.Parallel()
	conn := connect(t)
	if err := bulk.Register(t.Context(), conn); err != nil {
		t.Fatal(err)
	}
	const back = `select n, coalesce(maybe, 0), maybe is not null, i, s, b, id, at from unnest($1::all_row[]) with ordinality r
		where (maybe is null) = (never is null) and (maybe is null) = (no is null) and coalesce(no, id) = id and coalesce(never, at) = at order by ordinality`
	rapid.Check(t, func(r *rapid.T) {
		want := items.Draw(r, "items")
		got, err := conn.Query(t.Context(), back, bulk.Of(want, func(r *bulk.Row, x item) { x.row(r) }))
		if err != nil {
			r.Fatal(err)
		}
		list, err := pgx.CollectRows(got, func(row pgx.CollectableRow) (x item, err error) {
			err = row.Scan(&x.n, &x.maybe, &x.some, &x.i, &x.s, &x.b, &x.id, &x.at)
			return x, err
		})
		if err != nil || len(list) != len(want) {
			r.Fatalf("%d rows of %d: %v", len(list), len(want), err)
		}
		for i, x := range want {
			y := list[i]
			if x.n != y.n || x.some != y.some || x.some && x.maybe != y.maybe || x.i != y.i || x.s != y.s || string(x.b) != string(y.b) || x.id != y.id || !x.at.Equal(y.at) {
				r.Fatalf("%+v came as %+v", x, y)
			}
		}
	})
}

func TestRowsThatDoNotFitAreRefused(t *testing.T) {
	t.Parallel()
	conn := connect(t)
	const sql = `select count(*) from unnest($1::all_row[])`
	one := []item{{s: "王芳"}}
	if _, err := conn.Exec(t.Context(), sql, bulk.Of(one, func(r *bulk.Row, x item) { x.row(r) })); err == nil || strings.Contains(err.Error(), "王") || strings.Contains(err.Error(), "0xe7") {
		t.Errorf("a connection that does not know the type: %v", err)
	}
	if err := bulk.Register(t.Context(), conn); err != nil {
		t.Fatal(err)
	}
	for name, row := range map[string]func(*bulk.Row, item){
		"a field too few":  func(r *bulk.Row, _ item) { r.Bigint(1) },
		"a field too many": func(r *bulk.Row, x item) { x.row(r); r.Bigint(1) },
		"another type": func(r *bulk.Row, x item) {
			r.Text("1")
			r.BigintOrNull(nil)
			r.Integer(1)
			r.Text("")
			r.Bytes(nil)
			r.UUID(x.id)
			r.UUID(x.id)
			r.Time(x.at)
			r.Time(x.at)
		},
	} {
		if _, err := conn.Exec(t.Context(), sql, bulk.Of(one, row)); err == nil {
			t.Errorf("%s was taken", name)
		}
	}
}
