package main

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"

	"github.com/vendgate/vendgate/vending"
	"github.com/vendgate/vendgate/vending/store"
)

// inBooks is what the books say of the meters on lines, by line, and of their models.
type inBooks struct {
	Meters []vending.LineMeter
	Models []vending.MeterModel
}

func readBooks(ctx context.Context, s *store.Store) (b inBooks, err error) {
	if b.Meters, err = s.LineMeters(ctx); err == nil {
		b.Models, err = s.MeterModels(ctx)
	}
	return b, err
}

// model is a model by its name, read once for all that are asked for.
func (b inBooks) model(name string, asked models) (m modelConfig, err error) {
	m, known := asked[name]
	if !known {
		if m, err = modelAmong(b.Models, name); err == nil {
			asked[name] = m
		}
	}
	return m, err
}

// saying are the books, as they speak for themselves.
func saying(with openBooks) booksOf {
	return func(ctx context.Context, _ gatewayConfig) (b inBooks, err error) {
		err = with(ctx, func(s *store.Store) (err error) {
			b, err = readBooks(ctx, s)
			return err
		})
		return b, err
	}
}

// booksOf is what the books say to a gateway of that file.
type booksOf func(context.Context, gatewayConfig) (inBooks, error)

// configured is the configuration in a file, and what the books say where the file
// says so, or where there is none.
func configured(ctx context.Context, file string, books booksOf) (c gatewayConfig, err error) {
	if file == "" {
		c.Books = true
	} else if c, err = readGatewayConfig(file); err != nil {
		return c, err
	}
	if c.Books {
		c.books, err = books(ctx, c)
	}
	return c, err
}

// troubles are what is wrong with lines, by their names: the first thing of each.
type troubles map[string]error

func (t troubles) with(line string, err error) {
	if t[line] == nil && err != nil {
		t[line] = err
	}
}

// joined is the configuration with the lines that the books know, where it is to have them. A line with which something is wrong
// may lack meters.
func (c gatewayConfig) joined() (gatewayConfig, troubles) {
	wrong := troubles{}
	c.Models, c.Lines = maps.Clone(c.Models), slices.Clone(c.Lines)
	for i, l := range c.Lines {
		c.Lines[i].Meters = slices.Clip(l.Meters)
		if slices.ContainsFunc(c.Lines[:i], func(before lineConfig) bool { return before.name() == l.name() }) {
			wrong.with(l.name(), errors.New("it is there twice: put its meters into one line"))
		}
	}
	if !c.Books {
		return c, wrong
	}
	asked := models{}
	for _, m := range c.books.Meters {
		model, err := c.books.model(m.Model, asked)
		if err == nil {
			err = c.put(m, model)
		}
		wrong.with(lineOf(m, model).name(), err)
	}
	return c, wrong
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
	if l.way() != wants.way() {
		return fmt.Errorf("meter %s wants %s, another %s: a line has one rate and one way", m.Meter, wants.way(), l.way())
	}
	l.Meters = append(l.Meters, meterConfig{Number: m.Meter, Address: m.Address, Model: m.Model})
	return nil
}

// know adds a model of the books to those of the file, where it must not be something else.
func (c *gatewayConfig) know(name string, model modelConfig) error {
	if m, ours := c.Models[name]; ours && !m.same(model) {
		return fmt.Errorf("model %s is in the file and, described otherwise, in the books: give that of the file another name", name)
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
