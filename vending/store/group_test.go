package store

import (
	"context"
	"errors"
	"testing"

	"github.com/jackc/pgx/v5/pgconn"

	"github.com/vendgate/vendgate/vending"
)

// What met a deadlock is done again, alone; what is refused or in doubt is not.
func TestGroupDoesADeadlockAgain(t *testing.T) {
	t.Parallel()
	deadlock, refused := error(&pgconn.PgError{Code: "40P01"}), error(&pgconn.PgError{Code: "23505"})
	for name, c := range map[string]struct {
		answers []error // one a try; the last for ever
		want    error
		tries   int
	}{
		"once":     {[]error{deadlock, nil}, nil, 2},
		"for ever": {[]error{deadlock}, deadlock, tries},
		"refused":  {[]error{refused}, refused, 1},
		"in doubt": {[]error{vending.ErrCommitInDoubt}, vending.ErrCommitInDoubt, 1},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			done := 0
			g := &group[int]{lanes: &lanes{most: 1}, do: func(context.Context, []int) error {
				done++
				return c.answers[min(done, len(c.answers))-1]
			}}
			g.lanes.stages = []stage{g}
			if err := g.run(t.Context(), 1); !errors.Is(err, c.want) || done != c.tries {
				t.Errorf("%v after %d tries", err, done)
			}
		})
	}
}
