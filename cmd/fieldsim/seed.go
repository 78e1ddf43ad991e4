package main

import (
	"context"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strconv"
)

// The first customer of a field.
const (
	firstCustomer = 1001
	firstName     = "张三"
	firstAddress  = "和平里 3 号楼 2 单元 501"
)

// seed opens the first customer, with the field's first meter, issues the
// card in the reader, and opens the till. None of the commands does anything when it is repeated; once they
// have succeeded, what people made of customer and card since is left alone.
func seed(ctx context.Context, g gate, dir, reader string) error {
	done := filepath.Join(dir, "seeded")
	if _, err := os.Stat(done); !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	var ignored map[string]any
	if _, err := g.ask(ctx, &ignored, openFirst()...); err != nil {
		return err
	}
	if _, err := g.ask(ctx, &ignored, issueFirst(reader)...); err != nil {
		return err
	}
	if _, err := g.ask(ctx, &ignored, openTill()...); err != nil {
		return err
	}
	return os.WriteFile(done, nil, 0o600)
}

// firstShift is the deed of opening the first till's first shift.
const firstShift = "0199f7a0-0000-7000-8000-0000000000f1"

func openTill() []string { return []string{"shift", "open", "--till", "1", "--id", firstShift} }

func openFirst() []string {
	return []string{"customer", "open", "--no", strconv.Itoa(firstCustomer), "--name", firstName,
		"--address", firstAddress, "--meter", meterNumber(1), "--seen", meterNumber(1),
		"--papers", "id_card", "--papers-no", "0000", "--contract", "HT-1"}
}

func issueFirst(reader string) []string {
	return []string{"card", "issue", "--customer", strconv.Itoa(firstCustomer), "--card-reader", reader}
}
