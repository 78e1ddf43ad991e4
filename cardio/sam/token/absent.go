//go:build !cgo || windows

package token

import "github.com/vendgate/vendgate/cardio/sam"

// Token stands in for the real one in a build without cgo: it only explains itself.
type Token struct{ sam.Module }

// Open fails with ErrNotBuiltIn.
func Open(Options) (*Token, error) { return nil, ErrNotBuiltIn }

// Init fails with ErrNotBuiltIn.
func Init(Options, func() (string, error)) error { return ErrNotBuiltIn }

// Close does nothing.
func (t *Token) Close() error { return nil }

// Keys fails with ErrNotBuiltIn.
func (t *Token) Keys() (*sam.Set, error) { return nil, ErrNotBuiltIn }

// Roots fails with ErrNotBuiltIn.
func (t *Token) Roots() ([]sam.Root, error) { return nil, ErrNotBuiltIn }

// Add fails with ErrNotBuiltIn.
func (t *Token) Add(uint8, *sam.Key) error { return ErrNotBuiltIn }

// Retire fails with ErrNotBuiltIn.
func (t *Token) Retire(uint8) error { return ErrNotBuiltIn }

// Faults fails with ErrNotBuiltIn.
func (t *Token) Faults() ([]string, error) { return nil, ErrNotBuiltIn }
