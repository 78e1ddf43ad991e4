package vending_test

import (
	"errors"
	"testing"
	"unicode/utf8"

	"github.com/vendgate/vendgate/vending"
)

// TestCustomerValid: what a console that is not set to UTF-8 sends is refused with
// words, not left to the database.
func TestCustomerValid(t *testing.T) {
	t.Parallel()
	good := vending.Customer{No: 1001, Name: "王芳", Address: "解放路1号"}
	if err := good.Valid(); err != nil {
		t.Error(err)
	}
	for name, change := range map[string]func(*vending.Customer){
		"no number":      func(c *vending.Customer) { c.No = 0 },
		"no name":        func(c *vending.Customer) { c.Name = "" },
		"name in GBK":    func(c *vending.Customer) { c.Name = "\xcd\xf5\xb7\xbc" },
		"NUL in name":    func(c *vending.Customer) { c.Name = "王\x00芳" },
		"address in GBK": func(c *vending.Customer) { c.Address = "\xbd\xe2\xb7\xc5" },
	} {
		c := good
		change(&c)
		err := c.Valid()
		if !errors.Is(err, vending.ErrNumberInvalid) || !utf8.ValidString(err.Error()) {
			t.Errorf("%s: %v", name, err)
		}
	}
}
