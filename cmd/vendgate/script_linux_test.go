package main

import (
	"bytes"
	"context"
	"flag"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"testing"
	"time"

	"github.com/rogpeppe/go-internal/testscript"

	"github.com/vendgate/vendgate/cardio/sam"
	"github.com/vendgate/vendgate/fixtures/cardsim"
	"github.com/vendgate/vendgate/fixtures/pgtest"
	"github.com/vendgate/vendgate/fixtures/secrets"
	"github.com/vendgate/vendgate/vending/store"
)

// waiting bounds every wait of these tests. A vendgate that does not end is stopped shortly before go test's own timeout.
const waiting = 20 * time.Second

var update = flag.Bool("update", false, "write what vendgate says into the scripts")

func TestMain(m *testing.M) {
	testscript.Main(hallTests{m}, map[string]func(){"vendgate": vendgate})
}

// hallTests runs as many scripts at once as there are card readers: they wait
// for pcscd more than they compute.
type hallTests struct{ *testing.M }

func (h hallTests) Run() int {
	flag.Parse()
	if err := flag.Set("test.parallel", strconv.Itoa(hallReaders)); err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	defer closeHall()
	return h.M.Run()
}

// vendgate is the program in a process of its own. Its data directory comes from
// the script's site, as its database does (DATABASE_URL).
func vendgate() {
	if dir := os.Getenv("DATA_DIR"); dir != "" {
		os.Args = slices.Insert(os.Args, 1, "--data-dir", dir)
	}
	main()
}

var books = pgtest.Template(func(ctx context.Context, dsn string) error {
	s, err := store.Open(ctx, dsn)
	if err == nil {
		s.Close()
	}
	return err
})

// TestScripts runs testdata/script: what people do with vendgate at a shell, one
// file a story. Each has a database, keys, a card reader and $WORK for itself.
// Its commands, beside those of testscript:
//
//	vendgate ARGS              must succeed
//	exits CODE vendgate ARGS   must end with that code
//	refuses CODE vendgate ARGS must end with that code in both languages, say nothing on stdout, and change neither a card nor
//	                           the books; stderr is then what it said in zh-CN and in en
//	household                  customer 1001 with meter 10000000000001 and card 8100000001, which is in the reader
//	card ..., meter ...        what hands do in the field: see card_linux_test.go, meter_linux_test.go
//	sql QUERY, tamper QUERY    on the database, as vendgate's role and as superuser
//	await CONDITION            until the query selects true
//	integers                   the JSON on stdout has no number but integers, each sum with its currency or unit
//	hsm ...                    a private SoftHSM2: see token_linux_test.go
//	secret ..., leaks ...      no secret got out: see secrets_linux_test.go
//	private                    from here on no database is named: vendgate runs its own
//	serve ARGS, get|post CODE PATH, end   a service in the background, and its pages and forms
//	terminal ...               a vendgate terminal in the background: see terminal_linux_test.go
func TestScripts(t *testing.T) {
	t.Parallel()
	testscript.Run(t, testscript.Params{
		Dir:                "testdata/script",
		Setup:              newSite,
		UpdateScripts:      *update,
		RequireUniqueNames: true,
		Cmds: map[string]func(*testscript.TestScript, bool, []string){
			"exits": cmdExits, "refuses": cmdRefuses, "integers": cmdIntegers,
			"household": cmdHousehold, "card": cmdCard, "meter": cmdMeter,
			"sql": cmdSQL, "await": cmdAwait, "tamper": cmdTamper, "private": cmdPrivate,
			"hsm": cmdHSM, "secret": cmdSecret, "leaks": cmdLeaks,
			"serve": cmdServe, "get": cmdGet, "post": cmdPost, "end": cmdEnd,
			"terminal": cmdTerminal,
		},
	})
}

// site is what one script has for itself.
type site struct {
	t     testing.TB
	dsn   string // "" after private
	keys  *sam.File
	seat  *seat
	cards map[string]cardsim.Chip
	wall  *wall    // the meter
	serve *service // nil while there is none
	pc    *pc      // nil while there is none

	said    bytes.Buffer // by commands that exits and refuses ran, and by the service
	secrets secrets.Set  // that are not to be in it
}

type siteKey struct{}

func of(ts *testscript.TestScript) *site { return ts.Value(siteKey{}).(*site) }

func newSite(env *testscript.Env) error {
	t := env.T().(testing.TB)
	hall, err := theHall()
	if err != nil {
		return err
	}
	dir := filepath.Join(env.WorkDir, "data")
	if err := os.Mkdir(dir, 0o755); err != nil {
		return err
	}
	const passphrase = "for a test"
	if err := os.WriteFile(filepath.Join(dir, "keys.passphrase"), []byte(passphrase+"\n"), 0o600); err != nil {
		return err
	}
	keys, err := sam.GenerateFile(filepath.Join(dir, "keys.age"), passphrase, 1)
	if err != nil {
		return err
	}
	s := &site{t: t, dsn: books.New(t), keys: keys, cards: map[string]cardsim.Chip{}, secrets: secrets.Set{}}
	port := filepath.Join(env.WorkDir, "ttyUSB0")
	if s.wall, err = newWall(keys, port); err != nil {
		return err
	}
	s.seat = hall.seat()
	env.Defer(s.leave)
	env.Values[siteKey{}] = s
	for name, value := range map[string]string{"DATABASE_URL": s.dsn, "DATA_DIR": dir, "READER": s.seat.name,
		"PCSCLITE_CSOCK_NAME": hall.daemon.Socket(), "METER": meterNumber, "LINE": port} {
		env.Setenv(name, value)
	}
	return nil
}

func (s *site) leave() {
	s.pc.leave()
	if s.serve != nil {
		s.serve.kill()
	}
	s.wall.unplug()
	s.seat.leave()
}

// execute runs a command line and returns its exit code, with stdout and stderr kept
// for the script.
func execute(ts *testscript.TestScript, args []string) int {
	err := ts.Exec(args[0], args[1:]...)
	fmt.Fprint(&of(ts).said, ts.ReadFile("stdout"), ts.ReadFile("stderr"))
	if exit, ok := err.(*exec.ExitError); ok {
		return exit.ExitCode()
	}
	ts.Check(err)
	return 0
}

func cmdExits(ts *testscript.TestScript, neg bool, args []string) {
	want := codeOf(ts, neg, args)
	if got := execute(ts, args[1:]); got != want {
		ts.Fatalf("exit code %d, want %d", got, want)
	}
}

func codeOf(ts *testscript.TestScript, neg bool, args []string) int {
	if neg || len(args) < 2 {
		ts.Fatalf("usage: exits|refuses CODE program [args...]")
	}
	code, err := strconv.Atoi(args[0])
	ts.Check(err)
	return code
}

// cmdRefuses runs a command that must leave everything as it is, in both languages.
func cmdRefuses(ts *testscript.TestScript, neg bool, args []string) {
	want := codeOf(ts, neg, args)
	s := of(ts)
	before := s.state(ts)
	said := ""
	for _, lang := range []string{"zh-CN", "en"} {
		if got := execute(ts, append(args[1:len(args):len(args)], "--lang", lang)); got != want {
			ts.Fatalf("exit code %d, want %d", got, want)
		}
		if out := ts.ReadFile("stdout"); out != "" {
			ts.Fatalf("a refusal writes data: %s", out)
		}
		said += ts.ReadFile("stderr")
	}
	if after := s.state(ts); after != before {
		ts.Fatalf("something was changed\nbefore %s\nafter  %s", before, after)
	}
	fmt.Fprint(ts.Stderr(), said)
}

// state is all that a refusal leaves as it is: every byte of every card, and the books.
func (s *site) state(ts *testscript.TestScript) string {
	state := ""
	for _, name := range slices.Sorted(keysOf(s.cards)) {
		state += fmt.Sprintf("%s %x\n", name, s.cards[name].Image())
	}
	if s.dsn != "" {
		state += s.rows(ts)
	}
	return state
}
