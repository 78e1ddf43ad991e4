package main

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"strings"

	"github.com/google/uuid"
)

// same compares what was said with what had to be said.
func same[T comparable](got, want T) error {
	if got != want {
		return fmt.Errorf("got %+v, want %+v", got, want)
	}
	return nil
}

func (s *story) openShift(ctx context.Context) (string, error) {
	var got struct{ Shift, State, Cashier string }
	_, err := s.gate.ask(ctx, &got, openTill()...)
	return fmt.Sprintf("shift %s of %s is %s", got.Shift, got.Cashier, got.State), err
}

// sold is a purchase as vendgate prints it.
type sold struct {
	ID, Card, State string
	Count           uint32
	MoneyFen        int64 `json:"money_fen"`
	CostFen         int64 `json:"cost_fen"`
	ChangeFen       int64 `json:"change_fen"`
	Credit, Total   int64
	Unit            string
}

// sell makes the sale, or makes it again, which must give the same figures. It
// returns vendgate's remark too: it makes one where the sale was made before.
func (s *story) sell(ctx context.Context) (figures, remark string, err error) {
	var got sold
	said, err := s.gate.ask(ctx, &got, "topup", "--card-reader", s.reader, "--amount", paid, "--id", s.sale)
	if err != nil {
		return "", "", err
	}
	return fmt.Sprintf("count %d, credit %s for %d.%02d CNY, 0.%02d stays", got.Count, cubic(got.Credit),
			got.CostFen/100, got.CostFen%100, got.ChangeFen), said.errs,
		same(got, sold{s.sale, s.card, "loaded", 1, paidFen, costFen, changeFen, bought, bought, "L"})
}

func (s *story) topUp(ctx context.Context) (string, error) {
	s.sale = uuid.NewString()
	figures, remark, err := s.sell(ctx)
	return figures, errors.Join(err, same(remark, ""))
}

func (s *story) topUpAgain(ctx context.Context) (string, error) {
	figures, remark, err := s.sell(ctx)
	if err == nil && remark == "" {
		err = errors.New("vendgate did not remark that the sale was made before")
	}
	return remark + " " + figures, err
}

// read is what vendgate reads from a card.
type read struct {
	Card, State string
	Customer    int64
	Count       uint32
	Total       int64
	MeterCount  *uint32 `json:"meter_count"`
	MeterLoaded int64   `json:"meter_loaded"`
	Remaining   int64   `json:"meter_remaining"`
	Consumed    int64   `json:"meter_consumed"`
	ValveOpen   bool    `json:"valve_open"`
}

func (s *story) readCard(ctx context.Context) (read, error) {
	var got read
	_, err := s.gate.ask(ctx, &got, "card", "read", "--card-reader", s.reader)
	return got, err
}

func (s *story) holdCard(ctx context.Context) (string, error) {
	got, err := s.readCard(ctx)
	if err != nil {
		return "", err
	}
	if err := same(got, read{Card: s.card, State: "active", Customer: firstCustomer, Count: 1, Total: bought}); err != nil {
		return "", err
	}
	return "the card shows " + cubic(got.Total) + ", and so does the ledger", s.balances(ctx, map[string]int64{
		"till": -paidFen, "advance": changeFen, "prepaid": costFen, "sold": -bought, "card": bought,
	})
}

// balances holds the trial balance, class by class, against what it has to be.
func (s *story) balances(ctx context.Context, want map[string]int64) error {
	var rows []struct {
		Account                    string
		Posted, Incoming, Outgoing int64
	}
	if _, err := s.gate.ask(ctx, &rows, "ledger", "balance"); err != nil {
		return err
	}
	got := map[string]int64{}
	for _, row := range rows {
		if row.Incoming != 0 || row.Outgoing != 0 {
			return fmt.Errorf("%s: %d and %d are pending", row.Account, row.Incoming, row.Outgoing)
		}
		if row.Posted != 0 {
			class, _, _ := strings.Cut(row.Account, ":")
			got[class] += row.Posted
		}
	}
	return same(fmt.Sprint(got), fmt.Sprint(want))
}

func (s *story) presentCard(ctx context.Context) (string, error) {
	got, err := s.readCard(ctx)
	if err != nil {
		return "", err
	}
	count := "none"
	if got.MeterCount != nil {
		count = strconv.Itoa(int(*got.MeterCount))
	}
	if count != "1" {
		return "", fmt.Errorf("the meter's purchase count is %s, want 1", count)
	}
	got.MeterCount = nil
	return fmt.Sprintf("the meter wrote: loaded %s, consumed %s, remaining %s", cubic(got.MeterLoaded), cubic(got.Consumed), cubic(got.Remaining)),
		same(got, read{s.card, "active", firstCustomer, 1, bought, nil, bought, left, used, true})
}
