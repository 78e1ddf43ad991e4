//go:build !linux

package store

import (
	"net"
	"time"
)

// setUserTimeout: this system has no such bound; keep-alive finds the dead.
func setUserTimeout(*net.TCPConn, time.Duration) {}
