package bankfile

import (
	"strconv"
	"strings"
)

// yuan reads an amount with a decimal point into fen: 1234.5, -12.00, 1,234.50.
// Digits after the second decimal must be zeros (camt.053 writes up to five).
func yuan(s string) (int64, bool) {
	sign, s := signed(s)
	whole, part, point := strings.Cut(s, ".")
	if point && part == "" {
		return 0, false
	}
	if strings.Contains(whole, ",") {
		groups := strings.Split(whole, ",")
		for i, g := range groups {
			if len(g) > 3 || len(g) == 0 || i > 0 && len(g) != 3 {
				return 0, false
			}
		}
		whole = strings.Join(groups, "")
	}
	for len(part) > 2 && part[len(part)-1] == '0' {
		part = part[:len(part)-1]
	}
	if whole == "" || len(part) > 2 {
		return 0, false
	}
	return number(sign, whole+part+"00"[len(part):])
}

// fen reads an amount in fen: 000000123400, -5.
func fen(s string) (int64, bool) {
	sign, s := signed(s)
	return number(sign, s)
}

func signed(s string) (sign, rest string) {
	if s != "" && (s[0] == '-' || s[0] == '+') {
		return s[:1], s[1:]
	}
	return "", s
}

func number(sign, digits string) (int64, bool) {
	if !allDigits(digits) {
		return 0, false
	}
	n, err := strconv.ParseInt(sign+digits, 10, 64)
	return n, err == nil
}

func allDigits(s string) bool {
	for i := range len(s) {
		if s[i] < '0' || s[i] > '9' {
			return false
		}
	}
	return s != ""
}
