package main

import (
	"crypto/ed25519"
	"crypto/tls"
	"fmt"
	"io"
	"net"
	"net/http"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/vendgate/vendgate/vending/terminal"
	"github.com/vendgate/vendgate/vending/web"
)

// gate is where counter PCs dial in, and commands of this machine that use their readers. The zero value takes none.
type gate struct {
	listener  net.Listener
	shell     net.Listener // nil where another service has it
	authority *terminal.Authority
}

// openGate listens for terminals; without an address for none.
func (a *app) openGate(address string) (gate, error) {
	if address == "" {
		return gate{}, nil
	}
	authority, err := terminal.OpenAuthority(a.dataDir, time.Now())
	if err != nil {
		return gate{}, err
	}
	config, err := authority.TLS(time.Now())
	if err != nil {
		return gate{}, err
	}
	listener, err := tls.Listen("tcp", address, config)
	if err != nil {
		return gate{}, fmt.Errorf("listen for terminals: %w", err)
	}
	shell, err := terminal.ListenShell(a.dataDir)
	if err != nil {
		a.log().Warn("commands of this machine cannot use the readers of counter PCs", "error", err)
	}
	return gate{listener, shell, authority}, nil
}

func (g gate) close() {
	if g.listener != nil {
		_ = g.listener.Close() // closed already by the server that ended well
	}
	if g.shell != nil {
		_ = g.shell.Close() // the same
	}
}

func (g gate) say(out io.Writer) {
	if g.listener != nil {
		fmt.Fprintf(out, "vendgate takes terminals at wss://%s\n", g.listener.Addr())
	}
}

// open makes the doors of the hall: those through which PCs dial in, and the page that
// shows who has; nil both where no terminals are taken.
func (g gate) open(hall *stations, registry prometheus.Registerer) (doors http.Handler, page web.Terminals) {
	if g.listener == nil {
		return nil, nil
	}
	s := hall.desk.Store
	hall.hub = &terminal.Hub{Register: s, Scripts: g.authority.Scripts, Patience: terminal.Patience,
		Metrics: terminal.NewMetrics(registry), Log: hall.log, Inserted: hall.inserted}
	mux := http.NewServeMux()
	mux.Handle("GET /terminal", hall.hub)
	mux.Handle("POST /enrol", terminal.NewEnrolment(g.authority, s, time.Now, hall.log))
	return mux, letters{hall, g.authority}
}

// lend is what serves commands of this machine.
func (g gate) lend(hall *stations) http.Handler {
	return &terminal.Shell{Reader: hall.reader, Scripts: g.authority.Scripts.Public().(ed25519.PublicKey), Log: hall.log}
}
