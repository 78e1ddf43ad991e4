//go:build !unix

package sam

import "os"

// private knows no modes here: the file has the access list of its folder.
func private(*os.File) error { return nil }

// syncDir has nothing to do here: folders cannot be synced.
func syncDir(string) error { return nil }

// lockDir has no locks here.
func lockDir(string) (unlock func(), err error) { return func() {}, nil }
