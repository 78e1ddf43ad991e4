package modbus

import (
	"embed"
	"errors"
	"fmt"
	"path"
)

// maps are the register maps that come with vendgate: examples to start from.
//
//go:embed maps/*.json
var maps embed.FS

// MapSchema is the JSON schema of a register map.
//
//go:embed map.schema.json
var MapSchema []byte

// ErrNoMap: no shipped map of that name.
var ErrNoMap = errors.New("no such register map")

// ShippedMap is the register map of that name that comes with vendgate. Error:
// ErrNoMap.
func ShippedMap(name string) (*Map, error) {
	text, err := ShippedMapText(name)
	if err != nil {
		return nil, err
	}
	return ParseMap(text)
}

// ShippedMapText is the file of a shipped map, to start another one from. Error:
// ErrNoMap.
func ShippedMapText(name string) ([]byte, error) {
	text, err := maps.ReadFile(path.Join("maps", name+".json"))
	if err != nil {
		return nil, fmt.Errorf("%w: %q", ErrNoMap, name)
	}
	return text, nil
}

// ShippedMaps are the names of the register maps that come with vendgate.
func ShippedMaps() (names []string) {
	files, _ := maps.ReadDir("maps") // it is compiled in
	for _, f := range files {
		names = append(names, f.Name()[:len(f.Name())-len(".json")])
	}
	return names
}
