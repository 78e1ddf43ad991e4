package main

import (
	"encoding/hex"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/rogpeppe/go-internal/testscript"

	"github.com/vendgate/vendgate/cardio/sam"
	"github.com/vendgate/vendgate/fixtures/cardsim"
	"github.com/vendgate/vendgate/fixtures/pgtest"
	"github.com/vendgate/vendgate/fixtures/secrets"
)

// cmdSecret keeps the first line of a file as a secret, as text, and as bytes
// where it is hex digits: secret NAME FILE.
func cmdSecret(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 2 {
		ts.Fatalf("usage: secret NAME FILE")
	}
	line, _, _ := strings.Cut(ts.ReadFile(args[1]), "\n")
	s := of(ts)
	s.keepSecret(args[0], []byte(strings.TrimSpace(line)))
	if b, err := hex.DecodeString(strings.ReplaceAll(line, " ", "")); err == nil {
		s.keepSecret(args[0]+", as bytes", b)
	}
}

// keepSecret keeps what no log, error, page, metric, table or file may hold. Whoever adds a kind of secret (a PSC, a
// sector key, a PIN) keeps it here, and runs it through testdata/script/secrets.txtar.
func (s *site) keepSecret(name string, secret []byte) {
	s.secrets.Keep(name, secret)
	secrets.Keep(name, secret)
}

// cmdLeaks fails if a secret is anywhere it must not be: in what vendgate said through
// exits and refuses, the service's log and pages, the database, or any file but those named.
func cmdLeaks(ts *testscript.TestScript, neg bool, args []string) {
	if neg {
		ts.Fatalf("usage: leaks FILE..., which hold secrets rightly")
	}
	s := of(ts)
	ts.Check(s.keepKeys())
	if len(s.secrets) == 0 || s.said.Len() == 0 {
		ts.Fatalf("nothing to look for, or in")
	}
	leak := func(where string, text []byte) {
		if found := s.secrets.In(text); found != nil {
			ts.Fatalf("%s holds %s", where, strings.Join(found, ", "))
		}
	}
	leak("what vendgate said", s.said.Bytes())
	rows, err := pgtest.Rows(s.t.Context(), s.dsn)
	ts.Check(err)
	leak("the database", []byte(rows))
	files := 0
	ts.Check(filepath.WalkDir(ts.MkAbs("."), func(path string, d fs.DirEntry, err error) error {
		rightly := slices.ContainsFunc(args, func(a string) bool { return ts.MkAbs(a) == path })
		if err != nil || rightly || !d.Type().IsRegular() {
			return err
		}
		files++
		text, err := os.ReadFile(path)
		leak(path, text)
		return err
	}))
	ts.Logf("looked for %d secrets in %d bytes said, %d bytes of rows, %d files", len(s.secrets), s.said.Len(), len(rows), files)
}

// keepKeys keeps the keys of the key file for every card there is, and the meter.
func (s *site) keepKeys() error {
	meter, err := s.keys.Meter(s.keys.Current(), meterNumber)
	if err != nil {
		return err
	}
	keys := map[string]*sam.Key{"purse": meter.Purse, "write-back": meter.WriteBack}
	for name, chip := range s.cards {
		c, ok := chip.(*cardsim.Card)
		if !ok {
			return fmt.Errorf("%s has codes, and no keys", name)
		}
		card, err := s.keys.Card(s.keys.Current(), c.UID())
		if err != nil {
			return err
		}
		its, err := meter.On(c.UID())
		if err != nil {
			return err
		}
		for kind, k := range map[string]*sam.Key{"vendor's authentication": card.Vendor.Auth, "vendor's message": card.Vendor.Message,
			"meter's authentication": its.Auth, "meter's message": its.Message} {
			keys[name+", "+kind] = k
		}
	}
	for name, k := range keys {
		b, err := k.Expose()
		if err != nil {
			return err
		}
		s.keepSecret(name, b[:])
	}
	return nil
}
