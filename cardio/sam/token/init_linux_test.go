//go:build cgo

package token

import (
	"errors"
	"strings"
	"testing"

	"github.com/vendgate/vendgate/fixtures/softhsm"
)

// A PIN that the token would refuse leaves no token: the same command with a good one makes it.
func TestInitWithAPINOfAWrongLength(t *testing.T) {
	o := Options{Module: hsm.Module, Label: "lengths", PIN: says(softhsm.PIN)}
	t.Cleanup(func() { _ = hsm.Delete(o.Label) })
	for name, pins := range map[string][2]string{
		"short": {"123", softhsm.SOPIN}, "none": {"", softhsm.SOPIN}, "long": {strings.Repeat("7", 256), softhsm.SOPIN},
		"short SO": {softhsm.PIN, "123"}, "long SO": {softhsm.PIN, strings.Repeat("7", 256)},
	} {
		bad := o
		bad.PIN = says(pins[0])
		if err := Init(bad, says(pins[1])); !errors.Is(err, ErrPINLength) || strings.Contains(err.Error(), "7777") {
			t.Errorf("%s: %v", name, err)
		}
		if _, err := Open(o); !errors.Is(err, ErrNoToken) {
			t.Fatalf("%s: a token was left: %v", name, err)
		}
	}
	if err := Init(o, says(softhsm.SOPIN)); err != nil {
		t.Fatal(err)
	}
	open(t, o)
}
