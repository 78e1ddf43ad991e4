package reader

import (
	"errors"
	"strings"
	"testing"

	"github.com/vendgate/vendgate/cardio"
)

func TestUnclearErrorNamesTheReaders(t *testing.T) {
	t.Parallel()
	none := &UnclearError{Readers: []string{"x", "y"}}
	if !errors.Is(none, cardio.ErrNoCard) || !strings.Contains(none.Error(), `"x", "y"`) {
		t.Error(none)
	}
	two := &UnclearError{Readers: []string{"x", "y", "z"}, WithCard: []string{"y", "z"}}
	if errors.Is(two, cardio.ErrNoCard) || !errors.Is(two, ErrSeveral) || strings.Contains(two.Error(), `"x"`) || !strings.Contains(two.Error(), `"y", "z"`) {
		t.Error(two)
	}
}

func TestOptionsHaveLimits(t *testing.T) {
	t.Parallel()
	o := Options{Connect: 1}.withDefaults()
	if o.Connect != 1 || o.Transmit <= 0 || o.Close <= 0 {
		t.Errorf("%+v", o)
	}
}
