package vending

import (
	"strings"
	"unicode/utf8"

	"github.com/vendgate/vendgate/ledger"
)

// Status of a customer (RULES A1).
type Status string

// The states in which a customer can be.
const (
	Registered       Status = "registered"        // 在册
	AwaitingIgnition Status = "awaiting_ignition" // 待点火
	InService        Status = "in_service"        // 点火通气
	Vacant           Status = "vacant"            // 空房
	Suspended        Status = "suspended"         // 报停
	Sealed           Status = "sealed"            // 封停
	Dismantled       Status = "dismantled"        // 拆除
	Closed           Status = "closed"            // 销户
)

// MaySell says whether credit may be sold (RULES B10).
func (s Status) MaySell() bool {
	return s == Registered || s == AwaitingIgnition || s == InService || s == Vacant
}

// Customer is who pays. No leads every key of the large tables.
type Customer struct {
	No      int64
	Name    string
	Address string
	Status  Status
	Tariff  string // code of the tariff that applies
	Persons int    // of the household; 0 where it is not known
}

// Meter is what burns the credit down (RULES C1: one premises, meter, card).
type Meter struct {
	No        string // 14 digits, the CJ/T 188 address
	Commodity ledger.Commodity
	MaxCredit int64 // most credit that may be on card and meter together, in Commodity's unit
}

// MeterDigits is the length of a meter number (CJ/T 188 address, 7 bytes BCD).
const MeterDigits = 14

// CardDigits is the length of a card number.
const CardDigits = 10

// Valid checks what a clerk can get wrong when opening an account.
func (c Customer) Valid() error {
	if c.No <= 0 {
		return ErrNumberInvalid.With("What", "customer_number", "Value", c.No, "Want", "positive_number")
	}
	if c.Name == "" {
		return ErrNumberInvalid.With("What", "name", "Value", c.Name, "Want", "some_text")
	}
	for what, text := range map[string]string{"name": c.Name, "address": c.Address} {
		// A console that is set to GBK sends bytes that no database of ours keeps.
		if !utf8.ValidString(text) || strings.ContainsRune(text, 0) {
			return ErrNumberInvalid.With("What", what, "Value", strings.ToValidUTF8(text, "?"), "Want", "utf8_text")
		}
	}
	return nil
}

// Valid checks the number and the maximum.
func (m Meter) Valid() error {
	if !digits(m.No, MeterDigits) {
		return ErrNumberInvalid.With("What", "meter_number", "Value", m.No, "Want", "meter_digits")
	}
	if m.MaxCredit <= 0 {
		return ErrNumberInvalid.With("What", "meter_maximum", "Value", m.MaxCredit, "Want", "positive_number")
	}
	return nil
}

func digits(s string, n int) bool {
	if len(s) != n {
		return false
	}
	for _, r := range s {
		if r < '0' || r > '9' {
			return false
		}
	}
	return true
}
