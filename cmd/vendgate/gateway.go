package main

import (
	"context"
	"fmt"
	"log/slog"
	"net"
	"net/http"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"
	"github.com/prometheus/client_golang/prometheus/promhttp"
	"github.com/spf13/cobra"
	"golang.org/x/sync/errgroup"

	"github.com/vendgate/vendgate/vending/store"
)

type gatewayOptions struct {
	config, metrics string
	check           bool
}

func gatewayCommand(a *app) *cobra.Command {
	var o gatewayOptions
	c := &cobra.Command{
		Use:   "gateway",
		Short: "Read the meters on lines by the reading calendar, and bring what they say into the books",
		Long: `Reads meters on serial lines, on serial servers (TCP) and behind DTUs that dial
in, by the reading calendar (RULES D1), and brings their readings into the books. While
the database is away, readings wait on disk; none is lost, and none is taken in twice.

It also does what waits in the books for these meters: one that counts money is heard to charge the prices in force, or told them (as
meter prices does); one on which a purchase was left in doubt is asked what became of it (as meter topup with the same id again does). meter
list --waiting shows what is left. A meter that does not answer is tried again after 1 to 60 minutes; one that declines a price three times
is left alone.

Without --config it reads the meters that vendgate meter add has put on lines, by the calendar of RULES D1; with "books": true in
the file, those as well. It follows what the books say while it runs: meter add, meter model add, and a meter that is replaced need no restart,
and there may be no meter yet. At SIGHUP it takes lines and models from its file anew. A line that cannot be as they say stays as it is, which is
logged once. While the books are away it starts with what they said last. The rest of the file counts from the next start. The file is JSON; what is not needed is left out:

  {
    "calendar": {"from": 6, "to": 25, "at": "02:00", "each": "6h"},
    "chores": {"each": "30s", "doubt": "3m", "off": false},
    "dtus": {"listen": "0.0.0.0:8462", "registration": "ID=(?P<id>[0-9]+)", "heartbeat": "HB", "silence": "5m"},
    "models": {"slow": {"base": "cjt188-gas", "di_first": "high", "preamble": 0, "idle": "1s", "gap": "1s"}},
    "lines": [
      {"port": "/dev/ttyUSB0", "baud": 2400, "parity": "even", "meters": [{"number": "88010000000001", "model": "cjt188-gas"}]},
      {"tcp": "10.0.0.7:4001", "latency": "2s", "transcript": "line2.txt", "meters": [{"number": "88010000000002", "model": "slow"}]},
      {"dtu": "13800000001", "latency": "5s", "meters": [{"number": "88010000000003", "model": "cjt188-water"}]}
    ]
  }

Models that need no description: cjt188-gas (prepaid, by volume), cjt188-money, cjt188-water, cjt188-heat, dlt645, dlt645-money, dlt645-1997, mbus,
iec62056-21 and iec62056-21-push (115200 baud, parity none); modbus wants a map. vendgate meter model add --help says what a description may have. A meter has an "address" where
it is called otherwise on its line, as M-Bus and Modbus meters are.`,
		Args: noArgs,
		RunE: func(c *cobra.Command, _ []string) error { return runGateway(c.Context(), a, o) },
	}
	c.Flags().StringVar(&o.config, "config", "", "file with lines and meters; default: the meters that vendgate meter add has put on lines")
	c.Flags().StringVar(&o.metrics, "metrics", "", "address for /metrics, as 127.0.0.1:8463; default: none")
	c.Flags().BoolVar(&o.check, "check", false, "read the file, open the lines, say what is wrong, and end")
	return c
}

func runGateway(ctx context.Context, a *app, o gatewayOptions) error {
	if o.check {
		return a.checkGateway(ctx, o.config)
	}
	registry := prometheus.NewRegistry()
	registry.MustRegister(collectors.NewGoCollector(), collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}))
	f, err := a.gateway(ctx, o.config, a.withStore, registry)
	if err != nil {
		return err
	}
	defer f.close()
	group, ctx := errgroup.WithContext(ctx)
	if o.metrics != "" {
		l, err := net.Listen("tcp", o.metrics)
		if err != nil {
			return fmt.Errorf("metrics: %w", err)
		}
		mux := http.NewServeMux()
		mux.Handle("GET /metrics", promhttp.HandlerFor(registry, promhttp.HandlerOpts{}))
		group.Go(func() error { return serveHTTP(ctx, l, mux) })
	}
	defer f.heed()()
	fmt.Fprintf(a.errs, "vendgate gateway: %d lines\n", len(f.lines))
	group.Go(func() error { return f.run(ctx) })
	group.Go(func() error { return f.deliver(ctx, a.withStore) })
	return group.Wait()
}

// withGateway runs the gateway of a file inside the service, on its books.
func withGateway(ctx context.Context, a *app, file string, s *store.Store, r prometheus.Registerer) error {
	ours := func(_ context.Context, do func(*store.Store) error) error { return do(s) }
	f, err := a.gateway(ctx, file, ours, r)
	if err != nil {
		return err
	}
	defer f.close()
	defer f.heed()()
	group, ctx := errgroup.WithContext(ctx)
	group.Go(func() error { return f.run(ctx) })
	group.Go(func() error { return f.deliver(ctx, ours) })
	return group.Wait()
}

// gateway is the gateway of a file, with all its lines open. with opens the books.
func (a *app) gateway(ctx context.Context, file string, with openBooks, r prometheus.Registerer) (*gatewayField, error) {
	c, err := a.gatewayConfigured(ctx, file, orBefore(a.dataDir, saying(with), a.serviceLog()))
	if err != nil {
		return nil, err
	}
	return openField(c, a.dataDir, r, a.serviceLog())
}

// gatewayConfigured is the configuration in a file, with what the books and this machine add.
func (a *app) gatewayConfigured(ctx context.Context, file string, books booksOf) (gatewayConfig, error) {
	c, err := configured(ctx, file, books)
	if err == nil {
		c.passwords, err = a.meterPasswords()
	}
	return c, err
}

// serviceLog is the log of what runs for long.
func (a *app) serviceLog() *slog.Logger {
	level := slog.LevelInfo
	if a.verbose {
		level = slog.LevelDebug
	}
	return slog.New(slog.NewTextHandler(a.errs, &slog.HandlerOptions{Level: level}))
}
