package main

import (
	"context"
	"errors"
	"io"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"time"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/vendgate/vendgate/cardio"
	"github.com/vendgate/vendgate/cardio/reader"
	"github.com/vendgate/vendgate/cardio/sam"
	"github.com/vendgate/vendgate/vending/counter"
	"github.com/vendgate/vendgate/vending/store"
	"github.com/vendgate/vendgate/vending/store/cluster"
	"github.com/vendgate/vendgate/vending/terminal"
	"github.com/vendgate/vendgate/vending/words"
)

// app is what the commands share: where things are, and where to write.
type app struct {
	out, errs io.Writer

	database   string
	dataDir    string
	keyFile    string
	passphrase string // file that holds it
	token      tokenOptions
	passwords  string // file with those of DL/T 645 meters
	esam       string // by which scheme the keys of DL/T 645 meters are made; "": nobody has said
	utility    uint32
	layouts    string // folder of the utility's own card layouts
	chips      []string
	newLayout  string // of cards that are issued
	lang       string
	output     string
	staff      string // who acts
	approve    string // the second pair of eyes
	why        string
	verbose    bool
}

func (a *app) flags(root *cobra.Command) {
	f := root.PersistentFlags()
	f.StringVar(&a.database, "database", os.Getenv("DATABASE_URL"), "PostgreSQL to use, as postgres://host/name (DATABASE_URL); default: our own in the data directory")
	f.StringVar(&a.dataDir, "data-dir", defaultDataDir(), "where vendgate keeps its own PostgreSQL and the key file")
	f.StringVar(&a.keyFile, "keys", "", "encrypted key file (default keys.age in the data directory)")
	f.StringVar(&a.passphrase, "key-passphrase-file", "", "file with the passphrase of the key file (default keys.passphrase in the data directory)")
	a.token.flags(f)
	f.StringVar(&a.passwords, "meter-passwords", os.Getenv("VENDGATE_METER_PASSWORDS"), "file with the passwords of DL/T 645 meters: lines as 02 123456, level and six digits (VENDGATE_METER_PASSWORDS; default: zeros)")
	f.Uint32Var(&a.utility, "utility", 1, "number of the company on its cards")
	f.StringVar(&a.layouts, "layouts", os.Getenv("VENDGATE_LAYOUTS"), "folder with card layouts of your own, each proved by its vectors (VENDGATE_LAYOUTS)")
	f.StringSliceVar(&a.chips, "chips", listEnv("VENDGATE_CHIPS"), "kinds of chip that the utility uses, as layout list names them (VENDGATE_CHIPS; default: all)")
	f.StringVar(&a.lang, "lang", localeLanguage(), "language of messages: zh-CN or en")
	f.StringVarP(&a.output, "output", "o", "table", "format of data on stdout: table, json or csv")
	f.StringVar(&a.staff, "staff", envOr("VENDGATE_STAFF", "clerk"), "who acts, by staff code (VENDGATE_STAFF)")
	f.StringVar(&a.approve, "approve", "", "who approves, by staff code, where a rule wants two people")
	f.StringVar(&a.why, "why", "", "the reason, for the audit record")
	f.BoolVarP(&a.verbose, "verbose", "v", false, "say the technical detail of an error too, and log more")
	root.PersistentPreRunE = func(c *cobra.Command, _ []string) error {
		if err := c.ValidateRequiredFlags(); err != nil {
			return usageError{err} // cobra's own word would come later, and as a failure
		}
		return errors.Join(validOutput(a.output), a.validKeys())
	}
}

func envOr(name, otherwise string) string {
	if v := os.Getenv(name); v != "" {
		return v
	}
	return otherwise
}

// listEnv is a variable that holds a list with commas.
func listEnv(name string) []string {
	return strings.FieldsFunc(os.Getenv(name), func(r rune) bool { return r == ',' })
}

// localeLanguage follows the locale; the C locale is English, as everywhere.
func localeLanguage() string {
	for _, name := range []string{"LC_ALL", "LC_MESSAGES", "LANG"} {
		if v := os.Getenv(name); v != "" {
			if strings.HasPrefix(v, "zh") {
				return "zh-CN"
			}
			return "en"
		}
	}
	return "en"
}

func defaultDataDir() string {
	if os.Geteuid() == 0 {
		return "/var/lib/vendgate"
	}
	if dir := os.Getenv("XDG_DATA_HOME"); dir != "" {
		return filepath.Join(dir, "vendgate")
	}
	home, err := os.UserHomeDir()
	if err != nil {
		return "vendgate-data"
	}
	return filepath.Join(home, ".local", "share", "vendgate")
}

func (a *app) words() *words.Words { return words.In(a.lang) }

func (a *app) log() *slog.Logger {
	level := slog.LevelWarn
	if a.verbose {
		level = slog.LevelDebug
	}
	return slog.New(slog.NewTextHandler(a.errs, &slog.HandlerOptions{Level: level}))
}

// withStore opens the database, the named one or our own, for as long as do runs.
func (a *app) withStore(ctx context.Context, do func(*store.Store) error) error {
	if a.database != "" {
		return with(ctx, a.database, do)
	}
	own, err := cluster.Open(ctx, a.dataDir, a.log())
	if err != nil {
		return err
	}
	defer own.Close()
	defer keep(ctx, own)()
	return with(ctx, own.DSN(), do)
}

// keep brings our server back whenever it has ended, until stop is called.
func keep(ctx context.Context, own *cluster.Cluster) (stop func()) {
	ctx, cancel := context.WithCancel(ctx)
	var keeping sync.WaitGroup
	keeping.Go(func() { _ = own.Keep(ctx) }) // ends with ctx, and with its error
	return func() { cancel(); keeping.Wait() }
}

func with(ctx context.Context, dsn string, do func(*store.Store) error) error {
	s, err := store.Open(ctx, dsn)
	if err != nil {
		return err
	}
	defer s.Close()
	return do(s)
}

// withDesk is withStore for the counter's business.
func (a *app) withDesk(ctx context.Context, do func(*counter.Desk) error) error {
	return a.withStore(ctx, func(s *store.Store) error {
		by, err := a.who(ctx, s)
		if err != nil {
			return err
		}
		return do(&counter.Desk{Store: s, Now: time.Now, Log: a.log(), By: by})
	})
}

// remoteReader begins the name of a reader that a counter PC holds: its till follows.
const remoteReader = "till:"

// readerFlag says which reader a command uses.
func readerFlag(f *pflag.FlagSet, name *string) {
	f.StringVar(name, "card-reader", "", "PC/SC reader by name, or till:2 for that of the counter PC of till 2 (default: the only one here)")
}

// terminal is the reader with that name, or the only one there is, with our keys.
func (a *app) terminal(readerName string) (counter.Terminal, error) {
	at, err := a.withKeys()
	if err != nil {
		return nil, err
	}
	till, remote := strings.CutPrefix(readerName, remoteReader)
	if !remote {
		return at(reader.New(readerName, reader.Options{})), nil
	}
	authority, err := terminal.OpenAuthority(a.dataDir, time.Now())
	if err != nil {
		return nil, err
	}
	return at(terminal.ShellReader(a.dataDir, till, authority.Scripts)), nil
}

// withKeys makes terminals of readers.
func (a *app) withKeys() (func(cardio.Reader) counter.Terminal, error) {
	keys, err := a.keys()
	if err != nil {
		return nil, err
	}
	if sam.For(keys.Current()) == sam.Chips {
		return nil, sam.ErrForChips // before an intent is stored
	}
	cards, err := a.cards()
	if err != nil {
		return nil, err
	}
	spared := &cardio.Spared{} // by all counters of the hall
	return func(r cardio.Reader) counter.Terminal {
		return counter.At(&cardio.Terminal{Reader: r, Keys: keys, Codes: keys, Purses: keys, Utility: a.utility,
			Layouts: cards.layouts, Chips: cards.chips, Issues: a.newLayout, Spared: spared})
	}, nil
}

// withCounter is withDesk at a terminal. The database is opened first: it refuses
// a data directory that is not ours before keys are made in it.
func (a *app) withCounter(ctx context.Context, readerName string, do func(*counter.Desk, counter.Terminal) error) error {
	return a.withDesk(ctx, func(d *counter.Desk) error {
		t, err := a.terminal(readerName)
		if err != nil {
			return err
		}
		return do(d, counter.Journaled(t, d.Store))
	})
}
