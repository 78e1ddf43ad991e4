package bulk_test

import (
	"reflect"
	"strings"
	"testing"

	"github.com/vendgate/vendgate/ledger/bulk"
)

func source(rows []int64) (string, []any) {
	return bulk.Source("t", bulk.Of("n", "bigint", rows, func(n int64) int64 { return n }),
		bulk.Of("s", "text", rows, func(n int64) string { return strings.Repeat("x", int(n)) }))
}

func TestAFewAreValues(t *testing.T) {
	t.Parallel()
	sql, args := source([]int64{1, 2})
	if want := "(values ($1::bigint, $2::text), ($3::bigint, $4::text)) t (n, s) "; sql != want {
		t.Errorf("%q, want %q", sql, want)
	}
	if want := []any{int64(1), "x", int64(2), "xx"}; !reflect.DeepEqual(args, want) {
		t.Error(args)
	}
}

func TestManyAreArrays(t *testing.T) {
	t.Parallel()
	rows := []int64{1, 2, 3, 4, 5, 6, 7}
	sql, args := source(rows)
	if want := "unnest($1::bigint[], $2::text[]) t (n, s) "; sql != want {
		t.Errorf("%q, want %q", sql, want)
	}
	if len(args) != 2 || !reflect.DeepEqual(args[0], rows) || len(args[1].([]string)) != 7 {
		t.Error(args)
	}
}
