//go:build linux

package cluster

import (
	"context"
	"fmt"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
)

// install is a set of server binaries.
type install struct {
	bin   string // the directory
	major int
}

func (i install) path(name string) string { return filepath.Join(i.bin, name) }

// binPatterns is where distributions put the server: Debian, Red Hat (PGDG), a build from source.
var binPatterns = []string{"/usr/lib/postgresql/*/bin", "/usr/pgsql-*/bin", "/usr/local/pgsql/bin"}

// installs lists what is installed, the newest first.
func installs(ctx context.Context, patterns []string) []install {
	var dirs []string
	for _, p := range patterns {
		found, _ := filepath.Glob(p) // the patterns are well formed
		dirs = append(dirs, found...)
	}
	if p, err := exec.LookPath("postgres"); err == nil {
		dirs = append(dirs, filepath.Dir(p))
	}
	var all []install
	for _, d := range dirs {
		if major := majorOf(ctx, d); major > 0 {
			all = append(all, install{d, major})
		}
	}
	slices.SortStableFunc(all, func(a, b install) int { return b.major - a.major })
	return all
}

var versionLine = regexp.MustCompile(`^postgres \(PostgreSQL\) (\d+)`)

// majorOf asks the binary; 0 if there is none that works.
func majorOf(ctx context.Context, bin string) int {
	out, err := exec.CommandContext(ctx, filepath.Join(bin, "postgres"), "-V").Output()
	if err != nil {
		return 0
	}
	m := versionLine.FindSubmatch(out)
	if m == nil {
		return 0
	}
	major, _ := strconv.Atoi(string(m[1]))
	return major
}

// choose picks the installation that can open data of version want (0: no data yet, so the newest).
func choose(all []install, want int, data string) (install, error) {
	if len(all) == 0 {
		return install{}, fmt.Errorf("%w: apt-get install --no-install-recommends postgresql, or name a server with --database",
			ErrNoPostgres)
	}
	for _, i := range all {
		if want == 0 || i.major == want {
			return i, nil
		}
	}
	return install{}, fmt.Errorf("%w: %s was written by PostgreSQL %d, the newest installed is %d; "+
		"install version %d, or move the data with its pg_dump", ErrVersion, data, want, all[0].major, want)
}
