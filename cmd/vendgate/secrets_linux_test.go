package main

import (
	"bytes"
	"encoding/base64"
	"encoding/hex"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/jackc/pgx/v5"
	"github.com/rogpeppe/go-internal/testscript"

	"github.com/vendgate/vendgate/cardio/sam"
	"github.com/vendgate/vendgate/fixtures/cardsim"
)

// secrets are what no log, error, page, metric, table or file may hold, by name.
// Whoever adds a kind of secret (a PSC, a sector key, a PIN) keeps it here, and runs
// it through testdata/script/secrets.txtar.
type secrets map[string][]byte

// keep adds one. Halves of keys are keys of single DES.
func (s secrets) keep(name string, secret []byte) {
	s[name] = bytes.Clone(secret)
	if len(secret) == sam.KeySize {
		s[name+", left half"], s[name+", right half"] = s[name][:8], s[name][8:]
	}
}

// forms are the ways in which bytes get into text.
func forms(secret []byte) map[string][]byte {
	digits := hex.EncodeToString(secret)
	var spaced, colons []string
	for _, b := range secret {
		spaced, colons = append(spaced, fmt.Sprintf("%02x", b)), append(colons, fmt.Sprintf("%02x", b))
	}
	all := map[string][]byte{
		"raw": secret, "hex": []byte(digits), "HEX": []byte(strings.ToUpper(digits)),
		"spaced": []byte(strings.Join(spaced, " ")), "SPACED": []byte(strings.ToUpper(strings.Join(spaced, " "))),
		"colons":  []byte(strings.Join(colons, ":")),
		"decimal": []byte(strings.Trim(fmt.Sprint(secret), "[]")),
		"quoted":  []byte(strings.Trim(fmt.Sprintf("%q", secret), `"`)),
	}
	for name, e := range map[string]*base64.Encoding{"base64": base64.RawStdEncoding, "base64url": base64.RawURLEncoding} {
		whole := len(secret) / 3 * 3 // the rest depends on what follows
		all[name] = []byte(e.EncodeToString(secret[:whole]))
	}
	return all
}

// in lists which secrets a text holds, and how, without saying them.
func (s secrets) in(text []byte) (found []string) {
	for name, secret := range s {
		for form, b := range forms(secret) {
			if bytes.Contains(text, b) {
				found = append(found, name+" ("+form+")")
			}
		}
	}
	slices.Sort(found)
	return found
}

func TestSecretsAreFound(t *testing.T) {
	t.Parallel()
	s := secrets{}
	key := []byte("\x00\x91\xa2\xb3\xc4\xd5\xe6\xf7\x08\x19\x2a\x3b\x4c\x5d\x6e\x7f")
	s.keep("key", key)
	for form, b := range forms(key) {
		if got := s.in(slices.Concat([]byte("before "), b, []byte(" after"))); !slices.Contains(got, "key ("+form+")") {
			t.Errorf("%s: found %v", form, got)
		}
	}
	if got := s.in([]byte("key=" + hex.EncodeToString(key[8:]))); !slices.Equal(got, []string{"key, right half (hex)"}) {
		t.Errorf("half of it: %v", got)
	}
	if got := s.in([]byte("nothing")); got != nil {
		t.Errorf("found %v", got)
	}
}

// cmdSecret keeps the first line of a file as a secret, as text, and as bytes
// where it is hex digits: secret NAME FILE.
func cmdSecret(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 2 {
		ts.Fatalf("usage: secret NAME FILE")
	}
	line, _, _ := strings.Cut(ts.ReadFile(args[1]), "\n")
	s := of(ts)
	s.secrets.keep(args[0], []byte(strings.TrimSpace(line)))
	if b, err := hex.DecodeString(strings.ReplaceAll(line, " ", "")); err == nil {
		s.secrets.keep(args[0]+", as bytes", b)
	}
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
		if found := s.secrets.in(text); found != nil {
			ts.Fatalf("%s holds %s", where, strings.Join(found, ", "))
		}
	}
	leak("what vendgate said", s.said.Bytes())
	rows := s.everyRow(ts)
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
		s.secrets.keep(name, b[:])
	}
	return nil
}

// everyRow is the whole database as text.
func (s *site) everyRow(ts *testscript.TestScript) string {
	const tables = `select format('select %L || x::text from %I.%I x', relname || ' ', nspname, relname)
		from pg_class join pg_namespace n on n.oid = relnamespace
		where relkind in ('r', 'p', 'm') and not relispartition and nspname not in ('pg_catalog', 'information_schema')`
	var all strings.Builder
	s.query(ts, s.dsn, "", func(c *pgx.Conn) error {
		rows, err := c.Query(s.t.Context(), tables)
		if err != nil {
			return err
		}
		queries, err := pgx.CollectRows(rows, pgx.RowTo[string])
		if err != nil {
			return err
		}
		for _, q := range queries {
			rows, err := c.Query(s.t.Context(), q)
			if err != nil {
				return err
			}
			lines, err := pgx.CollectRows(rows, pgx.RowTo[string])
			if err != nil {
				return err
			}
			all.WriteString(strings.Join(lines, "\n") + "\n")
		}
		return nil
	})
	return all.String()
}
