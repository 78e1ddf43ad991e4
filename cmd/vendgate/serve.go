package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"os"
	"runtime/debug"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"
	"github.com/prometheus/client_golang/prometheus/promhttp"
	"github.com/spf13/cobra"
	"golang.org/x/sync/errgroup"

	"github.com/vendgate/vendgate/cardio/reader"
	"github.com/vendgate/vendgate/vending"
	"github.com/vendgate/vendgate/vending/counter"
	"github.com/vendgate/vendgate/vending/store"
	"github.com/vendgate/vendgate/vending/store/cluster"
	"github.com/vendgate/vendgate/vending/web"
)

const (
	checkBooksEvery  = time.Minute      // those that have changed
	replayBooksEvery = 24 * time.Hour   // all of them, and at the start
	shutdownTime     = 15 * time.Second // more than the slowest card write
	headerTime       = 10 * time.Second

	// The service holds a few MB and makes as much garbage in a moment. Collected at the usual 100 %, that
	// is a tenth of all that a sale computes here.
	collectAt = 400
)

type serveOptions struct {
	listen, reader string
	terminals      string
	gateway        string
	hosts          []string
	sealEvery      time.Duration
}

func serveCommand(a *app) *cobra.Command {
	var o serveOptions
	c := &cobra.Command{
		Use:   "serve",
		Short: "Run the service: the counter's page, settling of doubts, /healthz and /metrics",
		Args:  noArgs,
		RunE:  func(c *cobra.Command, _ []string) error { return runServe(c.Context(), a, o) },
	}
	c.Flags().StringVar(&o.listen, "listen", "127.0.0.1:8460", "address of the page; it has no login yet, so keep it on this machine")
	c.Flags().StringVar(&o.reader, "card-reader", "", "PC/SC reader by name (default: the only one)")
	c.Flags().StringVar(&o.terminals, "terminals", "", "address at which counter PCs dial in (vendgate terminal), as 0.0.0.0:8461; default: none do")
	c.Flags().StringVar(&o.gateway, "gateway", "", "file with lines and meters to read, as for vendgate gateway; default: none")
	a.newCardFlags(c.Flags())
	c.Flags().StringSliceVar(&o.hosts, "host", nil, "name under which people reach the page, besides localhost")
	c.Flags().DurationVar(&o.sealEvery, "seal-every", 10*time.Minute, "how often the books are sealed; what is older cannot be changed unseen")
	return c
}

func runServe(ctx context.Context, a *app, o serveOptions) error {
	if os.Getenv("GOGC") == "" {
		debug.SetGCPercent(collectAt)
	}
	if a.database == "" {
		unlock, err := cluster.LockService(a.dataDir)
		if err != nil {
			return err
		}
		defer unlock()
	}
	keyed, err := a.withKeys()
	if err != nil {
		return err
	}
	listener, err := net.Listen("tcp", o.listen)
	if err != nil {
		return fmt.Errorf("listen: %w", err)
	}
	defer listener.Close()
	gate, err := a.openGate(o.terminals)
	if err != nil {
		return err
	}
	defer gate.close()
	return a.withStore(ctx, func(s *store.Store) error {
		log := slog.New(slog.NewTextHandler(a.errs, nil))
		registry := prometheus.NewRegistry()
		health := store.NewHealth(s)
		registry.MustRegister(health, collectors.NewGoCollector(),
			collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}))
		by, err := a.who(ctx, s)
		if err != nil {
			return err
		}
		desk := &counter.Desk{Store: s, Now: time.Now, Log: log, Metrics: counter.NewMetrics(registry), By: by}
		hall := &stations{desk: desk, keyed: keyed, log: log}
		hall.local = web.Seat{Station: hall.station(reader.New(o.reader, reader.Options{})), Till: localTill, Reader: o.reader}
		group, ctx := errgroup.WithContext(ctx)
		group.Go(func() error { health.Watch(ctx, checkBooksEvery, replayBooksEvery, log); return nil })
		group.Go(func() error { s.KeepSealing(ctx, o.sealEvery, log); return nil })
		group.Go(func() error { return attend(ctx, hall.local, o.reader, log) })
		if o.gateway != "" {
			group.Go(func() error { return withGateway(ctx, a, o.gateway, s, registry) })
		}
		doors, pages := gate.open(hall, registry)
		if doors != nil {
			group.Go(func() error { return serveHTTP(ctx, gate.listener, doors) })
		}
		if gate.shell != nil {
			group.Go(func() error { return serveHTTP(ctx, gate.shell, gate.lend(hall)) })
		}
		group.Go(func() error {
			return serveHTTP(ctx, listener, routes(s, registry, web.Handler(hall, pages, log, o.hosts...)))
		})
		fmt.Fprintf(a.out, "vendgate serves http://%s/\n", listener.Addr())
		gate.say(a.out)
		return group.Wait()
	})
}

// attend settles what is pending on each card that is put into the reader,
// those that are there at the start included.
func attend(ctx context.Context, station web.Station, readerName string, log *slog.Logger) error {
	events, err := reader.Monitor(ctx)
	if err != nil {
		log.WarnContext(ctx, "cards are not watched", "error", err)
		return nil
	}
	for e := range events {
		if e.Kind != reader.Inserted || readerName != "" && e.Reader != readerName {
			continue
		}
		attendOne(ctx, station, log)
	}
	return nil
}

// attendOne settles what is pending on the card in a station's reader, and then keys it anew where that is wanted.
func attendOne(ctx context.Context, station web.Station, log *slog.Logger) {
	done, err := station.Resume(ctx)
	switch {
	case err == nil:
		log.InfoContext(ctx, "purchase settled", "purchase", done.Purchase.ID, "state", done.Purchase.State)
	case !errors.Is(err, vending.ErrNoPurchase):
		log.InfoContext(ctx, "card not attended", "error", err)
		return
	}
	switch keyed, err := station.Rekey(ctx); {
	case err != nil && !counter.KeepsKeys(err):
		log.WarnContext(ctx, "card not keyed anew", "error", err)
	case keyed.Done():
		log.InfoContext(ctx, "card keyed anew", "was", keyed.Was, "now", keyed.Now)
	}
}

func routes(s *store.Store, registry *prometheus.Registry, pages http.Handler) http.Handler {
	mux := http.NewServeMux()
	mux.Handle("GET /metrics", promhttp.HandlerFor(registry, promhttp.HandlerOpts{}))
	mux.HandleFunc("GET /healthz", func(w http.ResponseWriter, r *http.Request) {
		if err := s.Ping(r.Context()); err != nil {
			http.Error(w, "database down", http.StatusServiceUnavailable)
			return
		}
		fmt.Fprintln(w, "ok")
	})
	mux.Handle("/", pages)
	return mux
}

// serveHTTP serves until ctx ends, and then lets what is going on finish.
func serveHTTP(ctx context.Context, l net.Listener, h http.Handler) error {
	server := &http.Server{Handler: h, ReadHeaderTimeout: headerTime}
	stopped := make(chan error, 1)
	context.AfterFunc(ctx, func() {
		grace, cancel := context.WithTimeout(context.Background(), shutdownTime)
		defer cancel()
		stopped <- server.Shutdown(grace)
	})
	if err := server.Serve(l); !errors.Is(err, http.ErrServerClosed) {
		return err
	}
	return <-stopped
}
