package main

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/vendgate/vendgate/ledger"
	"github.com/vendgate/vendgate/vending"
	"github.com/vendgate/vendgate/vending/store"
)

// configured is the configuration in a file, with what `meter add` has put on lines where the file
// says so, or where there is none. with opens the books.
func configured(ctx context.Context, file string, with openBooks) (c gatewayConfig, err error) {
	if file == "" {
		c.Books = true
	} else if c, err = readGatewayConfig(file); err != nil {
		return c, err
	}
	if c.Books {
		err = with(ctx, func(s *store.Store) (err error) {
			c, err = c.withBooks(ctx, s)
			return err
		})
	}
	return c, err
}

// withBooks adds the lines that the books know.
func (c gatewayConfig) withBooks(ctx context.Context, s *store.Store) (gatewayConfig, error) {
	meters, err := s.LineMeters(ctx)
	if err != nil {
		return c, err
	}
	if len(meters) == 0 {
		return c, usageError{errors.New("no meter is on a line: put them there with vendgate meter add, or name a file with --config")}
	}
	if c.Models == nil {
		c.Models = map[string]modelConfig{}
	}
	c.Models["cjt188-money"] = modelConfig{Base: "cjt188-gas", Credit: "money"}
	c.Models["dlt645-money"] = modelConfig{Base: "dlt645", Credit: "money"}
	for _, m := range meters { // by line
		model, err := modelOf(ctx, s, m)
		if err != nil {
			return c, err
		}
		l := lineConfig{Port: m.Line, Baud: m.Baud, Parity: m.Parity}
		if address, ok := strings.CutPrefix(m.Line, overTCP); ok {
			l.Port, l.TCP = "", address
		}
		if id, ok := strings.CutPrefix(m.Line, overDTU); ok {
			l.Port, l.DTU = "", id
		}
		if n := len(c.Lines); n == 0 || c.Lines[n-1].name() != l.name() {
			c.Lines = append(c.Lines, l)
		}
		last := &c.Lines[len(c.Lines)-1]
		if last.Baud != l.Baud || last.Parity != l.Parity {
			return c, usageError{fmt.Errorf("line %s: meter %s wants %d baud, another %d: a line has one rate", m.Line, m.Meter, l.Baud, last.Baud)}
		}
		last.Meters = append(last.Meters, meterConfig{Number: m.Meter, Address: m.Address, Model: model})
	}
	return c, nil
}

// modelOf is the model of a meter in the books, by what it speaks and what it counts.
func modelOf(ctx context.Context, s *store.Store, m vending.LineMeter) (string, error) {
	var counts ledger.Commodity
	_, meters, err := s.Customer(ctx, m.Customer)
	for _, its := range meters {
		if its.No == m.Meter {
			counts = its.Commodity
		}
	}
	switch {
	case err != nil:
		return "", err
	case m.Protocol == vending.CJT188 && counts == ledger.CNY:
		return "cjt188-money", nil
	case m.Protocol == vending.CJT188 && counts == ledger.WattHour:
		return "cjt188-heat", nil
	case m.Protocol == vending.CJT188:
		return "cjt188-gas", nil
	case m.Protocol == vending.DLT645 && counts == ledger.CNY:
		return "dlt645-money", nil
	case m.Protocol == vending.Modbus:
		return "", usageError{fmt.Errorf("meter %s speaks Modbus: name its register map in a file, with --config", m.Meter)}
	}
	return string(m.Protocol), nil
}
