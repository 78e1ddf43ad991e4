package main

import (
	"encoding/hex"
	"fmt"
	"os"
	"slices"
	"strings"

	"github.com/vendgate/vendgate/meterproto/dlt645"
	"github.com/vendgate/vendgate/meterproto/gateway"
)

// meterPasswords are those of DL/T 645 meters, by level: who has no keys turns the relay and sets the clock with that of level 02, and
// the prices with that of level 04. A level that is not there has zeros, as meters leave the factory.
type meterPasswords map[byte]dlt645.Password

// meterPasswords are read from the file that was named; none where none was.
func (a *app) meterPasswords() (meterPasswords, error) {
	if a.passwords == "" {
		return nil, nil
	}
	text, err := os.ReadFile(a.passwords)
	if err != nil {
		return nil, usageError{err}
	}
	all, err := parsePasswords(string(text))
	if err != nil {
		return nil, usageError{fmt.Errorf("%s: %w", a.passwords, err)}
	}
	return all, nil
}

// parsePasswords reads a level and a password of six digits a line; # begins a comment. No error tells what stands there.
func parsePasswords(text string) (meterPasswords, error) {
	all := meterPasswords{}
	for n, line := range strings.Split(text, "\n") {
		line, _, _ = strings.Cut(line, "#")
		fields := strings.Fields(line)
		if len(fields) == 0 {
			continue
		}
		level, password, ok := parsePassword(fields)
		if _, twice := all[level]; !ok || twice {
			return nil, fmt.Errorf("line %d: want a level, 02 or 04, and its password of six digits, each level once", n+1)
		}
		all[level] = password
	}
	return all, nil
}

// parsePassword reads it as people write it: the highest digits first, which the line has last.
func parsePassword(fields []string) (level byte, p dlt645.Password, ok bool) {
	i := slices.Index([]string{"02", "04"}, fields[0])
	if i < 0 || len(fields) != 2 || len(fields[1]) != 2*len(p) || strings.Trim(fields[1], "0123456789") != "" {
		return 0, p, false
	}
	if _, err := hex.Decode(p[:], []byte(fields[1])); err != nil {
		return 0, p, false
	}
	slices.Reverse(p[:])
	return []byte{0x02, 0x04}[i], p, true
}

// of gives its passwords to a driver of such meters; any other stays as it is.
func (p meterPasswords) of(d gateway.Driver) gateway.Driver {
	electric, ok := d.(gateway.DLT645)
	if !ok {
		return d
	}
	electric.Password, electric.PriceAccess.Password = p[0x02], p[0x04]
	return electric
}
