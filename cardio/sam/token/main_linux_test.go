//go:build cgo

package token

import (
	"fmt"
	"os"
	"path/filepath"
	"sync/atomic"
	"testing"

	"github.com/vendgate/vendgate/fixtures/softhsm"
)

// hsm is this test binary's SoftHSM. The library has one state in a process, so
// that these tests run one after the other: one that leaves the module leaves it for all.
var hsm *softhsm.HSM

func TestMain(m *testing.M) { os.Exit(run(m)) }

func run(m *testing.M) int {
	dir, err := os.MkdirTemp("", "vendgate-token-")
	if err == nil {
		defer os.RemoveAll(dir)
		if hsm, err = softhsm.New(dir); err == nil {
			err = hsm.Use()
		}
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	return m.Run()
}

var labels atomic.Int64

// newToken makes a token with a label of its own.
func newToken(t testing.TB) Options {
	t.Helper()
	o := Options{Module: hsm.Module, Label: fmt.Sprintf("token %d", labels.Add(1)), PIN: says(softhsm.PIN)}
	if err := hsm.Token(o.Label); err != nil {
		t.Fatal(err)
	}
	return o
}

func says(pin string) func() (string, error) { return func() (string, error) { return pin, nil } }

// opened is a token that is open for the test, without roots.
func opened(t testing.TB) *Token {
	t.Helper()
	return open(t, newToken(t))
}

func open(t testing.TB, o Options) *Token {
	t.Helper()
	tok, err := Open(o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := tok.Close(); err != nil {
			t.Error(err)
		}
	})
	return tok
}

// rooted is a token with a root that was made there.
func rooted(t testing.TB) *Token {
	t.Helper()
	tok := opened(t)
	if err := tok.Add(1, nil); err != nil {
		t.Fatal(err)
	}
	return tok
}

// unplugged moves all tokens away until plug is called.
func unplugged(t *testing.T) (plug func()) {
	t.Helper()
	away := filepath.Join(t.TempDir(), "away")
	if err := os.Rename(hsm.Tokens(), away); err != nil {
		t.Fatal(err)
	}
	if err := os.Mkdir(hsm.Tokens(), 0o700); err != nil {
		t.Fatal(err)
	}
	return func() {
		t.Helper()
		if err := os.Remove(hsm.Tokens()); err != nil {
			t.Fatal(err)
		}
		if err := os.Rename(away, hsm.Tokens()); err != nil {
			t.Fatal(err)
		}
	}
}
