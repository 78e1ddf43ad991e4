package main

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"strings"

	"github.com/vendgate/vendgate/meterproto/modbus"
)

// registerMap is a register map by the name of a file or of a shipped one.
func registerMap(name string) (*modbus.Map, error) {
	text, err := os.ReadFile(name)
	if errors.Is(err, fs.ErrNotExist) {
		m, err := modbus.ShippedMap(name)
		if errors.Is(err, modbus.ErrNoMap) {
			err = usageError{fmt.Errorf("register map %q is no file and none of %s", name, strings.Join(modbus.ShippedMaps(), ", "))}
		}
		return m, err
	}
	if err != nil {
		return nil, usageError{err}
	}
	m, err := modbus.ParseMap(text)
	if err != nil {
		return nil, usageError{fmt.Errorf("%s: %w", name, err)}
	}
	return m, nil
}
