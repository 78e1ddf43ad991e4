//go:build !unix

package spool

import "os"

// lock opens a file. Elsewhere than on Unix two gateways on one spool are not told
// apart here; the serial ports they want are.
func lock(path string) (*os.File, error) { return os.OpenFile(path, os.O_RDWR|os.O_CREATE, 0o600) }
