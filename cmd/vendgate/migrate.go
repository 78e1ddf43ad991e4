package main

import (
	"context"
	"errors"

	"github.com/spf13/cobra"

	"github.com/vendgate/vendgate/vending/store"
)

type migrateOptions struct {
	citus  bool
	dryRun bool
}

func migrateCommand(a *app) *cobra.Command {
	var o migrateOptions
	c := &cobra.Command{
		Use:   "migrate",
		Short: "Bring the database up to date, and distribute it with Citus",
		Long: `migrate brings the database up to date, as every command does, and says its versions.

With --citus it distributes the tables over the workers of Citus, by customer number. Let it
run alone: no sale can be made while a table is copied. Run it again after each new version;
what is distributed already is left alone.`,
		Args: noArgs,
		RunE: func(c *cobra.Command, _ []string) error { return runMigrate(c.Context(), a, o) },
	}
	f := c.Flags()
	f.BoolVar(&o.citus, "citus", false, "distribute the database by customer number")
	f.BoolVar(&o.dryRun, "dry-run", false, "with --citus: print the SQL and distribute nothing")
	return c
}

func runMigrate(ctx context.Context, a *app, o migrateOptions) error {
	if o.dryRun && !o.citus {
		return usageError{errors.New("--dry-run needs --citus: the database is brought up to date by every command")}
	}
	return a.withStore(ctx, func(s *store.Store) error {
		if o.citus {
			return distribute(ctx, a, s, o.dryRun)
		}
		var rs []record
		for _, schema := range s.Schemas() {
			rs = append(rs, record{{key: "schema", value: schema.Name}, {key: "from", value: schema.From}, {key: "version", value: schema.Now}})
		}
		return a.printList(rs)
	})
}

// distribute prints the steps that were done, even where one fails.
func distribute(ctx context.Context, a *app, s *store.Store, dry bool) error {
	var rs []record
	err := s.Distribute(ctx, dry, func(step store.Shard) error {
		state := "distributed"
		switch {
		case step.Done:
			state = "already"
		case dry:
			state = "to do"
		}
		a.log().Info("distributing", "object", step.Object, "state", state)
		rs = append(rs, record{{key: "object", value: step.Object}, {key: "state", value: state}, {key: "sql", value: step.SQL}})
		return nil
	})
	if printed := a.printList(rs); err == nil {
		err = printed
	}
	return err
}
