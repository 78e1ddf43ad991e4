//go:build !linux

package link

// steerRS485 fails: elsewhere no driver can be asked.
func steerRS485(string) func() error { return func() error { return ErrRS485 } }
