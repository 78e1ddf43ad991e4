//go:build !linux

package link

// steerRS485 fails: elsewhere no driver can be asked.
func steerRS485(string) error { return ErrRS485 }
