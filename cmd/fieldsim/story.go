package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"time"
)

// What the story is about, worked out by hand. 200.00 yuan at 2.63 yuan a cubic
// metre buy 7604 whole steps of 10 litres, for 7604 × 2.63 fen = 19998.52, rounded
// up to 199.99 yuan; 0.01 stays. Five days at 2469 litres are 12.345 m³; the month
// ends after the second. A meter on the line shows whole tens of litres.
const (
	paid      = "200.00"
	paidFen   = 20_000
	costFen   = 19_999
	changeFen = 1
	bought    = 76_040

	days       = 5
	dailyUse   = 2_469
	used       = 12_345
	atMonthEnd = 4_938
	left       = 63_695

	resolution = 10
	usedShown  = 12_340
	leftShown  = 63_690
)

// story is the demo as far as it has come.
type story struct {
	dir, path string
	log       *os.File

	site    *site
	gate    gate
	reader  string
	service *service
	now     *serving
	sale    string // id
	card    string // number
	books   string // the trial balance before the service is killed
}

func (s *story) steps() []step {
	return []step{
		{"start the field: a pcscd with readers, a blank card, a gas meter on a line", s.startField},
		{"start vendgate on a new database", s.startService},
		{"open a customer", s.openCustomer},
		{"issue the card, through pcscd", s.issueCard},
		{"open the till's shift", s.openShift},
		{"top up " + paid + " CNY", s.topUp},
		{"hold the ledger against the card", s.holdCard},
		{"take the card to the meter: it takes the credit and writes back", s.toMeter},
		{"burn gas for five days, over the end of a month", s.burn},
		{"read the meter over its serial line", s.readMeter},
		{"take the card to the meter again: nothing to load, a new write-back", s.toMeterAgain},
		{"present the card: the write-back is taken in", s.presentCard},
		{"reconcile ledger, card and meter", s.reconcile},
		{"check the books", s.checkBooks},
		{"send the same sale again", s.topUpAgain},
		{"kill -9 the service, start it again", s.crash},
		{"compare the books with those before", s.compareBooks},
	}
}

// monthBefore is the last month end but one in the meter's time zone: all of the
// story's days lie in the past.
func monthBefore(now time.Time) time.Time {
	china := time.FixedZone("UTC+8", 8*60*60)
	local := now.In(china)
	return time.Date(local.Year(), local.Month()-1, 1, 0, 0, 0, 0, china)
}

func (s *story) startField(ctx context.Context) (string, error) {
	c := siteOptions{readers: 1, cards: 1, meters: 1, baud: 2400, utility: 1, chip: usualChip}.config(s.dir, &keyFile{dir: dataDir(s.dir)}, s.log)
	c.Start = monthBefore(time.Now()).Add(-36 * time.Hour)
	var err error
	if s.site, err = open(ctx, s.dir, c); err != nil {
		return "", err
	}
	s.gate = s.site.gate(s.path)
	if s.reader, err = s.site.Reader(1); err != nil {
		return "", err
	}
	return fmt.Sprintf("%s; meter %s on %s, 2400 8E1", s.reader, meterNumber(1), s.site.Line()), nil
}

func (s *story) startService(ctx context.Context) (string, error) {
	s.service = &service{gate: s.gate, reader: s.reader, listen: "127.0.0.1:0", log: s.log}
	var err error
	if s.now, err = s.service.start(ctx); err != nil {
		return "", err
	}
	return fmt.Sprintf("%s, pid %d", s.now.url, s.now.pid()), s.healthy(ctx)
}

func (s *story) openCustomer(ctx context.Context) (string, error) {
	type customer struct {
		Customer    int64
		Name, Meter string
	}
	var got customer
	if _, err := s.gate.ask(ctx, &got, openFirst()...); err != nil {
		return "", err
	}
	return fmt.Sprintf("%d %s, meter %s", got.Customer, got.Name, got.Meter),
		same(got, customer{firstCustomer, firstName, meterNumber(1)})
}

func (s *story) issueCard(ctx context.Context) (string, error) {
	type card struct {
		Card, Meter, State string
		Customer           int64
	}
	var got card
	if _, err := s.gate.ask(ctx, &got, issueFirst(s.reader)...); err != nil {
		return "", err
	}
	s.card = got.Card
	if s.card == "" {
		return "", errors.New("the card has no number")
	}
	return "card " + s.card, same(got, card{s.card, meterNumber(1), "active", firstCustomer})
}

// end leaves no process of the story behind. It must be possible at any step.
func (s *story) end() error {
	if s.now != nil {
		s.now.stop(stopTime)
	}
	if s.site == nil {
		return nil
	}
	return s.site.leave()
}
