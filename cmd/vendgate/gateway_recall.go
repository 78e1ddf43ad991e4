package main

import (
	"context"
	"encoding/json"
	"errors"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"

	"github.com/vendgate/vendgate/vending"
)

// rememberedFile, beside the spool, is what the books said last of the meters on lines. A gateway that starts while they are away, as
// after a power cut that took the network along, reads those meters; the readings wait on disk.
const rememberedFile = "lines.json"

// orBefore are the books, or where they are away what they said last. Where nothing is known of either, their error.
func orBefore(dataDir string, now booksOf, log *slog.Logger) booksOf {
	return func(ctx context.Context, c gatewayConfig) (inBooks, error) {
		path := filepath.Join(c.spool(dataDir), rememberedFile)
		said, away := now(ctx, c)
		if away == nil {
			return said, said.remember(path)
		}
		if !errors.Is(away, vending.ErrDatabase) {
			return said, away
		}
		said, err := recall(path)
		switch {
		case errors.Is(err, fs.ErrNotExist) && len(c.Lines) > 0:
			log.WarnContext(ctx, "the books are away: only the lines of the file are read until they are back", "error", away)
			return said, nil
		case err != nil:
			return said, away
		}
		log.WarnContext(ctx, "the books are away: lines and meters are those that they had last", "meters", len(said.Meters), "error", away)
		return said, nil
	}
}

// remember keeps what the books say. Cut anywhere, the file is the one before, or this one.
func (b inBooks) remember(path string) error {
	text, err := json.Marshal(b)
	if err != nil {
		return err
	}
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		return err
	}
	if err := os.WriteFile(path+".new", text, 0o600); err != nil {
		return err
	}
	return os.Rename(path+".new", path)
}

// recall is what remember kept.
func recall(path string) (b inBooks, err error) {
	text, err := os.ReadFile(path)
	if err == nil {
		err = json.Unmarshal(text, &b)
	}
	return b, err
}
