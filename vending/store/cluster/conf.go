//go:build linux

package cluster

import (
	"bytes"
	"context"
	_ "embed"
	"os"
	"path/filepath"
)

//go:embed postgresql.conf
var conf []byte

// writeConf puts our settings in place of what initdb or an older vendgate wrote.
func (c *Cluster) writeConf(ctx context.Context) error {
	path := filepath.Join(c.home.data(), "postgresql.conf")
	if is, err := os.ReadFile(path); err == nil && bytes.Equal(is, conf) {
		return nil
	}
	return c.as.write(ctx, path, conf)
}

// serverArgs are the server's arguments. What keeps money safe is here: a file or ALTER SYSTEM cannot override it.
func (c *Cluster) serverArgs() []string {
	return []string{
		"-D", c.home.data(), "-k", c.socket, "-p", port,
		"-c", "fsync=on", "-c", "full_page_writes=on", "-c", "synchronous_commit=on",
	}
}
