package main

import (
	"context"
	"encoding/json"

	"github.com/spf13/cobra"

	"github.com/vendgate/vendgate/vending/store"
)

func meterModelCommands(a *app) *cobra.Command {
	return group("model", "How the meters of each model are asked", meterModelAddCommand(a), meterModelListCommand(a), meterModelShowCommand(a),
		meterModelRemoveCommand(a))
}

func meterModelListCommand(a *app) *cobra.Command {
	return &cobra.Command{
		Use:   "list",
		Short: "List the models: those that are built in, and those that are described in the books",
		Args:  noArgs,
		RunE:  func(c *cobra.Command, _ []string) error { return runMeterModelList(c.Context(), a) },
	}
}

func runMeterModelList(ctx context.Context, a *app) error {
	return a.withStore(ctx, func(s *store.Store) error {
		list, err := s.MeterModels(ctx)
		if err != nil {
			return err
		}
		known := models{}
		for _, stored := range list {
			if known[stored.Name], err = storedModel(stored); err != nil {
				return err
			}
		}
		var rs []record
		for _, name := range known.names() {
			m, _ := known.named(name)
			rs = append(rs, modelRecord(name, m)[:modelBrief])
		}
		return a.printList(rs)
	})
}

func meterModelShowCommand(a *app) *cobra.Command {
	return &cobra.Command{
		Use:   "show NAME",
		Short: "Show how the meters of a model are asked",
		Args:  oneArg,
		RunE:  func(c *cobra.Command, args []string) error { return runMeterModelShow(c.Context(), a, args[0]) },
	}
}

func runMeterModelShow(ctx context.Context, a *app, name string) error {
	return a.withStore(ctx, func(s *store.Store) error {
		m, err := modelInBooks(ctx, s, name)
		if err != nil {
			return err
		}
		return a.printOne(modelRecord(name, m))
	})
}

// modelBrief is how many fields of a model's record go into a list.
const modelBrief = 4

func modelRecord(name string, m modelConfig) record {
	_, shipped := builtIn()[name]
	text, _ := json.MarshalIndent(m, "", "  ") // it was read as such
	return record{{key: "model", value: name}, {key: "base", value: m.Base}, {key: "built_in", value: shipped}, {key: "baud", value: builtIn()[m.Base].baud},
		{key: "description", value: json.RawMessage(text), text: string(text)}}
}
