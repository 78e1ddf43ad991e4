package main

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"

	"golang.org/x/term"

	"github.com/vendgate/vendgate/cardio/sam"
)

// maxLine is more than any component or check value takes.
const maxLine = 128

// desk is where the holders sit down, one after the other.
type desk struct {
	*app
	in       *os.File
	lines    *bufio.Reader
	terminal bool
}

// ceremony asks each holder for a component and its check value, and makes the key.
func (a *app) ceremony(in *os.File, holders int) (*sam.Key, error) {
	d := desk{app: a, in: in, lines: bufio.NewReaderSize(in, maxLine), terminal: term.IsTerminal(int(in.Fd()))}
	var components []*sam.Key
	for n := 1; n <= holders; n++ {
		component, err := d.holder(n, holders)
		if err != nil {
			return nil, err
		}
		components = append(components, component)
	}
	return sam.Combine(components...)
}

func (d desk) holder(n, of int) (*sam.Key, error) {
	d.say(d.words().Text("ceremony_component", "Holder", n, "Of", of))
	component, err := d.hidden()
	if err != nil {
		return nil, err
	}
	d.say(d.words().Text("ceremony_kcv", "Holder", n))
	kcv, err := d.line()
	if err != nil {
		return nil, err
	}
	key, err := sam.ParseComponent(component, kcv)
	if err != nil {
		return nil, fmt.Errorf("holder %d: %w", n, err)
	}
	d.say(d.words().Text("ceremony_leave", "Holder", n))
	return key, nil
}

// say speaks to a holder at the terminal; a file needs no words.
func (d desk) say(text string) {
	if d.terminal {
		fmt.Fprintln(d.errs, text)
	}
}

// hidden reads a line that the terminal does not show.
func (d desk) hidden() (string, error) {
	if !d.terminal {
		return d.line()
	}
	line, err := term.ReadPassword(int(d.in.Fd()))
	if err != nil {
		return "", d.brokenOff()
	}
	return string(line), nil
}

func (d desk) line() (string, error) {
	line, err := d.lines.ReadSlice('\n')
	switch {
	case err == nil, errors.Is(err, io.EOF) && len(line) > 0:
		return strings.TrimSpace(string(line)), nil
	case errors.Is(err, bufio.ErrBufferFull):
		return "", sam.ErrComponent
	}
	return "", d.brokenOff()
}

// brokenOff is the end of a ceremony whose input ended before its last holder's.
func (d desk) brokenOff() error { return &remark{exitFailure, d.words().Text("ceremony_broken_off")} }
