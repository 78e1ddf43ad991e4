package store

import (
	"errors"
	"testing"

	"github.com/jackc/pgx/v5/pgconn"

	"github.com/vendgate/vendgate/vending"
)

// A value that no table holds is the request's own fault; a deadlock is another's, and nothing else is either.
func TestRefusalOfTheDatabase(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		code, rule string
		want       error
	}{
		{"23514", "report_amounts_fit", vending.ErrUnfit}, {"22003", "", vending.ErrUnfit}, {"22021", "", vending.ErrUnfit},
		{"40P01", "", vending.ErrHeld}, {"40001", "", vending.ErrHeld}, {"55P03", "", vending.ErrHeld},
		{"57P01", "", vending.ErrDatabase}, {"25006", "", vending.ErrDatabase},
		{"23514", "report_meter_fkey", vending.ErrNoMeter}, {"23505", "unheard_of", nil}, {"53100", "", vending.ErrDatabase}, {"42501", "", nil},
	} {
		pg := &pgconn.PgError{Code: c.code, ConstraintName: c.rule}
		got := refusal(pg)
		_, known := errors.AsType[*vending.Error](got)
		if !errors.Is(got, pg) || known != (c.want != nil) || known && !errors.Is(got, c.want) {
			t.Errorf("%s %s: %v, want %v", c.code, c.rule, got, c.want)
		}
	}
}
