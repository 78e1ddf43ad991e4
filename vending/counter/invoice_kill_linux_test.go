package counter_test

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/vendgate/vendgate/vending"
	"github.com/vendgate/vendgate/vending/counter"
	"github.com/vendgate/vendgate/vending/store"
)

// cashierEnv makes this test binary a cashier who issues invoices until killed.
const cashierEnv = "VENDGATE_TEST_CASHIER"

// pile is the order to such a cashier: a customer's slips, from one on.
type pile struct {
	DSN      string
	Staff    string
	Customer int64
	Slips    []string
}

// cashier issues an invoice for each slip and says so, a line each. The ids are derived from the slips, so that another
// process asks again for what the one before it was killed over.
func cashier(order string) error {
	var p pile
	if err := json.Unmarshal([]byte(order), &p); err != nil {
		return err
	}
	config, err := pgxpool.ParseConfig(p.DSN)
	if err != nil {
		return err
	}
	config.MaxConns = 1
	config.ConnConfig.RuntimeParams["client_connection_check_interval"] = "200ms"
	ctx := context.Background()
	s, err := store.OpenConfig(ctx, config)
	// The server does not notice at once that a client was killed: its backend waits on for the book, and may hold the last
	// connection. A cashier tries again.
	for deadline := time.Now().Add(4 * waiting); errors.Is(err, vending.ErrDatabase) && time.Now().Before(deadline); {
		<-time.After(rand.N(100 * time.Millisecond))
		s, err = store.OpenConfig(ctx, config)
	}
	if err != nil {
		return err
	}
	desk := &counter.Desk{Store: s, Now: time.Now}
	for _, slip := range p.Slips {
		d := vending.Deed{ID: uuid.NewSHA1(uuid.Nil, []byte(slip)), By: vending.Actor{Staff: p.Staff, Role: vending.RoleCashier}}
		i, _, err := desk.IssueInvoice(ctx, d, counter.InvoiceRequest{Customer: p.Customer, Type: vending.OrdinaryInvoice,
			Buyer: vending.Buyer{Name: "王芳"}, Slips: []string{slip}})
		if err != nil {
			return err
		}
		fmt.Println(i.Number)
	}
	return nil
}

// TestSoakInvoices: cashiers at one book, each a process that is killed at random again and again, until every number is
// used: no gap, no double. With SOAK they are 32 for 10,000 invoices, without it a few for some hundred.
func TestSoakInvoices(t *testing.T) {
	t.Parallel()
	cashiers, each := 8, 40
	if os.Getenv("SOAK") != "" {
		cashiers, each = 32, 10_000/32+1
	}
	total := min(cashiers*each, 10_000)
	o := newOffice(t)
	o.opens(t, clerk, "1")
	o.draws(t, numbers(1, int64(total)))
	piles := o.piles(t, cashiers, total)
	began := time.Now()
	var killed atomic.Int64
	var working sync.WaitGroup
	for _, p := range piles {
		working.Go(func() {
			for len(p.Slips) > 0 && t.Context().Err() == nil {
				done, dead, err := p.work(t.Context())
				if err != nil {
					t.Error(err)
					return
				}
				p.Slips = p.Slips[done:]
				if dead {
					killed.Add(1)
				}
			}
		})
	}
	working.Wait()
	t.Logf("%d invoices by %d cashiers in %v, %d of their processes killed", total, cashiers, time.Since(began).Round(time.Millisecond), killed.Load())
	if killed.Load() < int64(cashiers) {
		t.Errorf("only %d processes were killed", killed.Load())
	}
	o.wantWhole(t, 1)
	b, err := o.Store.InvoiceBook(t.Context(), invoiceCode, 1)
	if err != nil || b.Left() != 0 {
		t.Errorf("%d numbers left, %v", b.Left(), err)
	}
	var invoices, slips, doubled int
	err = o.sql.QueryRow(t.Context(), `select (select count(*) from invoice), (select count(distinct cause) from invoice_line),
		(select count(*) from (select from invoice group by code, number having count(*) > 1) d)`).Scan(&invoices, &slips, &doubled)
	if err != nil || invoices != total || slips != total || doubled != 0 {
		t.Errorf("%d invoices for %d slips, %d doubled, %v", invoices, slips, doubled, err)
	}
	o.wantClean(t)
}

// piles are the slips of as many customers as there are cashiers.
func (o *office) piles(t *testing.T, cashiers, total int) []pile {
	piles := make([]pile, cashiers)
	var selling sync.WaitGroup
	for n := range piles {
		f := o.family(t, int64(1001+n))
		piles[n] = pile{DSN: o.dsn, Staff: fmt.Sprintf("c%02d", n), Customer: f.no}
		share := total / cashiers
		if n < total%cashiers {
			share++
		}
		selling.Go(func() {
			for range share {
				p, err := f.opened(t.Context(), "1-1", vending.Cash)
				if err != nil {
					t.Error(err)
					return
				}
				piles[n].Slips = append(piles[n].Slips, f.ends(t, p, vending.ProvedLoaded).Slip())
			}
		})
	}
	selling.Wait()
	return piles
}

// work runs a process for the pile and kills it at some moment after its first invoice. It returns how many
// invoices the process reported.
func (p pile) work(ctx context.Context) (done int, dead bool, err error) {
	const longest = 150 * time.Millisecond
	text, err := json.Marshal(p)
	if err != nil {
		return 0, false, err
	}
	c := exec.CommandContext(ctx, os.Args[0])
	c.Env = append(os.Environ(), cashierEnv+"="+string(text))
	c.Stderr = os.Stderr
	out, err := c.StdoutPipe()
	if err != nil {
		return 0, false, err
	}
	if err := c.Start(); err != nil {
		return 0, false, err
	}
	var killer *time.Timer
	for lines := bufio.NewScanner(out); lines.Scan(); done++ {
		if killer == nil {
			killer = time.AfterFunc(rand.N(longest), func() { _ = c.Process.Kill() })
			defer killer.Stop()
		}
	}
	err = c.Wait()
	var exit *exec.ExitError
	if errors.As(err, &exit) && exit.Sys().(syscall.WaitStatus).Signal() == syscall.SIGKILL {
		return done, true, nil
	}
	return done, false, err
}
