package cardfile

import (
	"embed"
	"fmt"
	"io/fs"
	"sync"
)

// The layouts that come with vendgate, a file each.
//
//go:embed layouts/*.json
var shipped embed.FS

// Shipped are the layouts that come with vendgate, by name. They are read once; their vectors were proved when vendgate
// was tested.
var Shipped = sync.OnceValues(readShipped)

func readShipped() ([]*Layout, error) {
	names, err := fs.Glob(shipped, "layouts/*.json")
	if err != nil {
		return nil, err
	}
	layouts := make([]*Layout, len(names))
	for i, name := range names {
		text, err := shipped.ReadFile(name)
		if err != nil {
			return nil, err
		}
		if layouts[i], err = Parse(text); err != nil {
			return nil, fmt.Errorf("%s: %w", name, err)
		}
	}
	return layouts, nil
}
