package main

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"strings"
	"time"
)

// display holds the meter's own display against what it has to show.
func (s *story) display(consumed, monthEnd int64) (string, error) {
	m, err := s.site.Meter("")
	if err != nil {
		return "", err
	}
	got := [4]int64{int64(m.Count), m.Loaded, m.Consumed, m.MonthEnd[0]}
	return fmt.Sprintf("meter: loaded %s, register %s (%s at the month's end), remaining %s, valve open %v",
			cubic(m.Loaded), cubic(m.Consumed), cubic(m.MonthEnd[0]), cubic(m.Remaining()), m.ValveOpen),
		same(fmt.Sprint(got, m.ValveOpen), fmt.Sprint([4]int64{1, bought, consumed, monthEnd}, true))
}

func (s *story) toMeter(ctx context.Context) (string, error) {
	if err := s.site.ToMeter(ctx, 1, ""); err != nil {
		return "", err
	}
	return s.display(0, 0)
}

func (s *story) toMeterAgain(ctx context.Context) (string, error) {
	if err := s.site.ToMeter(ctx, 1, ""); err != nil {
		return "", err
	}
	return s.display(used, atMonthEnd)
}

func (s *story) burn(context.Context) (string, error) {
	burnt, err := s.site.Days("", days, dailyUse)
	if err != nil {
		return "", err
	}
	if err := same(burnt, used); err != nil {
		return "", err
	}
	return s.display(used, atMonthEnd)
}

func (s *story) readMeter(ctx context.Context) (string, error) {
	type reading struct {
		Meter                                   string
		Customer                                int64
		Loaded, Remaining, Consumed, Resolution int64
		ValveOpen                               bool `json:"valve_open"`
	}
	var got reading
	if _, err := s.gate.ask(ctx, &got, "meter", "read", "--line", s.site.Line(), "--baud", "2400", "--meter", meterNumber(1)); err != nil {
		return "", err
	}
	return fmt.Sprintf("CJ/T 188: loaded %s, consumed %s, remaining %s", cubic(got.Loaded), cubic(got.Consumed), cubic(got.Remaining)),
		same(got, reading{meterNumber(1), firstCustomer, bought, leftShown, usedShown, resolution, true})
}

func (s *story) reconcile(ctx context.Context) (string, error) {
	var rows []struct {
		Meter, Card string
		Sold        int64
		OnCard      int64 `json:"on_card"`
		InMeter     int64 `json:"in_meter"`
		Consumed    int64
		InDoubt     bool `json:"in_doubt"`
		Differences []string
	}
	if _, err := s.gate.ask(ctx, &rows, "reconcile"); err != nil {
		return "", err
	}
	if len(rows) != 1 || len(rows[0].Differences) > 0 || rows[0].InDoubt {
		return "", fmt.Errorf("want one meter without a difference, got %+v", rows)
	}
	r := rows[0]
	return fmt.Sprintf("no difference: sold %s = on the card %s + in the meter %s + consumed %s",
			cubic(r.Sold), cubic(r.OnCard), cubic(r.InMeter), cubic(r.Consumed)),
		same([4]int64{r.Sold, r.OnCard, r.InMeter, r.Consumed}, [4]int64{bought, 0, left, used})
}

func (s *story) checkBooks(ctx context.Context) (string, error) {
	var broken []any
	if _, err := s.gate.ask(ctx, &broken, "ledger", "check"); err != nil {
		return "", err
	}
	return "every invariant holds", same(len(broken), 0)
}

// crash kills the service, with the books noted before, and starts it again.
func (s *story) crash(ctx context.Context) (string, error) {
	before, err := s.gate.run(ctx, "-o", "json", "ledger", "balance")
	if err != nil {
		return "", err
	}
	s.books = before.out
	s.now.kill()
	if s.now, err = s.service.start(ctx); err != nil {
		return "", err
	}
	return fmt.Sprintf("%s, pid %d", s.now.url, s.now.pid()), s.healthy(ctx)
}

func (s *story) compareBooks(ctx context.Context) (string, error) {
	after, err := s.gate.run(ctx, "-o", "json", "ledger", "balance")
	if err != nil {
		return "", err
	}
	if err := same(after.out, s.books); err != nil {
		return "", err
	}
	return "the same to the litre and the fen", s.balances(ctx, map[string]int64{
		"till": -paidFen, "advance": changeFen, "prepaid": costFen, "sold": -bought, "meter": left, "consumed": used,
	})
}

// healthTime is more than an answer may take that needs one look into the database.
const healthTime = 10 * time.Second

// healthy asks the service itself.
func (s *story) healthy(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, healthTime)
	defer cancel()
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, s.now.url+"healthz", nil)
	if err != nil {
		return err
	}
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		return err
	}
	defer response.Body.Close()
	body, err := io.ReadAll(io.LimitReader(response.Body, 1000))
	if err != nil {
		return err
	}
	return same(fmt.Sprint(response.StatusCode, " ", strings.TrimSpace(string(body))), "200 ok")
}
