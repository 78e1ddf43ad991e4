package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"strings"

	"github.com/vendgate/vendgate/meterproto/modbus"
)

// registerMap is what a description says of a register map that has the name of a file or of a shipped one: the file's content,
// or the name. What a description says then depends on no machine.
func registerMap(name string) (json.RawMessage, error) {
	text, err := os.ReadFile(name)
	if errors.Is(err, fs.ErrNotExist) {
		if _, err := modbus.ShippedMap(name); err != nil {
			return nil, usageError{fmt.Errorf("map: register map %q is no file and none of %s", name, strings.Join(modbus.ShippedMaps(), ", "))}
		}
		return json.Marshal(name)
	}
	if err != nil {
		return nil, usageError{err}
	}
	if _, err := modbus.ParseMap(text); err != nil {
		return nil, usageError{fmt.Errorf("map: %s: %w", name, err)}
	}
	return text, nil
}

// whole is the description with the register map that it names.
func (m modelConfig) whole() (_ modelConfig, err error) {
	var name string
	if m.Map != nil && json.Unmarshal(m.Map, &name) == nil {
		m.Map, err = registerMap(name)
	}
	return m, err
}

// registers is the register map of a whole description.
func (m modelConfig) registers() (registers *modbus.Map, err error) {
	var name string
	switch {
	case m.Map == nil:
		return nil, fmt.Errorf("a model of Modbus needs a map: a register map, a file of one, or one of %s", strings.Join(modbus.ShippedMaps(), ", "))
	case json.Unmarshal(m.Map, &name) == nil:
		registers, err = modbus.ShippedMap(name)
	default:
		registers, err = modbus.ParseMap(m.Map)
	}
	if err != nil {
		return nil, fmt.Errorf("map: %w", err)
	}
	return registers, nil
}
