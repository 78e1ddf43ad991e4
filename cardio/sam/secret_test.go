package sam

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"testing"
)

func TestSecretsAreOneACard(t *testing.T) {
	t.Parallel()
	f := Generate()
	seen := map[string]string{}
	for name, s := range map[string]struct {
		label  string
		serial string
		size   int
	}{
		"psc": {"sle4442 psc", "6001", 3}, "another card": {"sle4442 psc", "6002", 3}, "another use": {"sle4442 erase", "6001", 3},
		"label and serial are kept apart": {"sle4442 psc6", "001", 3}, "sector key": {"sector 1 a", "6001", 6}, "longest": {"x", "6001", 16},
	} {
		got, err := f.Secret(1, s.label, []byte(s.serial), s.size)
		if err != nil || len(got.Expose()) != s.size {
			t.Fatalf("%s: %d bytes, %v", name, len(got.Expose()), err)
		}
		head := string(got.Expose()[:3])
		if other, twice := seen[head]; twice {
			t.Errorf("%s is the secret of %s", name, other)
		}
		seen[head] = name
		again, _ := f.Secret(1, s.label, []byte(s.serial), s.size)
		if !bytes.Equal(again.Expose(), got.Expose()) {
			t.Errorf("%s: derived twice, it differs", name)
		}
	}
	for _, size := range []int{-1, 0, 17} {
		if _, err := f.Secret(1, "x", nil, size); err == nil {
			t.Errorf("a secret of %d bytes was made", size)
		}
	}
	if _, err := f.Secret(2, "x", nil, 3); !errors.Is(err, ErrVersion) {
		t.Error(err)
	}
}

func TestSecretIsOneOfItsOwn(t *testing.T) {
	t.Parallel()
	code := []byte{1, 2, 3}
	s := NewSecret(code)
	code[0] = 9
	s.Expose()[1] = 9
	if !bytes.Equal(s.Expose(), []byte{1, 2, 3}) {
		t.Errorf("%X", s.Expose())
	}
	if (Secret{}).Expose() != nil {
		t.Error("the zero secret has bytes")
	}
}

func TestSecretIsNotPrinted(t *testing.T) {
	t.Parallel()
	s := NewSecret([]byte("QQQ")) // 515151, 81 81 81
	box := struct {
		In  Secret
		ptr *Secret
	}{s, &s}
	var out strings.Builder
	for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%x", "%X", "%d", "%q", "%t"} {
		fmt.Fprintf(&out, verb+verb+verb+"\n", s, &s, box)
	}
	text, _ := json.Marshal(box)
	out.Write(text)
	slog.New(slog.NewTextHandler(&out, nil)).Info("x", "a", s, "b", box)
	slog.New(slog.NewJSONHandler(&out, nil)).Info("x", "a", s, "b", box)
	for _, secret := range []string{"QQ", "5151", "81 81", "81, 81", "0x51"} {
		if strings.Contains(out.String(), secret) {
			t.Errorf("%q was printed:\n%s", secret, out.String())
		}
	}
}
