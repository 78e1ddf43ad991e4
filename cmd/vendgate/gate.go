package main

import (
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

// gate is where counter PCs dial in. The zero value takes none.
type gate struct {
	listener  net.Listener
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
	return gate{listener, authority}, nil
}

func (g gate) close() {
	if g.listener != nil {
		_ = g.listener.Close() // closed already by the server that ended well
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
