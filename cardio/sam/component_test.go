package sam

import (
	"errors"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

func TestParseComponent(t *testing.T) {
	t.Parallel()
	const digits, kcv = "2b7e1516 28aed2a6-abf7158809cf4f3c", "7DF76B" // KCV with openssl enc -aes-128-ecb
	for name, test := range map[string]struct {
		digits, kcv string
		want        error
	}{
		"as on paper":   {digits, kcv, nil},
		"lower case":    {digits, "7d f7 6b", nil},
		"other KCV":     {digits, "7DF76C", ErrKCV},
		"no KCV":        {digits, "", ErrKCV},
		"one digit off": {strings.Replace(digits, "2b", "2c", 1), kcv, ErrKCV},
		"short":         {digits[2:], kcv, ErrComponent},
		"long":          {digits + "00", kcv, ErrComponent},
		"not hex":       {"x" + digits[1:], kcv, ErrComponent},
		"nothing":       {"", kcv, ErrComponent},
	} {
		_, err := ParseComponent(test.digits, test.kcv)
		if !errors.Is(err, test.want) || (err == nil) != (test.want == nil) {
			t.Errorf("%s: %v, want %v", name, err, test.want)
		}
		if err != nil && test.digits != "" && strings.Contains(err.Error(), test.digits[10:20]) {
			t.Errorf("%s: the error quotes the component: %v", name, err)
		}
	}
}

// TestComponents: what a holder writes down is read back; in whatever order they
// come, the components give one key; one of them missing gives another one.
func TestComponents(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		parts := make([]*Key, rapid.IntRange(2, 4).Draw(t, "holders"))
		for i := range parts {
			made := Component()
			digits, err := made.Digits()
			if err != nil {
				t.Fatal(err)
			}
			kcv, err := made.KCV()
			if err != nil {
				t.Fatal(err)
			}
			if parts[i], err = ParseComponent(digits, kcv); err != nil {
				t.Fatal(err)
			}
		}
		whole, err := Combine(parts...)
		if err != nil {
			t.Fatal(err)
		}
		parts[0], parts[len(parts)-1] = parts[len(parts)-1], parts[0]
		turned, err := Combine(parts...)
		if err != nil {
			t.Fatal(err)
		}
		a, _ := whole.Expose()
		b, _ := turned.Expose()
		if a != b {
			t.Fatal("the order of the holders matters")
		}
		if less, err := Combine(parts[1:]...); err == nil {
			if c, _ := less.Expose(); c == a {
				t.Fatal("one component less gives the same key")
			}
		}
	})
}

func TestCombineByHand(t *testing.T) {
	t.Parallel()
	a, b := key(t, "0F0F0F0F0F0F0F0F0F0F0F0F0F0F0F0F"), key(t, "F0F0F0F0F0F0F0F0F0F0F0F0F0F0F0FF")
	whole, err := Combine(a, b)
	if err != nil || hexOf(t, whole) != "fffffffffffffffffffffffffffffff0" {
		t.Errorf("%s, %v", hexOf(t, whole), err)
	}
	for name, parts := range map[string][]*Key{"none": nil, "one": {a}, "twice the same": {a, a}, "two alike of three": {a, b, a}} {
		if _, err := Combine(parts...); !errors.Is(err, ErrSameParts) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// TestWeakKeysInProduction: equal halves, as the DTK of a test card, and what stands in manuals.
func TestWeakKeysInProduction(t *testing.T) {
	t.Parallel()
	for name, digits := range map[string]string{
		"equal halves":      "34343434343434343434343434343434",
		"equal halves, too": "0123456789ABCDEF0123456789ABCDEF",
		"zeros":             strings.Repeat("00", 16),
		"of a manual":       "11223344556677888877665544332211",
	} {
		if _, err := new(File).Add(128, key(t, digits)); !errors.Is(err, ErrWeak) {
			t.Errorf("%s: %v", name, err)
		}
		if _, err := new(File).Add(1, key(t, digits)); err != nil {
			t.Errorf("%s, for trials: %v", name, err)
		}
	}
	if _, err := new(File).Add(128, Component()); err != nil {
		t.Errorf("a random key: %v", err)
	}
}
