package main

import (
	"context"
	"fmt"
	"os"

	"github.com/google/uuid"

	"github.com/vendgate/vendgate/vending"
	"github.com/vendgate/vendgate/vending/store"
)

// who is the member of the staff that --staff names, at this machine.
func (a *app) who(ctx context.Context, s *store.Store) (vending.Actor, error) {
	return actor(ctx, s, a.staff)
}

func actor(ctx context.Context, s *store.Store, code string) (vending.Actor, error) {
	host, err := os.Hostname()
	if err != nil {
		host = "unknown host"
	}
	return s.Actor(ctx, code, host)
}

// deed is what a command does: by --staff, approved by --approve, with the id that
// was given, or a new one, which is printed so that it can be given again.
func (a *app) deed(ctx context.Context, s *store.Store, kind, id string, request any) (vending.Deed, error) {
	d := vending.Deed{Kind: kind, Request: request, Why: a.why}
	var err error
	if d.By, err = a.who(ctx, s); err != nil {
		return d, err
	}
	if a.approve != "" {
		if d.Approved, err = actor(ctx, s, a.approve); err != nil {
			return d, err
		}
	}
	d.ID, err = a.deedID(id)
	return d, err
}

func (a *app) deedID(id string) (uuid.UUID, error) {
	if id == "" {
		made, err := uuid.NewV7()
		fmt.Fprintf(a.errs, "id %s\n", made) // before anything happens
		return made, err
	}
	given, err := uuid.Parse(id)
	if err != nil || given == uuid.Nil {
		return given, vending.ErrIDInvalid.With("ID", id)
	}
	return given, nil
}
