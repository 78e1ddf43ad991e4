package main

import (
	"context"
	"errors"
	"fmt"
	"slices"

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
	if len(meters) == 0 && len(c.Lines) == 0 {
		return c, usageError{errors.New("no meter is on a line: put them there with vendgate meter add, or name a file with --config")}
	}
	asked := models{}          // of the books, each once
	for _, m := range meters { // by line
		model, known := asked[m.Model]
		if !known {
			if model, err = modelInBooks(ctx, s, m.Model); err != nil {
				return c, err
			}
			asked[m.Model] = model
		}
		if err := c.put(m, model); err != nil {
			return c, err
		}
	}
	return c, nil
}

// put puts a meter on its line: one that is there, of the file or of another meter, or a new one.
func (c *gatewayConfig) put(m vending.LineMeter, model modelConfig) error {
	if err := c.know(m.Model, model); err != nil {
		return err
	}
	wants := lineOf(m, model)
	i := slices.IndexFunc(c.Lines, func(l lineConfig) bool { return l.name() == wants.name() })
	if i < 0 {
		i, c.Lines = len(c.Lines), append(c.Lines, wants)
	}
	l := &c.Lines[i]
	if l.ModbusTCP != wants.ModbusTCP {
		return usageError{fmt.Errorf("line %s: one meter is asked by Modbus TCP there, another is not: a line has one way", m.Line)}
	}
	if l.rate() != wants.rate() || l.parity() != wants.parity() {
		return usageError{fmt.Errorf("line %s: meter %s wants %d baud, parity %s, another %d baud, parity %s: a line has one rate",
			m.Line, m.Meter, wants.rate(), wants.parity(), l.rate(), l.parity())}
	}
	l.Meters = append(l.Meters, meterConfig{Number: m.Meter, Address: m.Address, Model: m.Model})
	return nil
}

// know adds a model of the books to those of the file, where it must not be something else.
func (c *gatewayConfig) know(name string, model modelConfig) error {
	if m, ours := c.Models[name]; ours && !m.same(model) {
		return usageError{fmt.Errorf("model %s is in the file and, described otherwise, in the books: give that of the file another name", name)}
	}
	if _, ok := builtIn()[name]; ok {
		return nil
	}
	if c.Models == nil {
		c.Models = models{}
	}
	c.Models[name] = model
	return nil
}
