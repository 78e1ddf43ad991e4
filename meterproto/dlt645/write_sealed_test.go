package dlt645_test

import (
	"bytes"
	"errors"
	"slices"
	"testing"

	"github.com/vendgate/vendgate/meterproto/dlt645"
)

// A sealed write has the values, or what hides them, and a MAC where a password would be proof; the password leaves no trace.
func TestSealedWrite(t *testing.T) {
	t.Parallel()
	service := keys{cipher: []byte{1, 2, 3, 4, 5, 6, 7, 8}}
	values, di := []byte{0x23, 0x52, 0, 0}, dlt645.ID(0x04060301)
	w := dlt645.Write{DI: di, Values: values, Grant: dlt645.Grant{
		Access: dlt645.Access{Password: dlt645.Password{7, 8, 9}}, Operator: dlt645.Operator{1, 2, 3, 4}}}
	for level, c := range map[byte]struct {
		body   []byte
		proves dlt645.DI
	}{
		dlt645.LevelMAC: {values, di}, dlt645.LevelCipher: {service.cipher, di},
	} {
		w.Grant.Access.Level = level
		mac, err := service.MAC(t.Context(), dlt645.Session{}, c.proves, values)
		if err != nil {
			t.Fatal(err)
		}
		want := slices.Concat([]byte{0x01, 0x03, 0x06, 0x04, level, 0, 0, 0, 1, 2, 3, 4}, c.body, mac[:])
		sealed, err := dlt645.SealWrite(t.Context(), service, dlt645.Session{}, w)
		if f := sealed.Frame(dlt645.Address{1}); err != nil || !bytes.Equal(f.Data, want) || f.Control != dlt645.WriteData {
			t.Errorf("%02X: %X, %v, want %X", level, f.Data, err, want)
		}
		away := keys{err: errors.New("the token is away")}
		if _, err := dlt645.SealWrite(t.Context(), away, dlt645.Session{}, w); !errors.Is(err, away.err) {
			t.Errorf("%02X: %v", level, err)
		}
	}
	w.Grant.Access.Level = 0x04
	if _, err := dlt645.SealWrite(t.Context(), service, dlt645.Session{}, w); !errors.Is(err, dlt645.ErrMalformed) {
		t.Errorf("by password: %v", err)
	}
}
